import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { addMember, createWorkspace, getMember, listMembers, listWorkspaces, removeMember, updateMember } from '../support/operations.ts'
import { graphql, surfaces } from '../support/surfaces.ts'

let app: TestApp
let owner: string
let ids: Record<'owner' | 'viewer' | 'editor' | 'stranger' | 'second', number>
let tokens: Record<keyof typeof ids, string>
const names = ['owner', 'viewer', 'editor', 'stranger', 'second'] as const
beforeAll(async () => {
	app = await bootApp()
	const entries = await Promise.all(names.map(async (name) => [name, await app.tokenOf(name)] as const))
	tokens = Object.fromEntries(entries) as typeof tokens
	owner = tokens.owner
	const users = await app.prisma.user.findMany({ where: { username: { in: [...names] } } })
	ids = Object.fromEntries(users.map(({ username, id }) => [username, id])) as typeof ids
})
afterAll(() => app.end())

describe.each(surfaces)('members over $name', (surface) => {
	const role = (name: 'owner' | 'editor' | 'viewer') => (surface.name === 'REST' ? name : name.toUpperCase())
	let slug = ''
	let count = 0
	beforeEach(async () => {
		slug = `shared-${surface.name.toLowerCase()}-${++count}`
		await surface.ask(app, createWorkspace, { input: { name: 'Shared', slug } }, owner)
		await app.join('viewer', slug, 'viewer')
		await app.join('editor', slug, 'editor')
	})
	const list = (token = owner) => surface.ask(app, listMembers, { slug }, token)
	const add = (input: Record<string, unknown>, token = owner) => surface.ask(app, addMember, { slug, input }, token)
	const update = (userId: number | string, name: 'owner' | 'editor' | 'viewer', token = owner) =>
		surface.ask(app, updateMember, { slug, userId, input: { role: role(name) } }, token)
	const remove = (userId: number | string, token = owner) => surface.ask(app, removeMember, { slug, userId }, token)
	const known = async () => (await list()).data.members.map(({ username, role }: Record<string, string>) => `${username} ${role}`)

	it('are seen one by one, by members', async () => {
		const read = (userId: number, token: string) => surface.ask(app, getMember, { slug, userId }, token)
		expect((await read(ids.editor, tokens.viewer)).data.member).toMatchObject({ username: 'editor', role: role('editor') })
		expect((await read(ids.stranger, tokens.viewer)).code).toBe('NOT_FOUND')
		expect((await read(ids.editor, tokens.stranger)).code).toBe('NOT_FOUND')
	})

	it('are seen by members, in the order in which they came, and by nobody else', async () => {
		const { data } = await list(tokens.viewer)
		expect(data.members[0]).toEqual({
			userId: surface.name === 'REST' ? ids.owner : String(ids.owner),
			...{ username: 'owner', role: role('owner'), createdAt: expect.stringMatching(/Z$/) },
		})
		expect(data.members.map(({ username }: { username: string }) => username)).toEqual(['owner', 'viewer', 'editor'])
		expect((await list(tokens.stranger)).code).toBe('NOT_FOUND')
	})

	it('are added by name or number, and see the workspace from then on', async () => {
		expect((await add({ username: 'stranger', role: role('viewer') })).data.member).toMatchObject({
			username: 'stranger',
			role: role('viewer'),
		})
		const { data } = await surface.ask(app, listWorkspaces, { search: slug }, tokens.stranger)
		expect(data.workspaces).toHaveLength(1)
		expect((await add({ userId: ids.second, role: role('editor') })).code).toBeUndefined()
		expect((await add({ username: 'stranger', role: role('owner') })).code).toBe('CONFLICT')
		expect(await known()).toContain(`stranger ${role('viewer')}`)
	})

	it('are changed by owners and admins alone', async () => {
		for (const token of [tokens.viewer, tokens.editor]) {
			expect((await add({ username: 'stranger', role: role('viewer') }, token)).code).toBe('FORBIDDEN')
			expect((await update(ids.viewer, 'owner', token)).code).toBe('FORBIDDEN')
			expect((await remove(ids.owner, token)).code).toBe('FORBIDDEN')
		}
		expect((await add({ username: 'stranger', role: role('viewer') }, tokens.stranger)).code).toBe('NOT_FOUND')
		expect((await update(ids.viewer, 'editor', await app.tokenOf('admin'))).data.member.role).toBe(role('editor'))
	})

	it('may leave by themselves', async () => {
		expect((await remove(ids.viewer, tokens.viewer)).code).toBeUndefined()
		expect((await list(tokens.viewer)).code).toBe('NOT_FOUND')
	})

	it('keep an owner, who neither leaves nor is changed: 409', async () => {
		expect((await remove(ids.owner)).code).toBe('CONFLICT')
		expect((await update(ids.owner, 'editor')).code).toBe('CONFLICT')
		expect((await update(ids.owner, 'owner')).code).toBeUndefined()
		await add({ username: 'second', role: role('owner') })
		const replies = await Promise.all([remove(ids.owner, tokens.second), remove(ids.second, tokens.owner)])
		expect(replies.filter(({ code }) => code === undefined)).toHaveLength(1)
		expect(await app.prisma.member.count({ where: { workspace: { slug }, role: 'owner' } })).toBe(1)
	})

	it.each([
		[{ role: 'VIEWER' }, 'UNPROCESSABLE'],
		[{ role: 'VIEWER', userId: 1, username: 'admin' }, 'UNPROCESSABLE'],
		[{ role: 'VIEWER', username: 'nobody' }, 'NOT_FOUND'],
		[{ role: 'VIEWER', userId: 99_999 }, 'NOT_FOUND'],
		[{ role: 'KING', username: 'stranger' }, 'BAD_REQUEST'],
		[{ username: 'stranger' }, 'BAD_REQUEST'],
		[{ role: 'VIEWER', username: 42 }, 'BAD_REQUEST'],
	])('are not made of %j: %s', async ({ role: name, ...input }: { role?: string } & Record<string, unknown>, code) => {
		const before = await known()
		const spelt = name && (surface.name === 'REST' ? name.toLowerCase() : name)
		expect((await add({ ...input, ...(spelt && { role: spelt }) })).code).toBe(code)
		expect(await known()).toEqual(before)
	})

	it('that are none cannot be changed: 404', async () => {
		expect((await update(ids.stranger, 'viewer')).code).toBe('NOT_FOUND')
		expect((await remove(ids.stranger)).code).toBe('NOT_FOUND')
	})

	it('are a connection of their workspace too', async () => {
		const query = `query ($slug: String!, $after: String) { workspace(slug: $slug) { members(first: 2, after: $after) { totalCount edges { node { username role } } pageInfo { hasNextPage endCursor } } } }`
		const first = (await graphql(app, query, { slug }, owner)).data.members
		expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } })
		const rest = (await graphql(app, query, { slug, after: first.pageInfo.endCursor }, owner)).data.members
		expect([...first.edges, ...rest.edges].map(({ node }) => node.username)).toEqual(['owner', 'viewer', 'editor'])
	})
})
