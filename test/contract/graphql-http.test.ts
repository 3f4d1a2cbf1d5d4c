import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ways } from '../support/surfaces.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

describe('GraphQL over HTTP', () => {
	it.each(serverAudits({ url: async () => `${await app.url()}/graphql` }))('$id $name', async ({ fn }) => {
		const result = await fn()
		expect(result, 'reason' in result ? result.reason : '').toMatchObject({ status: 'ok' })
	})
})

describe.each(ways)('GraphQL over HTTP $name', (way) => {
	const JSON_TYPE = 'application/json; charset=utf-8'
	const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8'

	async function ask(body: unknown, headers: Record<string, string> = {}) {
		const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
		const response = await way.to(app).fetch(new Request('http://localhost/graphql', init))
		const text = await response.text()
		return { status: response.status, type: response.headers.get('content-type'), text }
	}

	it.each<[string | undefined, string]>([
		[undefined, JSON_TYPE],
		['*/*', JSON_TYPE],
		['application/*', JSON_TYPE],
		['application/json', JSON_TYPE],
		['application/graphql-response+json', RESPONSE_TYPE],
		['application/graphql-response+json, application/json', RESPONSE_TYPE],
		['application/graphql-response+json, application/json;q=0.9', RESPONSE_TYPE],
		['text/html;q=0.1, application/json', JSON_TYPE],
	])('answers the accepted type %s with %s', async (accept, type) => {
		expect(await ask({ query: '{ __typename }' }, accept === undefined ? {} : { accept })).toEqual({
			status: 200,
			type,
			text: '{"data":{"__typename":"Query"}}',
		})
	})

	it.each(['text/plain', 'image/png', 'application/xml'])('answers 406 where %s alone is accepted', async (accept) => {
		expect((await ask({ query: '{ __typename }' }, { accept })).status).toBe(406)
	})

	it.each<[string, object, number]>([
		['a syntax error', { query: '{' }, 400],
		['a field that is none', { query: '{ nothing }' }, 400],
		['a variable that is missing', { query: 'query ($slug: String!) { workspace(slug: $slug) { id } }' }, 400],
		['an operation that is none', { query: 'query A { __typename }', operationName: 'B' }, 400],
		['too much', { query: `{ ${'a '.repeat(5_000)} }` }, 400],
		['somebody else’s thing', { query: '{ verify { valid } }' }, 200],
	])('has a status for %s, where graphql-response+json is accepted', async (_what, body, status) => {
		const reply = await ask(body, { accept: 'application/graphql-response+json' })
		expect(reply).toMatchObject({ status, type: RESPONSE_TYPE })
		expect(JSON.parse(reply.text)).toHaveProperty('errors.0.extensions.code')
		expect('data' in (JSON.parse(reply.text) as object)).toBe(status === 200)
	})

	it('has one for all where application/json is accepted', async () => {
		for (const query of ['{', '{ nothing }', '{ verify { valid } }'])
			expect(await ask({ query }, { accept: 'application/json' })).toMatchObject({ status: 200, type: JSON_TYPE })
	})

	it.each([
		['a mutation by GET', 'GET', '?query=mutation%7Blogout%7Bended%7D%7D', 'POST'],
		['PUT', 'PUT', '', 'GET, POST'],
		['DELETE', 'DELETE', '', 'GET, POST'],
	])('answers %s with 405, and says what is allowed', async (_what, method, search, allow) => {
		const headers = { accept: 'application/graphql-response+json' }
		const response = await way.to(app).fetch(new Request(`http://localhost/graphql${search}`, { method, headers }))
		expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
		expect(await response.json()).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'METHOD_NOT_ALLOWED' } }] })
	})

	it('knows no stored documents', async () => {
		const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) }
		for (const body of [{ extensions: { persistedQuery } }, { documentId: 'a' }, { id: 'a' }, {}])
			expect((await ask(body, { accept: 'application/graphql-response+json' })).status).toBe(400)
	})

	it('takes no batch', async () => {
		for (const batch of [[{ query: '{ __typename }' }], [{ query: '{ __typename }' }, { query: '{ __typename }' }], []]) {
			const reply = await ask(batch, { authorization: `Bearer ${admin}` })
			expect([reply.status, reply.text.includes('"data"')]).toEqual([400, false])
		}
	})
})

describe('GraphQL over SSE, a connection an operation', () => {
	const SSE = 'text/event-stream'
	async function follow(body: object, init: { method?: string; headers?: Record<string, string> } = {}) {
		const headers = { accept: SSE, authorization: `Bearer ${admin}`, ...init.headers }
		const isGet = init.method === 'GET'
		const search = isGet ? `?${new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)]))}` : ''
		return fetch(`${await app.url()}/graphql${search}`, {
			...init,
			method: init.method ?? 'POST',
			headers: isGet ? headers : { 'content-type': 'application/json', ...headers },
			...(!isGet && { body: JSON.stringify(body) }),
		})
	}
	const eventsIn = (text: string) =>
		text
			.split('\n\n')
			.filter((block) => block.includes('event:'))
			.map((block) => ({ event: /^event: ?(.*)$/m.exec(block)?.[1], data: /^data: ?(.*)$/m.exec(block)?.[1] ?? '' }))
	const document = {
		query: 'subscription { documentEvents(slug: "default-workspace", documentId: 1) { ... on DocumentProgressed { status } } }',
	}

	it.each(['POST', 'GET'])('gives the results as events `next`, and ends with `complete`: %s', async (method) => {
		await uploaded()
		const response = await follow(document, { method })
		expect(response.status).toBe(200)
		expect(response.headers.get('content-type')).toContain(SSE)
		const events = eventsIn(await response.text())
		expect(events.at(-1)?.event).toBe('complete')
		expect(events.slice(0, -1).every(({ event }) => event === 'next')).toBe(true)
		expect(JSON.parse(events.at(-2)?.data ?? '')).toEqual({ data: { documentEvents: { status: 'PROCESSED' } } })
	})

	it('gives a query’s one result in the same way', async () => {
		const events = eventsIn(await (await follow({ query: '{ verify { valid } }' })).text())
		expect(events.map(({ event }) => event)).toEqual(['next', 'complete'])
		expect(JSON.parse(events[0]?.data ?? '')).toEqual({ data: { verify: { valid: true } } })
	})

	it('refuses by an event what cannot be read, or is not the caller’s', async () => {
		for (const [query, code] of [
			['subscription { nothing }', 'BAD_REQUEST'],
			['subscription { documentEvents(slug: "nowhere") { documentId } }', 'NOT_FOUND'],
		]) {
			const text = await (await follow({ query })).text()
			expect(text).toContain(`"code":"${code}"`)
		}
	})

	it('changes nothing by GET', async () => {
		const count = await app.prisma.workspace.count()
		const response = await follow({ query: 'mutation { createWorkspace(input: { name: "x" }) { workspace { id } } }' }, { method: 'GET' })
		expect(response.status).toBe(405)
		expect(await app.prisma.workspace.count()).toBe(count)
	})

	/** One document that is processed. */
	async function uploaded(): Promise<void> {
		const data = {
			id: 1,
			workspaceId: 1,
			originalName: 'a.txt',
			filename: 'a.txt',
			mimeType: 'text/plain',
			format: 'text',
			size: 1,
			hash: 'hash',
			storageKey: 'key',
			status: 'processed' as const,
		}
		await app.prisma.document.upsert({ where: { id: 1 }, create: data, update: {} })
	}
})
