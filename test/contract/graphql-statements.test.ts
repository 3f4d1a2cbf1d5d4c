import {
	type GraphQLField,
	type GraphQLObjectType,
	getNamedType,
	getNullableType,
	isInterfaceType,
	isListType,
	isObjectType,
	isRequiredArgument,
} from 'graphql'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { schema } from '../../schema/index.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { graphql, rest } from '../support/surfaces.ts'

/** What many rows are compared with. */
const FEW = 2
const MANY = 50

let few: TestApp
let many: TestApp
beforeAll(async () => {
	;[few, many] = await Promise.all([filled(FEW), filled(MANY)])
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => Promise.all([few.end(), many.end()]))

const slug = 'workspace-1'
const CHATS = 'chats { totalCount edges { node { message workspace { slug } } } }'
const DOCUMENTS = 'documents { totalCount edges { node { originalName workspace { slug } } } }'
const MEMBERS = 'members { totalCount edges { node { username } } }'
const THREADS = `threads { totalCount edges { node { title ${CHATS} } } }`
const ALL = `${DOCUMENTS} ${MEMBERS} ${THREADS} ${CHATS}`

/** What the root fields require. */
const ARGUMENTS: Readonly<Record<string, string>> = {
	user: 'userId: 1',
	workspacePage: 'limit: 20',
	workspace: `slug: "${slug}"`,
	thread: 'id: "thread-3-0"',
	workspaceThread: `slug: "${slug}", threadId: "thread-3-0"`,
	threadPage: `slug: "${slug}", limit: 5`,
	run: 'runId: "run-3-0"',
	workspaceRun: `slug: "${slug}", runId: "run-3-0"`,
	chatHistory: `slug: "${slug}", limit: 20`,
	document: 'id: 1',
	workspaceDocument: `slug: "${slug}", documentId: 3`,
	documentPage: `slug: "${slug}"`,
	documentFile: `slug: "${slug}", documentId: 3`,
	documentChunks: `slug: "${slug}", documentId: 3`,
	documentChunkPage: `slug: "${slug}", documentId: 3`,
	memberPage: `slug: "${slug}"`,
	workspaceMember: `slug: "${slug}", userId: 2`,
	search: `slug: "${slug}", query: "x"`,
	searchAll: 'query: "x"',
}
/** The text of a document comes from its file, not from a row. */
const ROOTS = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ name }) => name !== 'documentText')

/** A field with all that is below it; of a type that is above already, its name. */
function everythingOf(
	{ name, args, type }: GraphQLField<unknown, unknown>,
	asked = new Set<string>(),
	above: readonly GraphQLObjectType[] = [],
): string {
	const given = above.length === 0 ? ARGUMENTS[name] : undefined
	if (args.some(isRequiredArgument) && !given) throw new Error(`what does ${name} require?`)
	const called = given ? `${name}(${given})` : name
	const named = getNamedType(type)
	if (isInterfaceType(named)) throw new Error(`${name}: a list of an interface`)
	if (!isObjectType(named)) return called
	if (above.includes(named)) return `${called} { __typename }`
	const inner = Object.values(named.getFields()).map((field) => {
		asked.add(`${named}.${field.name}`)
		return everythingOf(field, asked, [...above, named])
	})
	return `${called} { ${inner.join(' ')} }`
}

/** The fields of the types that are shown many at a time, in a list or below one. */
function repeated(): Set<string> {
	const found = new Set<string>()
	const seen = new Set<string>()
	const visit = (type: GraphQLObjectType, isRepeated: boolean) => {
		if (seen.has(`${type} ${isRepeated}`)) return
		seen.add(`${type} ${isRepeated}`)
		for (const field of Object.values(type.getFields())) {
			if (isRepeated) found.add(`${type}.${field.name}`)
			const named = getNamedType(field.type)
			if (isObjectType(named)) visit(named, isRepeated || isListType(getNullableType(field.type)))
		}
	}
	for (const { type } of ROOTS) {
		const named = getNamedType(type)
		if (isObjectType(named)) visit(named, false)
	}
	return found
}

describe('the statements that a GraphQL document costs do not grow with its rows', () => {
	it.each<[string, string, number]>([
		['a list of workspaces', '{ workspaces(first: 100) { totalCount edges { node { slug } } } }', 2],
		['a list without its number', '{ workspaces(first: 100) { edges { node { slug } } } }', 1],
		['a number without its list', '{ workspaces { totalCount } }', 1],
		['users', '{ users(first: 100) { totalCount edges { node { username } } } }', 2],
		['a whole workspace', `{ workspace(slug: "${slug}") { ${ALL} } }`, 1],
		['all of all workspaces', `{ workspaces(first: 100) { edges { node { slug ${ALL} } } } }`, 1],
		[
			'a list of each workspace, twice with other arguments',
			'{ workspaces(first: 100) { edges { node { a: documents(first: 1) { totalCount edges { node { size } } } b: documents(status: FAILED) { totalCount } c: documents(last: 1) { edges { node { size } } } } } } }',
			3,
		],
		[
			'each list’s own workspaces',
			`{ workspaces(first: 60) { edges { node { documents { edges { node { workspace { ${MEMBERS} documents { totalCount } } } } } } } } }`,
			1,
		],
		[
			'a numbered page of workspaces with all of theirs',
			`{ workspacePage(limit: 60) { workspaces { slug ${ALL} } pagination { total } } }`,
			3,
		],
		[
			'a numbered page of documents',
			`{ documentPage(slug: "${slug}", limit: 100) { documents { size workspace { slug ${MEMBERS} } } pagination { total } } }`,
			4,
		],
		['a numbered page of members', `{ memberPage(slug: "${slug}") { members { username } pagination { total } } }`, 3],
		['a numbered page of users', '{ userPage { users { username } pagination { total } } }', 2],
		['the newest chats', `{ chatHistory(slug: "${slug}") { chats { message workspace { slug ${DOCUMENTS} } } } }`, 3],
		['one document of several workspaces', '{ a: document(id: 1) { workspace { slug } } b: document(id: 2) { workspace { slug } } }', 2],
	])('%s', async (_what, query, most) => {
		const ask = async (app: TestApp) => {
			const { error } = await graphql(app, query, {}, await app.tokenOf('admin'))
			expect(error).toBeNull()
		}
		await expectSame(ask, most)
	})

	it('a mutation’s result', async () => {
		const query = `mutation { updateWorkspace(slug: "${slug}", input: { description: "new" }) { workspace { ${ALL} } } }`
		await expectSame(async (app) => {
			expect((await graphql(app, query, {}, await app.tokenOf('admin'))).error).toBeNull()
		}, 10)
	})
})

describe('whatever is asked for below a list, the statements do not grow with its rows', () => {
	it.each(ROOTS.map((field) => [field.name, field] as const))('%s, with all that is below', async (_name, field) => {
		const query = `{ ${everythingOf(field)} }`
		await expectSame(async (app) => {
			expect((await graphql(app, query, {}, await app.tokenOf('admin'))).error).toBeNull()
		})
	})

	it('is asked for above: every field of every type that a list shows', () => {
		const asked = new Set<string>()
		for (const field of ROOTS) everythingOf(field, asked)
		expect([...repeated()].filter((coordinate) => !asked.has(coordinate))).toEqual([])
		expect(asked.size).toBeGreaterThan(80)
	})
})

describe('the statements that a REST request costs do not grow with its rows', () => {
	it.each<[string, number]>([
		['/workspaces', 2],
		[`/workspaces/${slug}`, 1],
		[`/workspaces/${slug}/documents?limit=100`, 3],
		[`/workspaces/${slug}/members`, 3],
		[`/workspaces/${slug}/chats`, 2],
		['/users', 2],
	])('GET %s', async (path, most) => {
		await expectSame(async (app) => {
			expect((await rest(app, 'GET', path, undefined, await app.tokenOf('admin'))).error).toBeNull()
		}, most)
	})
})

async function expectSame(ask: (app: TestApp) => Promise<void>, most = Number.POSITIVE_INFINITY): Promise<void> {
	const [ofFew, ofMany] = [await statementsOf(few, () => ask(few)), await statementsOf(many, () => ask(many))]
	const counted = isCounted(ofMany) && !isCounted(ofFew) ? 1 : 0 // a numbered page that is full
	expect(ofMany.length - counted, ofMany.join('\n')).toBeLessThanOrEqual(ofFew.length)
	expect(ofMany.length, ofMany.join('\n')).toBeLessThanOrEqual(most)
	if (most < Number.POSITIVE_INFINITY) expect(ofMany.length).toBeGreaterThan(0)
}

const isCounted = (statements: string[]) => statements.some((text) => text.startsWith('SELECT COUNT(*)'))

/** What is asked of our tables; sessions and what goes on in the background are not counted. */
async function statementsOf({ prisma }: TestApp, work: () => Promise<void>): Promise<string[]> {
	await prisma.$executeRaw`UPDATE "User" SET id = id WHERE false` // a write: nothing that was read is kept
	const query = vi.spyOn(pg.Client.prototype, 'query')
	await work()
	const texts = query.mock.calls.map(([asked]) => (typeof asked === 'string' ? asked : ((asked as { text?: string }).text ?? '')))
	query.mockRestore()
	return texts.filter(
		(text) =>
			!text.includes('"Session"') && /(FROM|UPDATE|INTO|JOIN) ("public"\.)?"(User|Workspace|Member|Document|Thread|Chat)"/.test(text),
	)
}

/** So many workspaces, one of which has so many of everything. */
async function filled(count: number): Promise<TestApp> {
	const app = await bootApp()
	const { prisma } = app
	await app.tokenOf('admin')
	const numbers = Array.from({ length: count }, (_, index) => index)
	const users = await prisma.user.createManyAndReturn({ data: numbers.map((index) => ({ username: `user ${index}`, passwordHash: '' })) })
	const workspaces = await prisma.workspace.createManyAndReturn({
		data: numbers.map((index) => ({ slug: `workspace-${index}`, name: 'x' })),
	})
	for (const { id: workspaceId, slug: its } of workspaces) {
		const some = its === slug ? numbers : [0, 1]
		await prisma.member.createMany({ data: some.map((index) => ({ workspaceId, userId: users[index]?.id ?? 1, role: 'viewer' as const })) })
		await prisma.document.createMany({
			data: some.map((index) => ({
				workspaceId,
				originalName: `${index}.txt`,
				filename: `${index}.txt`,
				mimeType: 'text/plain',
				format: 'text',
				size: 1,
				hash: `hash ${index}`,
				storageKey: `key ${index}`,
			})),
		})
		const idOf = (index: number) => `${workspaceId}-${index}`
		await prisma.thread.createMany({
			data: some.map((index) => ({ id: `thread-${idOf(index)}`, workspaceId, userId: 1, title: 'x', updatedAt: new Date() })),
		})
		const asked = (index: number) => ({ workspaceId, threadId: `thread-${idOf(index % 2)}`, message: 'x' })
		await prisma.run.createMany({
			data: some.map((index) => ({
				...asked(index),
				id: `run-${idOf(index)}`,
				userId: 1,
				mode: 'chat',
				provider: '',
				model: '',
				status: 'completed',
			})),
		})
		await prisma.chat.createMany({
			data: some.map((index) => ({ ...asked(index), runId: `run-${idOf(index)}`, response: 'x', sources: [], citations: [] })),
		})
	}
	return app
}
