import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../schema/index.ts'
import { createLimits } from '../../src/limits/limits.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createEdge } from '../../src/server/server.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { recordingLog } from '../support/log.ts'
import { graphql, rest } from '../support/surfaces.ts'
import { heard, transports } from '../support/transports.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

const times = (count: number, make: (index: number) => string): string => Array.from({ length: count }, (_, index) => make(index)).join(' ')
const deep = (levels: number): string =>
	`{ workspaces { edges { node { ${'documents { edges { node { workspace { '.repeat(levels)} id ${'} } } }'.repeat(levels)} } } } }`
const listsOf = (first: number, inner: number) =>
	`{ workspaces(first: ${first}) { edges { node { documents(first: ${inner}) { edges { node { id } } } } } } }`

const HOSTILE: [string, string, string][] = [
	['levels', 'deep', deep(3)],
	['levels', 'very deep', `{ ${'a { '.repeat(900)} b ${'}'.repeat(900)} }`],
	[
		'levels',
		'deep in fragments',
		`{ workspaces { edges { node { ...a } } } } fragment a on Workspace { documents { edges { node { workspace { ...a } } } } }`,
	],
	['fields', 'an endless fragment', '{ verify { user { ...a } } } fragment a on User { ...b } fragment b on User { ...a }'],
	[
		'fields of one name',
		'an exploding fragment',
		`{ ...f0 } ${times(30, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f30 on Query { __typename }`,
	],
	['aliases', 'aliases', `{ ${times(51, (n) => `a${n}: __typename`)} }`],
	[
		'aliases',
		'aliases of a login',
		`mutation { ${times(51, (n) => `a${n}: login(input: { username: "admin", password: "${n}" }) { token }`)} }`,
	],
	['aliases', 'aliases in a fragment that nobody uses', `{ __typename } fragment a on Query { ${times(51, (n) => `a${n}: __typename`)} }`],
	['directives', 'directives', `{ __typename ${'@skip(if: false) '.repeat(51)} }`],
	['fields of one name', 'one field many times', `{ ${'users { totalCount } '.repeat(51)} }`],
	[
		'fields of one name',
		'one field in many fragments',
		`{ ${times(51, (n) => `...f${n}`)} } ${times(51, (n) => `fragment f${n} on Query { users { totalCount } }`)}`,
	],
	['fields', 'many fields', `{ ${times(1_001, (n) => `field${n}`)} }`],
	['definitions', 'many operations', times(101, (n) => `query a${n} { __typename }`)],
	['definitions', 'many fragments', `{ ${times(100, (n) => `...f${n}`)} } ${times(100, (n) => `fragment f${n} on Query { __typename }`)}`],
	['nodes of lists', 'long lists', listsOf(1_000, 1_000)],
	[
		'nodes of lists',
		'long lists by their number',
		'{ workspacePage { workspaces { documents(first: 100) { totalCount edges { node { id } } } } } }',
	],
	['characters', 'long text', `{ __typename } #${'x'.repeat(70_000)}`],
	['lines', 'many lines', `${'\n'.repeat(6_000)}{ unknown }`],
	['lines', 'many lines of old', `${'\r'.repeat(6_000)}{ unknown }`],
]

describe.each(['application/json', 'application/graphql-response+json'])(
	'a GraphQL document that asks for too much, accepting %s',
	(accept) => {
		it.each(HOSTILE)('is refused with BAD_REQUEST for its %s: %s', async (of, _what, query) => {
			const reply = await graphql(app, query, {}, admin, { accept, 'accept-language': 'en' })
			expect(reply).toMatchObject({ code: 'BAD_REQUEST', data: undefined })
			expect(reply.error).toContain(`asks for too much: at most`)
			expect(reply.error).toMatch(new RegExp(`\\d ${of}\\.`))
		})

		it('is refused in Chinese', async () => {
			const { error } = await graphql(app, `{ ${times(51, (n) => `a${n}: __typename`)} }`, {}, admin, { accept })
			expect(error).toBe('GraphQL 文档过于复杂：别名最多 50，请分成多次请求。')
		})

		it('is refused for its tokens before it is read', async () => {
			expect((await graphql(app, `{ ${'a '.repeat(5_000)}`, {}, admin, { accept })).code).toBe('BAD_REQUEST')
		})

		it('is refused by the sizes that its variables ask for', async () => {
			const query =
				'query ($first: Int, $inner: Int = 1) { workspaces(first: $first) { edges { node { documents(last: $inner) { edges { node { id } } } } } } }'
			expect((await graphql(app, query, { first: 1_000, inner: 1_000 }, admin, { accept })).code).toBe('BAD_REQUEST')
			expect((await graphql(app, query, { first: 1_000 }, admin, { accept })).code).toBeUndefined()
		})

		it('is told of ten of its mistakes', async () => {
			const response = await app.fetch(
				new Request('http://localhost/graphql', {
					method: 'POST',
					headers: { accept, 'content-type': 'application/json' },
					body: JSON.stringify({ query: `{ ${times(500, (n) => `field${n}`)} }` }),
				}),
			)
			const { errors } = (await response.json()) as { errors: unknown[] }
			expect(errors.length).toBeLessThan(12)
		})
	},
)

describe('what clients ask for', () => {
	it.each<[string, string]>([
		['the introspection query', getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true })],
		[
			'all of all workspaces',
			'{ workspaces { edges { node { threads { edges { node { chats { edges { node { citations { quote } } } } } } } members { edges { node { username } } } documents { edges { node { progress { done } } } } } } } }',
		],
		['a thousand rows', '{ workspaces(first: 1000) { totalCount edges { cursor node { id } } } }'],
		['fifty things at once', `{ ${times(50, (n) => `a${n}: workspace(slug: "default-workspace") { id name slug }`)} }`],
		['a word in many places', `{ ${times(40, () => 'workspaces { totalCount } ')} }`],
		['a value that is long', `{ search(slug: "default-workspace", query: "${'x '.repeat(900)}") { edges { node { chunk } } } }`],
	])('passes: %s', async (_what, query) => {
		expect((await graphql(app, query, {}, admin)).error).toBeNull()
	})

	it('is measured again for each document of one text', async () => {
		for (let turn = 0; turn < 3; turn++) {
			expect((await graphql(app, listsOf(1_000, 1_000), {}, admin)).code).toBe('BAD_REQUEST')
			expect((await graphql(app, listsOf(10, 10), {}, admin)).code).toBeUndefined()
		}
	})

	it('is limited in the operation that runs', async () => {
		const query = `query Small { __typename } query Large ${listsOf(1_000, 1_000)}`
		const ask = async (operationName: string) => {
			const body = JSON.stringify({ query, operationName })
			const headers = { 'content-type': 'application/json', authorization: `Bearer ${admin}` }
			return (await app.fetch(new Request('http://localhost/graphql', { method: 'POST', headers, body }))).json()
		}
		expect(await ask('Small')).toEqual({ data: { __typename: 'Query' } })
		expect(await ask('Large')).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
	})

	it('over REST is trusted', async () => {
		expect((await rest(app, 'GET', '/workspaces/default-workspace', undefined, admin)).status).toBe(200)
	})
})

describe.each(transports)('over $name', (transport) => {
	it.each(HOSTILE.filter(([, what]) => what !== 'aliases of a login'))(
		'a document is refused for its %s: %s',
		async (_of, _what, query) => {
			expect(await heard(transport.follow(app, query, {}, admin))).toMatchObject({ events: [], code: 'BAD_REQUEST' })
		},
	)

	it('a subscription too', async () => {
		const query = `subscription { documentEvents(slug: "default-workspace") { ... on DocumentProgressed { document { workspace { threads(first: 1000) { edges { node { chats(first: 1000) { totalCount } } } } } } } } }`
		expect(await heard(transport.follow(app, query, {}, admin))).toMatchObject({ events: [], code: 'BAD_REQUEST' })
	})
})

describe('the schema and GraphiQL', () => {
	const edge = (options: { introspection?: boolean; graphiql?: boolean }) =>
		createEdge({
			schema,
			services: app.services,
			prisma: app.prisma,
			checks: {},
			metrics: createMetrics({ version: '0', role: 'all' }),
			openApi: { info: { title: 'anythingllm-api', version: '0.0.0' } },
			uploadMaxBytes: 1,
			limits: createLimits({ perMinute: { auth: 0, chat: 0, upload: 0, default: 0 }, report: () => {} }),
			log: recordingLog().log,
			...options,
		})
	const page = (of: Pick<TestApp, 'fetch'>) => of.fetch(new Request('http://localhost/graphql', { headers: { accept: 'text/html' } }))

	it('are there unless configured otherwise', async () => {
		expect((await graphql(edge({}), '{ __schema { queryType { name } } }')).data.queryType.name).toBe('Query')
		expect((await page(edge({}))).headers.get('content-type')).toContain('text/html')
	})

	it('are configured by GRAPHQL_INTROSPECTION and GRAPHIQL', async () => {
		const closed = await bootApp({ environment: { GRAPHQL_INTROSPECTION: 'false', GRAPHIQL: 'false' } })
		expect((await graphql(closed, '{ __schema { queryType { name } } }')).code).toBe('BAD_REQUEST')
		expect((await page(closed)).headers.get('content-type') ?? '').not.toContain('text/html')
		await closed.end()
	})

	it('can be kept back, with what suggestions would tell of it', async () => {
		const closed = edge({ introspection: false, graphiql: false })
		for (const query of ['{ __schema { queryType { name } } }', '{ __type(name: "User") { name } }'])
			expect((await graphql(closed, query)).code).toBe('BAD_REQUEST')
		expect((await graphql(closed, '{ __typename }')).data).toBe('Query')
		for (let turn = 0; turn < 2; turn++)
			expect((await graphql(closed, '{ workspacs { id } }')).error).toBe('Cannot query field "workspacs" on type "Query".')
		expect((await page(closed)).headers.get('content-type') ?? '').not.toContain('text/html')
	})
})
