import { readFileSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { rest, ways } from '../support/surfaces.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

interface Route {
	method: (typeof METHODS)[number]
	/** As documented: `/workspaces/{slug}`. */
	path: string
	/** Type of its body; undefined without one. */
	body: string | undefined
	isPublic: boolean
	/** Whether it answers JSON, not a stream. */
	isJson: boolean
}

const routes = documentedRoutes()
const paths = [...new Set(routes.map(({ path }) => path))]
const gets = routes.filter(({ method, isJson }) => method === 'GET' && isJson)

let app: TestApp
let admin: string
/** What fills the paths' parameters, and what must be in a query string. */
let values: Record<string, string>
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	const document = await takeIn(app, 'default-workspace', textFile('notes.txt', 'Alpacas hum.\n'.repeat(500)), admin)
	await app.tokenOf('member')
	await app.join('member', 'default-workspace', 'viewer')
	const { id } = await app.prisma.user.findUniqueOrThrow({ where: { username: 'member' } })
	const { runId, threadId } = (await rest(app, 'POST', '/workspaces/default-workspace/chat', { message: 'What hums?' }, admin)).data
	values = { slug: 'default-workspace', documentId: String(document.id), userId: String(id), runId, threadId }
})
afterAll(() => app.end())

const filled = (path: string): string =>
	path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '1') + (path.endsWith('/search') ? '?query=alpacas' : '')

const allowedAt = (path: string): string[] => {
	const methods = routes.filter((route) => route.path === path).map(({ method }) => method)
	return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()
}

describe.each(ways)('a route $name', (way) => {
	const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit) => {
		const init = { method, headers: { authorization: `Bearer ${admin}`, ...headers }, ...(body !== undefined && { body }) }
		const response = await way.to(app).fetch(new Request(`http://localhost${path}`, init))
		return { status: response.status, headers: response.headers, text: await response.text() }
	}
	type Reply = Awaited<ReturnType<typeof ask>>

	function expectRefusal({ status, headers, text }: Reply, expected: [status: number, code: string], what: string): void {
		expect([status, headers.get('x-error-code')], what).toEqual(expected)
		expect(Object.entries(JSON.parse(text)), what).toEqual([
			['success', false],
			['data', null],
			['error', expect.any(String)],
			['message', '操作失败'],
		])
		expect(headers.get('content-type'), what).toBe('application/json; charset=utf-8')
		expect(headers.get('content-language'), what).toBe('zh')
		expect(headers.get('cache-control'), what).toBe('no-store')
	}

	it.each(paths)('refuses methods that %s lacks, and says which it has', async (path) => {
		const allowed = allowedAt(path)
		for (const method of METHODS.filter((method) => !allowed.includes(method))) {
			const refused = await ask(method, `/api${filled(path)}`)
			expectRefusal(refused, [405, 'METHOD_NOT_ALLOWED'], method)
			expect(refused.headers.get('allow')?.split(', ').sort()).toEqual(allowed)
		}
	})

	it.each(paths)('tells OPTIONS which methods %s has, whoever asks', async (path) => {
		const { status, headers, text } = await ask('OPTIONS', `/api${filled(path)}`, { authorization: '' })
		expect([status, headers.get('allow')?.split(', ').sort(), text]).toEqual([204, allowedAt(path), ''])
	})

	it('tells OPTIONS of an unknown path that there is none', async () => {
		expectRefusal(await ask('OPTIONS', '/api/nowhere'), [404, 'NOT_FOUND'], 'OPTIONS')
		for (const method of METHODS) expectRefusal(await ask(method, '/api/nowhere'), [404, 'NOT_FOUND'], method)
		expect((await ask('OPTIONS', '/graphql')).headers.get('allow')).toBe('GET, POST, OPTIONS')
	})

	it.each(routes.filter(({ isJson }) => isJson))('answers no Accept that excludes JSON: $method $path', async ({ method, path }) => {
		for (const accept of ['text/html', 'text/event-stream', 'application/json;q=0, */*', 'application/xml, text/*;q=0.9', 'nonsense'])
			expectRefusal(await ask(method, `/api${filled(path)}`, { accept }), [406, 'NOT_ACCEPTABLE'], accept)
	})

	it.each([
		...['*/*', 'application/*', 'application/json', 'application/json; charset=utf-8', 'Application/JSON;q=0.001', ''],
		'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
		'text/plain;q=1, application/json;q=0.1',
	])('answers an Accept that includes JSON: %s', async (accept) => {
		expect((await ask('GET', '/api/workspaces', { accept })).status).toBe(200)
	})

	it.each(routes.filter(({ body }) => body))('takes a body of $body alone: $method $path', async ({ method, path, body }) => {
		const others = { 'text/plain': 'x', 'application/x-www-form-urlencoded': 'a=b', 'application/xml': '<a/>' }
		for (const [type, text] of Object.entries(others))
			expectRefusal(await ask(method, `/api${filled(path)}`, { 'content-type': type }, text), [415, 'UNSUPPORTED_MEDIA_TYPE'], type)
		if (body !== 'application/json') return
		const packed = { 'content-type': body, 'content-encoding': 'gzip' }
		expectRefusal(await ask(method, `/api${filled(path)}`, packed, '{}'), [415, 'UNSUPPORTED_MEDIA_TYPE'], 'compressed')
		const long = JSON.stringify({ text: 'x'.repeat(1024 * 1024) })
		expectRefusal(await ask(method, `/api${filled(path)}`, { 'content-type': body }, long), [413, 'PAYLOAD_TOO_LARGE'], 'long')
	})

	it.each(routes.filter(({ isPublic }) => !isPublic))('needs a token: $method $path', async ({ method, path, body }) => {
		const sent = body === 'multipart/form-data' ? new FormData() : body && '{}'
		const headers = { authorization: '', ...(typeof sent === 'string' && { 'content-type': 'application/json' }) }
		const { status, headers: got } = await ask(method, `/api${filled(path)}`, headers, sent)
		expect([401, 400]).toContain(status) // a body that lacks a field is looked at before
		if (status === 401) expect(got.get('www-authenticate')).toBe('Bearer')
	})

	it.each(gets)('gives HEAD what GET gives, but for the body: $path', async ({ path }) => {
		const plain = { 'accept-encoding': 'identity' }
		const got = await ask('GET', `/api${filled(path)}`, plain)
		const head = await ask('HEAD', `/api${filled(path)}`, plain)
		expect([got.status, head.status, head.text]).toEqual([200, 200, ''])
		const compared = ['content-type', 'content-language', 'cache-control', 'vary', 'x-content-type-options']
		const changing = path === '/system/info' // the storage in use
		for (const name of changing ? compared : [...compared, 'content-length', 'etag'])
			expect(head.headers.get(name), name).toBe(got.headers.get(name))
		expect(Number(got.headers.get('content-length'))).toBe(Buffer.byteLength(got.text))
	})

	it.each(gets.filter(({ path }) => path !== '/system/info'))(
		'tags what is read, and sends nothing to who has it: $path',
		async ({ path }) => {
			const url = `/api${filled(path)}`
			const { headers } = await ask('GET', url)
			const tag = headers.get('etag') ?? ''
			expect(tag).toMatch(/^W\/"[^"]+"$/)
			expect(headers.get('cache-control')).toBe('private, no-cache')
			expect(headers.get('vary')).toBe('Authorization, Accept-Language, Accept-Encoding')
			for (const method of ['GET', 'HEAD'])
				for (const noneMatch of [tag, tag.slice(2), '*', `"other", ${tag}`, `${tag},W/"more"`]) {
					const reply = await ask(method, url, { 'if-none-match': noneMatch })
					expect([reply.status, reply.text], noneMatch).toEqual([304, ''])
					expect(reply.headers.get('etag')).toBe(tag)
					expect(reply.headers.get('cache-control')).toBe('private, no-cache')
					expect(reply.headers.get('vary')).toContain('Authorization')
					expect(reply.headers.get('content-type')).toBeNull()
					expect(reply.headers.get('content-length')).toBeNull()
				}
			for (const noneMatch of ['"other"', 'W/"other"', '', 'nonsense', tag.slice(0, -1)])
				expect((await ask('GET', url, { 'if-none-match': noneMatch })).status, noneMatch).toBe(200)
			expect((await ask('GET', url, { 'if-none-match': tag, authorization: '' })).status).toBe(401)
		},
	)

	it('has a new tag when it has changed, and one for each language', async () => {
		const tagIn = async (language: string) =>
			(await ask('GET', '/api/workspaces/default-workspace', { 'accept-language': language })).headers.get('etag')
		const tags = [await tagIn('zh'), await tagIn('en')]
		const description = `changed ${way.name}`
		await ask('PUT', '/api/workspaces/default-workspace', { 'content-type': 'application/json' }, JSON.stringify({ description }))
		tags.push(await tagIn('zh'), await tagIn('en'))
		expect(new Set(tags).size).toBe(4)
		expect(await tagIn('zh-TW')).toBe(tags[2])
	})

	it('writes without a tag, and nothing is kept of it', async () => {
		const { status, headers } = await ask('POST', '/api/workspaces', { 'content-type': 'application/json' }, '{"name":"Untagged"}')
		expect([status, headers.get('etag'), headers.get('cache-control')]).toEqual([201, null, 'no-store'])
		const again = await ask('DELETE', headers.get('location') ?? '', { 'if-none-match': '*' })
		expect([again.status, again.headers.get('etag')]).toEqual([200, null])
	})

	it('leads to what was made', async () => {
		const unique = way.name.replaceAll(' ', '-')
		const form = new FormData()
		form.set('file', textFile(`${unique}.txt`, `Made ${unique}`))
		const made: [path: string, body: FormData | Record<string, unknown>, key: string][] = [
			['/workspaces', { name: unique, slug: `a-${unique}` }, 'workspace'],
			['/users', { username: `用户 ${unique}`, password: 'securepassword' }, 'user'],
			[`/workspaces/a-${unique}/members`, { username: `用户 ${unique}`, role: 'viewer' }, 'member'],
			[`/workspaces/a-${unique}/documents`, form, 'document'],
			[`/workspaces/a-${unique}/documents/text`, { title: unique, text: `Said ${unique}` }, 'document'],
			[`/workspaces/a-${unique}/threads`, { title: unique }, 'thread'],
		]
		const creating = routes.filter(
			({ method, path }) => method === 'POST' && made.some(([at]) => at.replace(`a-${unique}`, '{slug}') === path),
		)
		expect(created().sort()).toEqual(creating.map(({ path }) => path).sort())
		for (const [path, body, key] of made) {
			const isForm = body instanceof FormData
			const headers: Record<string, string> = isForm ? {} : { 'content-type': 'application/json' }
			const { status, headers: got, text } = await ask('POST', `/api${path}`, headers, isForm ? body : JSON.stringify(body))
			expect([status, got.get('location')], text).toEqual([
				201,
				expect.stringMatching(new RegExp(`^/api${path.replace('/text', '')}/[\\w-]+$`)),
			])
			const read = await ask('GET', got.get('location') ?? '')
			expect(read.status).toBe(200)
			const thing = (text: string) => JSON.parse(text).data[key]
			expect(thing(read.text).id ?? thing(read.text).userId).toBe(thing(text).id ?? thing(text).userId)
		}
	})

	it.each([
		['br', 'br'],
		['gzip', 'gzip'],
		['gzip, deflate, br, zstd', 'br'],
		['gzip;q=1, br;q=0.5', 'gzip'],
		['*', 'br'],
		['gzip;q=0, *;q=0', null],
		['identity', null],
		['deflate', null],
		['identity;q=1, gzip;q=0.5', null],
	])('compresses what is long for who likes it: %s', async (acceptEncoding, encoding) => {
		const plain = await ask('GET', `/api${filled('/workspaces/{slug}/documents/{documentId}/text')}`, { 'accept-encoding': 'identity' })
		expect(plain.headers.get('content-encoding')).toBeNull()
		const request = new Request(`http://localhost/api${filled('/workspaces/{slug}/documents/{documentId}/text')}`, {
			headers: { authorization: `Bearer ${admin}`, 'accept-encoding': acceptEncoding },
		})
		const response = await way.to(app).fetch(request)
		expect(response.headers.get('content-encoding')).toBe(encoding)
		expect(response.headers.get('etag')).toBe(plain.headers.get('etag'))
		expect(response.headers.get('vary')).toContain('Accept-Encoding')
		const bytes = Buffer.from(await response.arrayBuffer())
		const isPacked = way.name === 'in the process' // fetch unpacks by itself
		const text = isPacked ? unpacked(bytes, encoding).toString() : bytes.toString()
		expect(text).toBe(plain.text)
		if (encoding) expect(Number(response.headers.get('content-length'))).toBeLessThan(Buffer.byteLength(plain.text) / 4)
	})

	it('compresses no short answer, no HEAD and no 304', async () => {
		const packed = { 'accept-encoding': 'br, gzip' }
		const url = `/api${filled('/workspaces/{slug}/documents/{documentId}/text')}`
		const replies = [
			await ask('GET', '/api/auth/verify', packed),
			await ask('HEAD', url, packed),
			await ask('GET', url, { ...packed, 'if-none-match': '*' }),
		]
		expect(replies.map(({ status, headers }) => [status, headers.get('content-encoding')])).toEqual([
			[200, null],
			[200, null],
			[304, null],
		])
		expect(replies[1]?.headers.get('content-length')).toBeNull() // nobody knows that of the compressed answer
	})

	it('compresses answers of GraphQL too, but no stream', async () => {
		const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json', 'accept-encoding': 'gzip' }
		const asked = (query: string, accept: string) =>
			way
				.to(app)
				.fetch(
					new Request('http://localhost/graphql', { method: 'POST', headers: { ...headers, accept }, body: JSON.stringify({ query }) }),
				)
		const long = await asked('{ __schema { types { name description } } }', 'application/json')
		expect([long.headers.get('content-encoding'), long.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding'])
		const text = way.name === 'in the process' ? gunzipSync(await long.arrayBuffer()).toString() : await long.text()
		expect(JSON.parse(text).data.__schema.types.length).toBeGreaterThan(50)
		const documentId = values['documentId']
		const subscription = `subscription { documentEvents(slug: "default-workspace", documentId: "${documentId}") { __typename } }`
		const stream = await asked(subscription, 'text/event-stream')
		expect([stream.headers.get('content-type'), stream.headers.get('content-encoding')]).toEqual(['text/event-stream', 'none'])
		expect(await stream.text()).toContain('event: complete')
	})

	it.each([
		['en;q=0.3, zh;q=0.2', 'en'],
		['en;q=0.2, zh;q=0.3', 'zh'],
		['fr, en-GB;q=0.1', 'en'],
		['zh-Hant-TW', 'zh'],
		['*', 'zh'],
	])('names the language of its words: %s', async (acceptLanguage, language) => {
		for (const path of ['/api/workspaces', '/api/nowhere'])
			expect((await ask('GET', path, { 'accept-language': acceptLanguage })).headers.get('content-language')).toBe(language)
	})
})

const unpacked = (bytes: Buffer, encoding: string | null): Buffer => {
	if (encoding === null) return bytes
	return encoding === 'br' ? brotliDecompressSync(bytes) : gunzipSync(bytes)
}

interface Documented {
	security?: unknown[]
	requestBody?: { content: Record<string, unknown> }
	responses: Record<string, { content?: object }>
}

function documentedOperations() {
	const { paths } = JSON.parse(readFileSync('schema/openapi.json', 'utf8')) as { paths: Record<string, Record<string, Documented>> }
	return Object.entries(paths).flatMap(([path, operations]) =>
		Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
	)
}

function documentedRoutes(): Route[] {
	return documentedOperations().map(({ path, method, security, requestBody, responses }) => ({
		path,
		method: method as Route['method'],
		body: Object.keys(requestBody?.content ?? {})[0],
		isPublic: security?.length === 0,
		isJson: Object.entries(responses).some(([status, { content = {} }]) => status.startsWith('2') && 'application/json' in content),
	}))
}

/** The paths that something is made at. */
function created(): string[] {
	return documentedOperations().flatMap(({ path, responses }) => ('201' in responses ? [path] : []))
}
