import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import {
	addText,
	createThread,
	createWorkspace,
	deleteThread,
	deleteWorkspace,
	listWorkspaces,
	logout,
	updateUser,
	updateWorkspace,
	verify,
} from '../support/operations.ts'
import { type Operation, type Surface, surfaces } from '../support/surfaces.ts'

const getWorkspace: Operation<{ slug: string }> = {
	rest: ({ slug }) => ({ method: 'GET', path: `/workspaces/${slug}` }),
	graphql: {
		query: `query ($slug: String!) { workspace(slug: $slug) {
			id name mode documents(first: 1000) { edges { node { id filename status } } } threads(first: 1000) { edges { node { id title } } }
		} }`,
		key: 'workspace',
	},
}

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await app.tokenOf('member')
})
afterAll(() => app.end())

describe.each(surfaces)('an answer that is asked for again over $name', (surface) => {
	const ask = async <Args extends Record<string, unknown>>(operation: Operation<Args>, args: Args, token = admin) =>
		surface.ask(app, operation, args, token)
	let count = 0
	async function made(): Promise<string> {
		const slug = `kept-${surface.name.toLowerCase()}-${++count}`
		await ask(createWorkspace, { input: { name: 'First', slug } })
		return slug
	}
	/** Read three times, as what is kept would be. */
	async function read(slug: string, token = admin) {
		for (let time = 0; time < 2; time++) await ask(getWorkspace, { slug }, token)
		return ask(getWorkspace, { slug }, token)
	}
	const listOf = (data: unknown): { id: unknown }[] =>
		Array.isArray(data) ? data : (data as { edges: { node: { id: unknown } }[] }).edges.map(({ node }) => node)

	it('is the same, to the tag', async () => {
		const slug = await made()
		const [first, again] = [await read(slug), await read(slug)]
		expect(again.data).toEqual(first.data)
		expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
		expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
	})

	it('shows each change at once', async () => {
		const slug = await made()
		const names = []
		for (const name of ['Second', 'Third', 'Fourth']) {
			await read(slug)
			await ask(updateWorkspace, { slug, input: { name } })
			names.push((await ask(getWorkspace, { slug })).data.workspace.name)
		}
		expect(names).toEqual(['Second', 'Third', 'Fourth'])
	})

	it('shows what was added and removed below it', async () => {
		const slug = await made()
		const below = async () => {
			const { workspace } = (await read(slug)).data
			return [listOf(workspace.documents).length, listOf(workspace.threads).length]
		}
		expect(await below()).toEqual([0, 0])
		await ask(addText, { slug, input: { title: 'Words', text: 'Some words to keep.' } })
		expect(await below()).toEqual([1, 0])
		const { thread } = (await ask(createThread, { slug, input: {} })).data
		expect(await below()).toEqual([1, 1])
		await ask(deleteThread, { slug, threadId: thread.id })
		expect(await below()).toEqual([1, 0])
	})

	it('becomes that of a document that is processed', async () => {
		const slug = await made()
		await ask(addText, { slug, input: { title: 'Words', text: 'Some more words to keep.' } })
		const statusOf = async () => (await read(slug)).data.workspace.documents
		await expect.poll(async () => JSON.stringify(await statusOf())).toMatch(/processed/i)
	})

	it('shows what was written past the product', async () => {
		const slug = await made()
		await read(slug)
		await app.prisma.workspace.update({ where: { slug }, data: { name: 'By hand' } })
		expect((await ask(getWorkspace, { slug })).data.workspace.name).toBe('By hand')
		await app.prisma.$executeRaw`UPDATE "Workspace" SET name = 'By SQL' WHERE slug = ${slug}`
		expect((await ask(getWorkspace, { slug })).data.workspace.name).toBe('By SQL')
		await app.prisma.$transaction(async (tx) => {
			await tx.workspace.update({ where: { slug }, data: { name: 'In a transaction' } })
			await tx.workspace.findUniqueOrThrow({ where: { slug } })
		})
		expect((await ask(getWorkspace, { slug })).data.workspace.name).toBe('In a transaction')
	})

	it('is for those alone who may see it', async () => {
		const slug = await made()
		const member = await app.tokenOf('member')
		await read(slug)
		expect((await read(slug, member)).code).toBe('NOT_FOUND')
		await app.join('member', slug, 'viewer')
		expect((await read(slug, member)).code).toBeUndefined()
		await app.prisma.member.deleteMany({ where: { workspace: { slug } } })
		expect((await read(slug, member)).code).toBe('NOT_FOUND')
		expect((await read(slug)).code).toBeUndefined()
	})

	it('is none when it is gone, and in no list', async () => {
		const slug = await made()
		await read(slug)
		const slugs = async () => (await ask(listWorkspaces, {})).data.workspaces.map((one: { slug: string }) => one.slug)
		expect(await slugs()).toContain(slug)
		await ask(deleteWorkspace, { slug })
		expect((await read(slug)).code).toBe('NOT_FOUND')
		expect(await slugs()).not.toContain(slug)
	})

	it('ends with the session, and changes with the account', async () => {
		const name = `account-${surface.name.toLowerCase()}`
		const token = await app.tokenOf(name)
		const { id } = (await ask(verify, {}, token)).data.user
		await ask(updateUser, { userId: id, input: { username: `${name}-renamed` } })
		expect((await ask(verify, {}, token)).data.user.username).toBe(`${name}-renamed`)
		await ask(logout, {}, token)
		expect((await ask(verify, {}, token)).code).toBe('UNAUTHENTICATED')
	})

	it('differs with the variables', async () => {
		const [one, other] = [await made(), await made()]
		expect((await read(one)).data.workspace.id).not.toBe((await read(other)).data.workspace.id)
	})
})

/** A write that changes nothing, then a read, and how many statements that asked. */
async function statements(surface: Surface, slug: string, times: number): Promise<number> {
	const token = await app.tokenOf('admin')
	await app.prisma.$executeRaw`UPDATE "Workspace" SET name = name WHERE false`
	const query = vi.spyOn(pg.Client.prototype, 'query')
	for (let time = 0; time < times; time++) await surface.ask(app, getWorkspace, { slug }, token)
	const asked = query.mock.calls.filter(([one]) => String((one as { text?: string }).text ?? one).includes('"Workspace"'))
	query.mockRestore()
	return asked.length
}

describe.each(surfaces)('asking for the same ten times over $name', (surface) => {
	it('costs the statements of once, or of ten times where other processes may write', async () => {
		const [once, often] = [await statements(surface, 'default-workspace', 1), await statements(surface, 'default-workspace', 10)]
		expect(once).toBeGreaterThan(0)
		if (app.place.environment['DATABASE_URL']) expect(often).toBe(10 * once)
		else expect(often).toBeLessThan(3 * once) // a job that is looked for meanwhile is a write
	})
})
