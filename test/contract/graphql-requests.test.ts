import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { graphql, streamOf, ways } from '../support/surfaces.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

interface Answer {
	data?: Record<string, unknown> | null
	errors?: { message: string; path?: unknown[]; locations?: unknown[]; extensions: { code: string } }[]
}

describe.each(ways)('a GraphQL request $name', (way) => {
	async function send(
		body: BodyInit | null,
		headers: Record<string, string> = { 'content-type': 'application/json' },
		method = 'POST',
		search = '',
	) {
		const init = { method, headers: { authorization: `Bearer ${admin}`, ...headers }, ...(body !== null && { body, duplex: 'half' }) }
		const response = await way.to(app).fetch(new Request(`http://localhost/graphql${search}`, init as RequestInit))
		const text = await response.text()
		return { status: response.status, headers: response.headers, answer: (text.startsWith('{') ? JSON.parse(text) : {}) as Answer, text }
	}
	const ask = (query: unknown, more: object = {}, headers?: Record<string, string>) =>
		send(JSON.stringify({ query, ...more }), { 'content-type': 'application/json', ...headers })

	it('that cannot be answered carries a code and, of a field, its path', async () => {
		const { status, answer } = await ask('{ first: workspace(slug: "nowhere") { id } }')
		expect(status).toBe(200)
		expect(answer.data).toEqual({ first: null })
		expect(answer.errors).toEqual([
			{ message: '工作空间 "nowhere" 不存在。', path: ['first'], locations: [{ line: 1, column: 3 }], extensions: { code: 'NOT_FOUND' } },
		])
	})

	it.each<[string, unknown, object]>([
		['a syntax error', '{ verify { valid ', {}],
		['an empty document', '', {}],
		['no query', undefined, {}],
		['a query of null', null, {}],
		['a query that is no text', 7, {}],
		['a field that is none', '{ verify { nonsense } }', {}],
		['a root field that is none', '{ nonsense }', {}],
		['an argument that is none', '{ workspace(slug: "a", nope: 1) { id } }', {}],
		['an object without fields', '{ verify }', {}],
		['a missing argument', '{ workspace { id } }', {}],
		['a missing variable', 'query ($slug: String!) { workspace(slug: $slug) { id } }', {}],
		['a variable of another type', 'query ($slug: String!) { workspace(slug: $slug) { id } }', { variables: { slug: 7 } }],
		['a variable of an unknown type', 'query ($slug: Nothing!) { workspace(slug: $slug) { id } }', { variables: { slug: 'a' } }],
		['a value that an enum lacks', 'mutation { createWorkspace(input: { name: "a", mode: LOUD }) { workspace { id } } }', {}],
		['variables that are no object', '{ verify { valid } }', { variables: 'x' }],
		['two operations and no name', 'query A { verify { valid } } query B { verify { valid } }', {}],
		['an operation that is not there', 'query A { verify { valid } }', { operationName: 'B' }],
		['an endless fragment', '{ verify { ...a } } fragment a on VerifyPayload { ...a }', {}],
	])('with %s is a BAD_REQUEST, and nothing runs', async (_what, query, more) => {
		const { answer } = await ask(query, more)
		expect(answer.data ?? null).toBeNull()
		expect(answer.errors?.length).toBeGreaterThan(0)
		for (const { extensions, message } of answer.errors ?? []) {
			expect(extensions.code).toBe('BAD_REQUEST')
			expect(message).not.toBe('')
		}
	})

	it('may ask for the statuses of the specification', async () => {
		const headers = { accept: 'application/graphql-response+json' }
		const broken = await ask('{ verify { ', {}, headers)
		expect(broken.status).toBe(400)
		expect(broken.headers.get('content-type')).toMatch(/^application\/graphql-response\+json/)
		expect((await ask('{ verify { valid } }', {}, headers)).status).toBe(200)
	})

	const large = `{ verify { valid } } #${'x'.repeat(1_100_000)}`
	it.each<[number, string, string, () => BodyInit]>([
		[400, 'BAD_REQUEST', 'no JSON', () => '{"query":'],
		[400, 'BAD_REQUEST', 'nothing', () => ''],
		[400, 'BAD_REQUEST', 'null', () => 'null'],
		[400, 'BAD_REQUEST', 'a batch', () => '[{"query":"{ verify { valid } }"}]'],
		[
			400,
			'BAD_REQUEST',
			'a deep value',
			() => `{"query":"{ verify { valid } }","variables":${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}}`,
		],
		[413, 'PAYLOAD_TOO_LARGE', 'too much', () => JSON.stringify({ query: large })],
		[413, 'PAYLOAD_TOO_LARGE', 'too much, of a length that nobody knows', () => streamOf('{"query":"', large, '"}')],
	])('that cannot be read is a %i %s: %s', async (status, code, _what, body) => {
		const reply = await send(body())
		expect(reply.status).toBe(status)
		expect(reply.answer.errors?.[0]?.extensions.code).toBe(code)
		expect(reply.answer.errors?.[0]?.message).toMatch(/\p{Script=Han}/u)
	})

	it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/graphql', ''])(
		'of the type %j, which any page can send, is refused: 415',
		async (type) => {
			const body = Buffer.from(JSON.stringify({ query: '{ verify { valid } }' }))
			const reply = await send(body, type === '' ? {} : { 'content-type': type })
			expect(reply.status).toBe(415)
			expect(reply.headers.get('x-error-code')).toBe('UNSUPPORTED_MEDIA_TYPE')
			expect(reply.answer.errors).toEqual([
				{ message: expect.stringContaining('application/json'), extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } },
			])
		},
	)

	it('by GET may ask a query, and change nothing', async () => {
		const get = (parameters: Record<string, string>) => send(null, {}, 'GET', `?${new URLSearchParams(parameters)}`)
		const asked = await get({
			query: 'query ($slug: String!) { workspace(slug: $slug) { slug } }',
			variables: '{"slug":"default-workspace"}',
		})
		expect(asked.answer).toEqual({ data: { workspace: { slug: 'default-workspace' } } })
		const count = await app.prisma.workspace.count()
		const mutation = await get({ query: 'mutation { createWorkspace(input: { name: "by GET" }) { workspace { id } } }' })
		expect(mutation.status).toBe(405)
		expect(mutation.headers.get('allow')).toContain('POST')
		expect(mutation.answer.errors?.[0]?.extensions.code).toMatch(/^[A-Z_]+$/)
		expect(await app.prisma.workspace.count()).toBe(count)
		for (const variables of ['{"a":', '[]', 'null', '7']) {
			const refused = await get({ query: '{ verify { valid } }', variables })
			expect(refused.status).toBe(400)
			expect(refused.answer.errors).toEqual([{ message: 'variables：类型或取值不正确，应为对象。', extensions: { code: 'BAD_REQUEST' } }])
		}
		expect((await get({})).answer.errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
	})

	it('is refused by other methods', async () => {
		for (const method of ['PUT', 'DELETE', 'PATCH']) {
			const reply = await send('{"query":"{ verify { valid } }"}', { 'content-type': 'application/json' }, method)
			expect(reply.status).toBe(405)
			expect(reply.text).not.toContain('"valid":true')
		}
	})

	it('carries the request id and keeps browsers from guessing', async () => {
		const { headers } = await ask('{ verify { valid } }', {}, { 'x-request-id': 'mine' })
		expect(headers.get('x-request-id')).toBe('mine')
		expect(headers.get('x-content-type-options')).toBe('nosniff')
		expect(headers.get('access-control-allow-origin')).toBeNull()
	})
})

describe('a GraphQL body that is too large', () => {
	it('leaves its connection good for the next', async () => {
		const agent = new Agent({ keepAlive: true, maxSockets: 1 })
		const { port } = new URL(await app.url())
		async function post(body: Buffer) {
			const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
			const sent = request({ agent, port, path: '/graphql', method: 'POST', headers })
			sent.end(body)
			const [response] = (await once(sent, 'response', { signal: AbortSignal.timeout(5_000) })) as [IncomingMessage]
			for await (const _piece of response) {
			} // to its end
			return response.statusCode
		}
		expect(await post(Buffer.alloc(1_300_000, ' '))).toBe(413)
		expect(await post(Buffer.from('{"query":"{ __typename }"}'))).toBe(200)
		agent.destroy()
	})
})

describe('a GraphQL document', () => {
	it('may ask many things at once: each answers for itself where it may be null', async () => {
		const query = '{ one: __typename two: verify { user { username } } three: workspaces(first: 1) { totalCount } }'
		const response = await graphql(app, query, {}, admin)
		expect(response.code).toBeUndefined()
	})

	it('runs its mutations one after the other', async () => {
		const slugs = ['serial-1', 'serial-2', 'serial-3']
		const query = `mutation { ${slugs.map((slug, index) => `m${index}: createWorkspace(input: { name: "Serial", slug: "${slug}" }) { workspace { id } }`).join(' ')} }`
		expect((await graphql(app, query, {}, admin)).code).toBeUndefined()
		const made = await app.prisma.workspace.findMany({ where: { slug: { in: slugs } }, orderBy: { id: 'asc' } })
		expect(made.map(({ slug }) => slug)).toEqual(slugs)
	})

	it('may hold values where there are no variables', async () => {
		const login = `mutation { login(input: { username: "admin", password: "${ADMIN_PASSWORD}" }) { token } }`
		expect((await graphql(app, login)).data.token).toMatch(/^eyJ/)
	})

	it('finds an enum’s value by its name alone', async () => {
		const create = (mode: string) =>
			graphql(app, `mutation { createWorkspace(input: { name: "Enum", mode: ${mode} }) { workspace { mode } } }`, {}, admin)
		expect((await create('QUERY')).data.workspace.mode).toBe('QUERY')
		expect((await create('query')).code).toBe('BAD_REQUEST')
	})
})
