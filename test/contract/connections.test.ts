import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { graphql } from '../support/surfaces.ts'

const slug = 'default-workspace'
const COUNT = 7

/** A row as its list is told apart by. */
type Node = Record<string, string>
interface Connection {
	totalCount: number
	pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
	edges: { cursor: string; node: Node }[]
}

/** A list: how to ask for it, and what it shows of a node. `%s` is where the arguments go. */
interface List {
	name: string
	within: (connection: string) => string
	field: string
	key: string
}
const inWorkspace = (connection: string) => `workspace(slug: "${slug}") { ${connection} }`
const LISTS: List[] = [
	{ name: 'workspaces', within: (connection) => connection, field: 'workspaces', key: 'name' },
	{ name: 'users', within: (connection) => connection, field: 'users', key: 'username' },
	{ name: 'documents of a workspace', within: inWorkspace, field: 'documents', key: 'originalName' },
	{ name: 'members of a workspace', within: inWorkspace, field: 'members', key: 'username' },
	{ name: 'threads of a workspace', within: inWorkspace, field: 'threads', key: 'title' },
	{ name: 'chats of a workspace', within: inWorkspace, field: 'chats', key: 'message' },
	{
		name: 'chats of a thread',
		within: (connection) => inWorkspace(`threads(first: 1) { edges { node { ${connection} } } }`),
		field: 'chats',
		key: 'message',
	},
]

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await fill(app, slug, COUNT)
})
afterAll(() => app.end())

/** The connection wherever it is in the answer. */
async function ask({ within, field, key }: List, args = ''): Promise<Connection> {
	const selection = `{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { ${key} } } }`
	const { data, error } = await graphql(app, `{ ${within(`it: ${field}${args && `(${args})`} ${selection}`)} }`, {}, admin)
	expect(error).toBeNull()
	return 'edges' in data ? data : (data.it ?? data.threads.edges[0].node.it)
}

async function refused({ within, field }: List, args: string) {
	const response = await app.fetch(
		new Request('http://localhost/graphql', {
			method: 'POST',
			headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
			body: JSON.stringify({ query: `{ ${within(`it: ${field}(${args}) { edges { cursor } }`)} }` }),
		}),
	)
	const { errors = [] } = (await response.json()) as { errors?: { message: string; path?: unknown[]; extensions: { code: string } }[] }
	return { code: errors[0]?.extensions.code, message: errors[0]?.message ?? '', at: errors[0]?.path?.at(-1) }
}

const shown = ({ edges }: Connection, { key }: List) => edges.map(({ node }) => node[key])

describe.each(LISTS)('the list of $name', (list) => {
	const page = (args: string) => ask(list, args)

	it('shows all, and says how many there are', async () => {
		const all = await page('first: 100')
		expect(all.edges.length).toBeGreaterThanOrEqual(COUNT)
		expect(all.totalCount).toBe(all.edges.length)
		expect(all.pageInfo).toEqual({
			hasNextPage: false,
			hasPreviousPage: false,
			startCursor: all.edges[0]?.cursor,
			endCursor: all.edges.at(-1)?.cursor,
		})
	})

	it.each([1, 2, 3])('is read forwards and backwards in pages of %i, each thing once', async (size) => {
		const all = shown(await page('first: 100'), list)
		const forwards: unknown[] = []
		for (let after = '', more = true; more; ) {
			const { pageInfo, ...found } = await page(`first: ${size}${after}`)
			expect(pageInfo.hasPreviousPage).toBe(after !== '')
			forwards.push(...shown({ pageInfo, ...found }, list))
			after = `, after: "${pageInfo.endCursor}"`
			more = pageInfo.hasNextPage
		}
		expect(forwards).toEqual(all)
		const backwards: unknown[] = []
		for (let before = '', more = true; more; ) {
			const { pageInfo, ...found } = await page(`last: ${size}${before}`)
			expect(pageInfo.hasNextPage).toBe(before !== '')
			backwards.unshift(...shown({ pageInfo, ...found }, list))
			before = `, before: "${pageInfo.startCursor}"`
			more = pageInfo.hasPreviousPage
		}
		expect(backwards).toEqual(all)
	})

	it('is cut out between two cursors', async () => {
		const all = await page('first: 100')
		const [from, to] = [all.edges[1]?.cursor, all.edges[5]?.cursor]
		expect(shown(await page(`after: "${from}", before: "${to}"`), list)).toEqual(shown(all, list).slice(2, 5))
		expect(shown(await page(`first: 2, after: "${from}", before: "${to}"`), list)).toEqual(shown(all, list).slice(2, 4))
		expect(shown(await page(`last: 2, after: "${from}", before: "${to}"`), list)).toEqual(shown(all, list).slice(3, 5))
	})

	it('may show nothing, and has an end', async () => {
		const none = await page('first: 0')
		expect(none).toMatchObject({ edges: [], pageInfo: { hasNextPage: true, startCursor: null, endCursor: null } })
		const { edges } = await page('last: 1')
		expect((await page(`after: "${edges[0]?.cursor}"`)).edges).toEqual([])
	})

	const own = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
	it.each<[string, string]>([
		['nothing', ''],
		['garbage', 'nonsense'],
		['Prisma’s of old', Buffer.from('GPC:N:1').toString('base64')],
		['no list', own({ createdAt: 1 })],
		['of another list', own(['Nothing.createdAt', 1, 1])],
		['too short', own([`${'?'}`, 1])],
		['a number', own(1)],
		['null', own(null)],
		['control characters', '\\u0001\\u0002'],
		['long', 'A'.repeat(10_000)],
	])('refuses a cursor that is %s: BAD_REQUEST', async (_what, cursor) => {
		for (const at of ['after', 'before'])
			expect(await refused(list, `${at}: "${cursor}"`)).toMatchObject({
				code: 'BAD_REQUEST',
				at: 'it',
				message: expect.stringContaining(at),
			})
	})

	it('refuses a cursor of its own whose values are none', async () => {
		const { edges } = await page('first: 1')
		const [name, ...values] = JSON.parse(Buffer.from(edges[0]?.cursor ?? '', 'base64url').toString()) as unknown[]
		const spoilt = [1.5, -1, 1e300, 8.64e15, 'text', '\0', '\ud800', null, true, {}, [], { contains: '' }]
		for (const [index, value] of values.entries()) {
			for (const wrong of spoilt) {
				if (typeof value === 'string' && wrong === 'text') continue
				const { code } = await refused(list, `after: "${own([name, ...values.with(index, wrong)])}"`)
				expect(code, JSON.stringify(wrong)).toBe('BAD_REQUEST')
			}
		}
		for (const wrong of [[name], [name, ...values, 1], ['x', ...values]])
			expect((await refused(list, `after: "${own(wrong)}"`)).code).toBe('BAD_REQUEST')
	})

	it.each(['first: -1', 'last: -1', 'first: 1001', 'last: 1001', 'first: 1, last: 1', 'first: 2147483647'])(
		'refuses %s: UNPROCESSABLE',
		async (args) => expect(await refused(list, args)).toMatchObject({ code: 'UNPROCESSABLE', at: 'it' }),
	)

	it('takes a thousand', async () => {
		expect((await page('last: 1000')).edges.length).toBeGreaterThanOrEqual(COUNT)
	})
})

describe('a cursor', () => {
	const documents = LISTS[2] as List

	it('stays good when the row that it names is gone, and others come before and behind it', async () => {
		const [workspace, ...others] = ['cursors', 'other']
		await app.services.workspaces.create({ id: 1, username: 'admin', role: 'admin', sessionId: '' }, { name: workspace ?? '' })
		await fill(app, 'cursors', COUNT)
		const list = { ...documents, within: (connection: string) => `workspace(slug: "cursors") { ${connection} }` }
		const before = await ask(list, 'first: 3')
		const cursor = before.edges[2]?.cursor
		const rest = shown(await ask(list, `first: 100, after: "${cursor}"`), list)
		expect(rest).toHaveLength(COUNT - 3)
		await app.prisma.document.deleteMany({
			where: { workspace: { slug: 'cursors' }, originalName: before.edges[2]?.node['originalName'] ?? '' },
		})
		expect(shown(await ask(list, `first: 100, after: "${cursor}"`), list)).toEqual(rest)
		await addDocument('cursors', 'earlier.txt', new Date(0))
		await addDocument('cursors', 'later.txt', new Date())
		expect(shown(await ask(list, `first: 100, after: "${cursor}"`), list)).toEqual([...rest, 'later.txt'])
		expect(shown(await ask(list, `last: 100, before: "${cursor}"`), list)).toEqual(['earlier.txt', ...shown(before, list).slice(0, 2)])
		expect(others).toHaveLength(1)
	})

	it('is good in both directions of its order, and in no other order', async () => {
		const { edges } = await ask(documents, 'first: 4, orderBy: { field: NAME }')
		const cursor = edges[3]?.cursor
		const backwards = await ask(documents, `after: "${cursor}", orderBy: { field: NAME, direction: DESC }`)
		expect(shown(backwards, documents)).toEqual(shown({ ...backwards, edges: edges.slice(0, 3).reverse() }, documents))
		for (const order of ['', ', orderBy: { field: SIZE }', ', orderBy: { field: CREATED_AT }'])
			expect((await refused(documents, `after: "${cursor}"${order}`)).code).toBe('BAD_REQUEST')
	})

	it('is held as text, and holds any name', async () => {
		const name = '报告 "%_\\ 👩‍💻.txt'
		await addDocument(slug, name, new Date(Date.UTC(2024, 1, 1)))
		const { edges } = await ask(documents, `search: "👩", orderBy: { field: NAME }`)
		expect(edges.map(({ node }) => node['originalName'])).toEqual([name])
		const behind = await ask(documents, `before: "${edges[0]?.cursor}", orderBy: { field: NAME }`)
		expect(behind.edges).toHaveLength(COUNT)
		await app.prisma.document.deleteMany({ where: { originalName: name } })
	})
})

describe('an order', () => {
	const documents = LISTS[2] as List
	it.each<[string, (a: number, b: number) => number]>([
		['field: CREATED_AT', (a, b) => a - b],
		['field: CREATED_AT, direction: DESC', (a, b) => b - a],
		['field: NAME', (a, b) => a - b],
		['field: NAME, direction: DESC', (a, b) => b - a],
		['field: SIZE', (a, b) => (a % 2) - (b % 2) || a - b],
		['field: SIZE, direction: DESC', (a, b) => (b % 2) - (a % 2) || b - a],
	])('by %s holds from page to page, also among equals', async (order, compare) => {
		const expected = Array.from({ length: COUNT }, (_, index) => index)
			.sort(compare)
			.map((index) => `document ${index}.txt`)
		const names: unknown[] = []
		for (let after = '', more = true; more; ) {
			const found = await ask(documents, `first: 2, orderBy: { ${order} }${after}`)
			names.push(...shown(found, documents))
			after = `, after: "${found.pageInfo.endCursor}"`
			more = found.pageInfo.hasNextPage
		}
		expect(names).toEqual(expected)
	})

	it.each([
		['field: USERNAME', ['admin', 'member 0', 'member 1', 'member 2', 'member 3', 'member 4', 'member 5', 'member 6']],
		['field: USERNAME, direction: DESC', ['member 6', 'member 5', 'member 4', 'member 3', 'member 2', 'member 1', 'member 0', 'admin']],
	])('of members by %s holds from page to page, whatever else is asked for', async (order, expected) => {
		const names: unknown[] = []
		for (let after = '', more = true; more; ) {
			const query = `{ workspace(slug: "${slug}") { members(first: 3, orderBy: { ${order} }${after}) { pageInfo { hasNextPage endCursor } edges { node { userId } } } } }`
			const { data, error } = await graphql(app, query, {}, admin)
			expect(error).toBeNull()
			names.push(...data.members.edges.map(({ node }: { node: Node }) => node['userId']))
			after = `, after: "${data.members.pageInfo.endCursor}"`
			more = data.members.pageInfo.hasNextPage
		}
		const users = await app.prisma.user.findMany({ where: { id: { in: names.map(Number) } } })
		const nameOf = new Map(users.map(({ id, username }) => [String(id), username]))
		expect(names.map((id) => nameOf.get(String(id)))).toEqual(expected)
	})

	it('by the time of the last change shows the busiest thread first', async () => {
		const threads = LISTS[4] as List
		await app.prisma.thread.updateMany({ where: { title: 'thread 3' }, data: { updatedAt: new Date(Date.UTC(2030, 0)) } })
		expect(shown(await ask(threads, 'first: 1, orderBy: { field: UPDATED_AT, direction: DESC }'), threads)).toEqual(['thread 3'])
	})
})

describe('a filter', () => {
	const [workspaces, users, documents, members, threads, chats] = LISTS as [List, List, List, List, List, List]
	it.each<[string, List, string, string[]]>([
		['documents by a part of a name', documents, 'search: "MENT 3"', ['document 3.txt']],
		['documents by status', documents, 'status: FAILED', ['document 1.txt', 'document 3.txt', 'document 5.txt']],
		['documents by several', documents, 'status: [FAILED, PARSING], search: "3"', ['document 3.txt']],
		['documents by no status', documents, 'status: []', []],
		[
			'documents by time',
			documents,
			'createdSince: "2024-01-01T00:00:01.000Z", createdBefore: "2024-01-01T00:00:03.000Z"',
			['document 1.txt', 'document 2.txt'],
		],
		['documents by time elsewhere', documents, 'createdSince: "2024-01-01T08:00:05+08:00", first: 1', ['document 5.txt']],
		['users by role', users, 'role: ADMIN', ['admin']],
		['users by name, backwards', users, 'search: "member", last: 2, orderBy: { field: USERNAME }', ['member 5', 'member 6']],
		['members by name', members, 'search: "BER 2"', ['member 2']],
		['members by role', members, 'role: OWNER', ['admin']],
		['threads by title', threads, 'search: "thread 2"', ['thread 2']],
		['threads by time', threads, 'createdBefore: "2024-01-01T00:00:01Z"', ['thread 0']],
		['chats by question', chats, 'search: "question 4"', ['question 4']],
		['chats by answer', chats, 'search: "ANSWER 4"', ['question 4']],
		['chats of a thread', chats, 'threadId: "thread-3"', ['question in thread 3']],
		['chats of no thread', chats, 'threadId: "thread-none"', []],
		['the newest chats', chats, 'first: 2, orderBy: { field: CREATED_AT, direction: DESC }', ['question 6', 'question 5']],
		['workspaces by slug', workspaces, 'search: "default-"', ['默认工作空间']],
	])('finds %s', async (_what, list, args, names) => {
		const found = await ask(list, args)
		expect(shown(found, list)).toEqual(names)
		if (!args.includes('first') && !args.includes('last')) expect(found.totalCount).toBe(names.length)
	})

	it.each([
		'"yesterday"',
		'"2024"',
		'"2024-13-01T00:00:00Z"',
		'"0000-01-01T00:00:00Z"',
		'"+275760-01-01T00:00:00Z"',
		'"9999-12-31T23:59:59-23:00"',
		'"0001-01-01T00:00:00+12:00"',
		'7',
		'{}',
		'true',
	])('refuses %s as a time: BAD_REQUEST', async (time) => {
		const query = `{ users(createdSince: ${time}) { totalCount } }`
		expect((await graphql(app, query, {}, admin)).code).toBe('BAD_REQUEST')
	})

	it.each(['"\\u0000"', `"${'x'.repeat(201)}"`])('refuses to look for %s: UNPROCESSABLE', async (search) => {
		for (const list of LISTS) expect((await refused(list, `search: ${search}`)).code).toBe('UNPROCESSABLE')
	})

	it('takes null for nothing', async () => {
		const args = 'search: null, status: null, createdSince: null, createdBefore: null, orderBy: null, first: null, after: null'
		expect((await ask(documents, args)).totalCount).toBe(COUNT)
	})
})

describe('the chats and threads of a workspace', () => {
	it('are one’s own, or all where one manages it', async () => {
		const query = `{ workspace(slug: "${slug}") { chats { totalCount edges { node { id } } } threads { totalCount edges { node { id } } } } }`
		const { data: all } = await graphql(app, query, {}, admin)
		expect([all.chats.totalCount, all.threads.totalCount]).toEqual([COUNT * 2 - 1, COUNT])
		const token = await app.tokenOf('viewer')
		await app.join('viewer', slug, 'viewer')
		const { data: own } = await graphql(app, query, {}, token)
		expect(own).toEqual({ chats: { totalCount: 0, edges: [] }, threads: { totalCount: 0, edges: [] } })
	})
})

describe('a thread by its id', () => {
	const query = '{ thread(id: "thread-0") { title workspace { slug } chats { totalCount edges { node { mode thread { id } } } } } }'

	it('shows its chats', async () => {
		const { data } = await graphql(app, query, {}, admin)
		expect(data).toMatchObject({ title: 'thread 0', workspace: { slug }, chats: { totalCount: COUNT } })
		expect(data.chats.edges[0]).toEqual({ node: { mode: 'CHAT', thread: { id: 'thread-0' } } })
	})

	it.each([
		['another’s, unless one manages the workspace', 'viewer' as const, 'NOT_FOUND'],
		['of a workspace that one is no member of', null, 'NOT_FOUND'],
		['another’s, where one manages the workspace', 'owner' as const, undefined],
	])('%s', async (_whose, role, code) => {
		const name = `thread ${role ?? 'stranger'}`
		const token = await app.tokenOf(name)
		if (role) await app.join(name, slug, role)
		expect((await graphql(app, query, {}, token)).code).toBe(code)
		await app.prisma.user.delete({ where: { username: name } })
	})

	it('that is none is not found', async () => {
		expect((await graphql(app, '{ thread(id: "thread-none") { id } }', {}, admin)).code).toBe('NOT_FOUND')
		expect((await graphql(app, '{ thread(id: "7") { id } }', {}, admin)).code).toBe('BAD_REQUEST')
	})
})

/** Documents, members, threads and chats in a workspace, and as many other workspaces and users. */
async function fill({ prisma }: TestApp, slug: string, count: number): Promise<void> {
	const { id: workspaceId } = await prisma.workspace.findUniqueOrThrow({ where: { slug } })
	const numbers = Array.from({ length: count }, (_, index) => index)
	const createdAt = (index: number) => new Date(Date.UTC(2024, 0, 1) + index * 1_000)
	for (const index of numbers) await addDocument(slug, `document ${index}.txt`, createdAt(index), index)
	if (slug !== 'default-workspace') return
	await prisma.workspace.createMany({ data: numbers.map((index) => ({ slug: `workspace-${index}`, name: `workspace ${index}` })) })
	const users = await prisma.user.createManyAndReturn({
		data: numbers.map((index) => ({ username: `member ${index}`, passwordHash: '' })),
	})
	await prisma.member.createMany({ data: users.map(({ id: userId }) => ({ workspaceId, userId, role: 'viewer' as const })) })
	for (const index of numbers) {
		const thread = { id: `thread-${index}`, workspaceId, userId: 1, title: `thread ${index}`, createdAt: createdAt(index) }
		await prisma.thread.create({ data: thread })
		for (const chat of index === 0 ? numbers : [0]) {
			const runId = `run-${index}-${chat}`
			const asked = { workspaceId, threadId: thread.id, message: `question ${index === 0 ? chat : `in ${thread.title}`}` }
			await prisma.run.create({ data: { ...asked, id: runId, userId: 1, mode: 'chat', provider: '', model: '', status: 'completed' } })
			const answer = { response: index === 0 ? `answer ${chat}` : '', sources: [], citations: [] }
			await prisma.chat.create({ data: { ...asked, ...answer, runId, createdAt: createdAt(index === 0 ? chat : -count + index) } })
		}
	}
}

async function addDocument(slug: string, originalName: string, createdAt: Date, index = 99): Promise<void> {
	const { id: workspaceId } = await app.prisma.workspace.findUniqueOrThrow({ where: { slug } })
	await app.prisma.document.create({
		data: {
			workspaceId,
			originalName,
			filename: `file-${index}-${createdAt.getTime()}.txt`,
			mimeType: 'text/plain',
			format: 'text',
			size: index % 2,
			hash: `hash ${originalName}`,
			storageKey: `key ${originalName}`,
			status: index % 2 ? 'failed' : 'processed',
			createdAt,
		},
	})
}
