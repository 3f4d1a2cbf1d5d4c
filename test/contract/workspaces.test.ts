import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createWorkspace, deleteWorkspace, listWorkspaces, updateWorkspace } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

let app: TestApp
let admin: string
let lin: string
let mei: string
beforeAll(async () => {
	app = await bootApp()
	;[admin, lin, mei] = await Promise.all([app.tokenOf('admin'), app.tokenOf('lin'), app.tokenOf('mei')])
})
afterAll(() => app.end())

describe.each(surfaces)('creating a workspace over $name', (surface) => {
	const create = (input: Record<string, unknown>, token = lin) => surface.ask(app, createWorkspace, { input }, token)

	it('makes the slug of a Chinese name from its sounds, and the caller its owner', async () => {
		const { data, code } = await create({ name: `我的工作空间 ${surface.name}`, description: '工作空间描述' })
		expect(code).toBeUndefined()
		expect(data.workspace).toMatchObject({ name: `我的工作空间 ${surface.name}`, description: '工作空间描述' })
		expect(data.workspace.slug).toBe(`wo-de-gong-zuo-kong-jian-${surface.name.toLowerCase()}`)
		expect(
			await app.prisma.member.count({ where: { workspace: { slug: data.workspace.slug }, user: { username: 'lin' }, role: 'owner' } }),
		).toBe(1)
	})

	it('gives a name without letters the slug workspace-<id>', async () => {
		const { data } = await create({ name: '!!!' })
		expect(data.workspace.slug).toBe(`workspace-${data.workspace.id}`)
	})

	it('answers 409 CONFLICT when the slug is taken, and changes nothing', async () => {
		const slug = `taken-${surface.name.toLowerCase()}`
		expect((await create({ name: 'First', slug })).code).toBeUndefined()
		const count = await app.prisma.workspace.count()
		expect(await create({ name: 'Second', slug })).toMatchObject({ code: 'CONFLICT', error: expect.stringContaining(slug) })
		expect(await app.prisma.workspace.count()).toBe(count)
	})

	it.each([
		[{ name: 42 }, 'BAD_REQUEST'],
		[{}, 'BAD_REQUEST'],
		[{ name: 'a', nope: 1 }, 'BAD_REQUEST'],
		[{ name: 'a', mode: 'loud' }, 'BAD_REQUEST'],
		[{ name: '' }, 'UNPROCESSABLE'],
		[{ name: '   ' }, 'UNPROCESSABLE'],
		[{ name: 'a\u0000b' }, 'UNPROCESSABLE'],
		[{ name: 'a'.repeat(101) }, 'UNPROCESSABLE'],
		[{ name: 'a', slug: 'Not A Slug' }, 'UNPROCESSABLE'],
	])('refuses %j with %s', async (input, code) => {
		expect((await create(input)).code).toBe(code)
	})
})

describe.each(surfaces)('who may do what to a workspace over $name', (surface) => {
	const slug = `shared-${surface.name.toLowerCase()}`
	beforeAll(async () => {
		await surface.ask(app, createWorkspace, { input: { name: 'Shared', slug, description: 'before' } }, lin)
		await app.tokenOf('viewer')
		await app.tokenOf('editor')
		await app.join('viewer', slug, 'viewer')
		await app.join('editor', slug, 'editor')
	})

	it('is not to be seen by strangers: 404, as for one that is not there', async () => {
		for (const missing of [slug, 'never-was']) {
			expect((await surface.ask(app, updateWorkspace, { slug: missing, input: { name: 'x' } }, mei)).code).toBe('NOT_FOUND')
			expect((await surface.ask(app, deleteWorkspace, { slug: missing }, mei)).code).toBe('NOT_FOUND')
		}
		const { data } = await surface.ask(app, listWorkspaces, {}, mei)
		expect(data.workspaces).toEqual([])
	})

	it('is seen by members and admins, changed by editors, deleted by owners', async () => {
		const [viewer, editor] = await Promise.all([app.tokenOf('viewer'), app.tokenOf('editor')])
		const seen = await Promise.all([viewer, editor, admin].map((token) => surface.ask(app, listWorkspaces, { search: 'SHARED' }, token)))
		for (const { data } of seen) expect(data.workspaces.map((one: { slug: string }) => one.slug)).toContain(slug)
		expect((await surface.ask(app, updateWorkspace, { slug, input: { name: 'x' } }, viewer)).code).toBe('FORBIDDEN')
		expect((await surface.ask(app, deleteWorkspace, { slug }, editor)).code).toBe('FORBIDDEN')
		const { data } = await surface.ask(app, updateWorkspace, { slug, input: { name: '更新的工作空间名称' } }, editor)
		expect(data.workspace).toMatchObject({ name: '更新的工作空间名称', description: 'before', slug })
	})

	it('clears what is null, leaves what is absent, and refuses to clear a name', async () => {
		const clear = await surface.ask(app, updateWorkspace, { slug, input: { description: null } }, lin)
		expect(clear.data.workspace.description).toBeNull()
		expect((await surface.ask(app, updateWorkspace, { slug, input: { name: null } }, lin)).code).toBe('UNPROCESSABLE')
	})

	it('is gone when its owner deleted it', async () => {
		expect((await surface.ask(app, deleteWorkspace, { slug }, lin)).code).toBeUndefined()
		expect((await surface.ask(app, deleteWorkspace, { slug }, lin)).code).toBe('NOT_FOUND')
	})
})

describe('a workspace over REST', () => {
	it('has the form of the reference', async () => {
		const created = await rest(app, 'POST', '/workspaces', { name: 'Form', slug: 'form' }, lin)
		expect(created.status).toBe(201)
		expect(created.headers.get('location')).toBe('/api/workspaces/form')
		const { data, status } = await rest(app, 'GET', '/workspaces/form', undefined, lin)
		expect(status).toBe(200)
		expect(Object.keys(data.workspace)).toEqual([
			'id',
			'name',
			'slug',
			'description',
			'mode',
			'chunkTokens',
			'chunkOverlap',
			'threshold',
			'topN',
			'denseWeight',
			'rerank',
			'createdAt',
			'updatedAt',
			'documents',
			'threads',
		])
		expect(data.workspace).toMatchObject({ id: expect.any(Number), mode: 'chat', documents: [], threads: [] })
		expect(data.workspace.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
		expect((await rest(app, 'DELETE', '/workspaces/form', undefined, lin)).data).toEqual({})
	})

	it('is found as default-workspace after the first start', async () => {
		const { data } = await rest(app, 'GET', '/workspaces', undefined, admin)
		expect(data.workspaces[0]).toMatchObject({ id: 1, name: '默认工作空间', slug: 'default-workspace' })
	})
})
