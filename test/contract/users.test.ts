import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import {
	createUser,
	createWorkspace,
	deleteUser,
	getUser,
	listMembers,
	listUsers,
	login,
	updateUser,
	verify,
} from '../support/operations.ts'
import { graphql, surfaces } from '../support/surfaces.ts'

const PASSWORD = 'securepassword'

let app: TestApp
let admin: string
let lin: string
beforeAll(async () => {
	app = await bootApp()
	;[admin, lin] = await Promise.all([app.tokenOf('admin'), app.tokenOf('lin')])
})
afterAll(() => app.end())

const idOf = async (username: string) => (await app.prisma.user.findUniqueOrThrow({ where: { username } })).id

describe.each(surfaces)('users over $name', (surface) => {
	const named = (name: string) => `${name}-${surface.name.toLowerCase()}`
	const role = (name: 'admin' | 'user') => (surface.name === 'REST' ? name : name.toUpperCase())
	const create = (input: Record<string, unknown>, token = admin) => surface.ask(app, createUser, { input }, token)
	const update = (userId: number | string, input: Record<string, unknown>, token = admin) =>
		surface.ask(app, updateUser, { userId, input }, token)
	const remove = (userId: number | string, token = admin) => surface.ask(app, deleteUser, { userId }, token)
	const signIn = async (username: string, password = PASSWORD) =>
		(await surface.ask(app, login, { input: { username, password } })).data?.token as string
	const isSignedIn = async (token: string) => (await surface.ask(app, verify, {}, token)).code === undefined

	/** A new user and their token. */
	async function someone(name: string, role: 'admin' | 'user' = 'user') {
		await app.tokenOf(named(name), role)
		return { id: await idOf(named(name)), token: await signIn(named(name), 'password') }
	}

	it('are made by an admin, with the documented fields, and can sign in', async () => {
		const { data, status } = await create({ username: named('new'), password: PASSWORD, role: role('user') })
		expect(data.user).toEqual({
			...{ id: surface.name === 'REST' ? expect.any(Number) : expect.any(String), username: named('new'), role: role('user') },
			...{ createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/), lastLogin: null },
		})
		if (surface.name === 'REST') expect(status).toBe(201)
		expect(await isSignedIn(await signIn(named('new')))).toBe(true)
		const { data: list } = await surface.ask(app, listUsers, { search: named('NEW') }, admin)
		expect(list.users).toMatchObject([{ username: named('new'), lastLogin: expect.any(String) }])
	})

	it('are users unless said otherwise, and no two have one name: 409', async () => {
		const { data } = await create({ username: named('twice'), password: PASSWORD })
		expect(data.user.role).toBe(role('user'))
		expect(await create({ username: named('twice'), password: PASSWORD })).toMatchObject({
			code: 'CONFLICT',
			error: expect.stringContaining(named('twice')),
		})
		expect((await update(data.user.id, { username: 'admin' })).code).toBe('CONFLICT')
	})

	it('have one name, however it is spelled in Unicode', async () => {
		await create({ username: named('Zoe\u0308'), password: PASSWORD })
		expect((await create({ username: named('Zo\u00eb'), password: PASSWORD })).code).toBe('CONFLICT')
		for (const spelling of ['Zoe\u0308', 'Zo\u00eb']) expect(await signIn(named(spelling))).toEqual(expect.any(String))
	})

	it.each([
		[{ password: PASSWORD }, 'BAD_REQUEST'],
		[{ username: 'x' }, 'BAD_REQUEST'],
		[{ username: 'x', password: 42 }, 'BAD_REQUEST'],
		[{ username: 'x', password: PASSWORD, role: 'king' }, 'BAD_REQUEST'],
		[{ username: 'x', password: 'short' }, 'UNPROCESSABLE'],
		[{ username: ' ', password: PASSWORD }, 'UNPROCESSABLE'],
		[{ username: 'a\u0000b', password: PASSWORD }, 'UNPROCESSABLE'],
		[{ username: 'ad\u200bmin', password: PASSWORD }, 'UNPROCESSABLE'],
		[{ username: '\u202enimda', password: PASSWORD }, 'UNPROCESSABLE'],
		[{ username: 'a'.repeat(65), password: PASSWORD }, 'UNPROCESSABLE'],
		[{ username: 'x', password: 'a'.repeat(257) }, 'UNPROCESSABLE'],
	])('are not made of %j: %s', async (input, code) => {
		const before = await app.prisma.user.count()
		expect((await create(input)).code).toBe(code)
		expect(await app.prisma.user.count()).toBe(before)
	})

	it('are listed, made and deleted by admins alone', async () => {
		const { id } = await someone('bystander')
		for (const reply of [
			await surface.ask(app, listUsers, {}, lin),
			await create({ username: named('by-lin'), password: PASSWORD }, lin),
			await update(id, { username: named('renamed') }, lin),
			await update(999_999, { username: named('renamed') }, lin),
			await remove(id, lin),
		])
			expect(reply.code).toBe('FORBIDDEN')
		expect((await surface.ask(app, listUsers, {}, null)).code).toBe('UNAUTHENTICATED')
		expect(await idOf(named('bystander'))).toBe(id)
	})

	it('are read by admins, and by themselves', async () => {
		const { id, token } = await someone('read')
		const read = (userId: number | string, token: string) => surface.ask(app, getUser, { userId }, token)
		for (const reader of [admin, token])
			expect((await read(id, reader)).data.user).toMatchObject({
				username: named('read'),
				role: role('user'),
				lastLogin: expect.any(String),
			})
		expect((await read(id, lin)).code).toBe('FORBIDDEN')
		expect((await read(1, token)).code).toBe('FORBIDDEN')
		expect((await read(999_999, token)).code).toBe('FORBIDDEN')
		expect((await read(999_999, admin)).code).toBe('NOT_FOUND')
	})

	it('change themselves, but not their role', async () => {
		const { id, token } = await someone('self')
		const { data } = await update(id, { username: named('myself') }, token)
		expect(data.user).toMatchObject({ username: named('myself') })
		expect((await surface.ask(app, verify, {}, token)).data.user.username).toBe(named('myself'))
		expect((await update(id, { role: role('admin') }, token)).code).toBe('FORBIDDEN')
		expect((await update(id, { role: role('user') }, token)).code).toBeUndefined()
		expect((await app.prisma.user.findUniqueOrThrow({ where: { id } })).role).toBe('user')
	})

	it.each(['username', 'password', 'role'])('keep their %s when it is cleared: 422', async (field) => {
		expect((await update(await idOf('lin'), { [field]: null })).code).toBe('UNPROCESSABLE')
	})

	it('with a new password lose their other sessions at once, and keep the one that changed it', async () => {
		const { id, token } = await someone('changer')
		const other = await signIn(named('changer'), 'password')
		expect(await isSignedIn(other)).toBe(true)
		expect((await update(id, { password: 'another password' }, token)).code).toBeUndefined()
		expect([await isSignedIn(other), await isSignedIn(token)]).toEqual([false, true])
		expect((await surface.ask(app, login, { input: { username: named('changer'), password: 'password' } })).code).toBe('UNAUTHENTICATED')
		const anew = await signIn(named('changer'), 'another password')
		await update(id, { password: 'set by an admin' })
		expect([await isSignedIn(anew), await isSignedIn(token)]).toEqual([false, false])
	})

	it('with a new role lose all sessions, and have the new rights when they come back', async () => {
		const { id, token } = await someone('riser')
		expect((await update(id, { role: role('admin') })).data.user.role).toBe(role('admin'))
		expect(await isSignedIn(token)).toBe(false)
		expect((await surface.ask(app, listUsers, {}, await signIn(named('riser'), 'password'))).code).toBeUndefined()
		await remove(id)
	})

	it('keep an admin, who is neither demoted nor deleted: 409', async () => {
		const id = await idOf('admin')
		expect((await update(id, { role: role('user') })).code).toBe('CONFLICT')
		expect((await remove(id)).code).toBe('CONFLICT')
		expect(await isSignedIn(admin)).toBe(true)
	})

	it('of whom two admins remove each other at once keep one', async () => {
		const [one, other] = await Promise.all([someone('one', 'admin'), someone('other', 'admin')])
		await app.prisma.user.update({ where: { username: 'admin' }, data: { role: 'user' } })
		try {
			const replies = await Promise.all([remove(other.id, one.token), remove(one.id, other.token)])
			expect(replies.filter(({ code }) => code === undefined).length).toBeLessThanOrEqual(1)
			expect(await app.prisma.user.count({ where: { role: 'admin' } })).toBeGreaterThanOrEqual(1)
		} finally {
			await app.prisma.user.update({ where: { username: 'admin' }, data: { role: 'admin' } })
			await app.prisma.user.deleteMany({ where: { id: { in: [one.id, other.id] } } })
		}
	})

	it('are deleted with their sessions and chats; what only they owned is the admin’s, and the rest stays', async () => {
		const { id, token } = await someone('leaver')
		const slug = named('left-behind')
		await surface.ask(app, createWorkspace, { input: { name: 'Left', slug } }, token)
		const workspace = await app.prisma.workspace.findUniqueOrThrow({ where: { slug } })
		await app.prisma.thread.create({ data: { id: `thread-${slug}`, title: 'x', userId: id, workspaceId: workspace.id } })
		expect((await remove(id)).code).toBeUndefined()
		expect(await isSignedIn(token)).toBe(false)
		expect(await app.prisma.thread.count({ where: { workspaceId: workspace.id } })).toBe(0)
		const { data } = await surface.ask(app, listMembers, { slug }, admin)
		expect(data.members).toMatchObject([{ username: 'admin', role: surface.name === 'REST' ? 'owner' : 'OWNER' }])
		expect((await remove(id)).code).toBe('NOT_FOUND')
		expect((await update(id, { username: 'x' })).code).toBe('NOT_FOUND')
	})

	it.each(['0', '-1', '2147483648', 'abc', '1.5', "1'--"])('of the id %s there are none', async (id) => {
		expect(['NOT_FOUND', 'BAD_REQUEST']).toContain((await remove(id)).code)
	})

	it('come in pages and by role', async () => {
		const { data } = await surface.ask(app, listUsers, { limit: 1, page: 2 }, admin)
		expect(data.users).toHaveLength(1)
		expect(data.pagination).toMatchObject({ page: 2, limit: 1, total: await app.prisma.user.count() })
		const { data: admins } = await surface.ask(app, listUsers, { role: 'ADMIN' }, admin)
		expect(admins.users.map((user: { username: string }) => user.username)).toEqual(['admin'])
	})
})

describe('the connection of users', () => {
	it('goes through all of them once, whoever comes and goes meanwhile', async () => {
		const query = `query ($after: String) { users(first: 2, after: $after, search: "flow") { totalCount nodes: edges { node { username } } pageInfo { hasNextPage endCursor } } }`
		for (const name of ['flow-a', 'flow-b', 'flow-c', 'flow-d', 'flow-e']) await app.tokenOf(name)
		const seen: string[] = []
		let after: string | null = null
		do {
			const { data } = await graphql(app, query, { after }, admin)
			seen.push(...data.nodes.map(({ node }: { node: { username: string } }) => node.username))
			after = data.pageInfo.hasNextPage ? data.pageInfo.endCursor : null
			await app.prisma.user.deleteMany({ where: { username: seen.at(-1) ?? '' } })
		} while (after)
		expect(seen).toEqual(['flow-a', 'flow-b', 'flow-c', 'flow-d', 'flow-e'])
		expect((await graphql(app, query, {}, lin)).code).toBe('FORBIDDEN')
	})
})
