import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ways } from '../support/surfaces.ts'

const NAMED = 'https://app.example.com'
const DEVELOPMENT = 'http://localhost:5173'
const OTHER = 'https://other.example.com'

let none: TestApp
let named: TestApp
let any: TestApp
beforeAll(async () => {
	;[none, named, any] = await Promise.all([
		bootApp(),
		bootApp({ environment: { CORS_ORIGINS: `${NAMED}, ${DEVELOPMENT}` } }),
		bootApp({ environment: { CORS_ORIGINS: '*' } }),
	])
})
afterAll(() => Promise.all([none, named, any].map((app) => app.end())))

describe.each(ways)('pages of other origins $name', (way) => {
	const ask = async (app: TestApp, method: string, path: string, headers: Record<string, string>) =>
		(await way.to(app).fetch(new Request(`http://localhost${path}`, { method, headers }))).headers
	const preflight = (app: TestApp, path: string, origin: string) =>
		ask(app, 'OPTIONS', path, {
			...{ origin, 'access-control-request-method': 'PUT' },
			'access-control-request-headers': 'authorization,content-type,idempotency-key',
		})
	const allowed = (headers: Headers) => headers.get('access-control-allow-origin')

	it.each(['/api/workspaces', '/api/nowhere', '/api/openapi.json', '/graphql'])('get nothing of %s unless they are named', async (path) => {
		const headers = await ask(none, 'GET', path, { origin: NAMED })
		expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
		expect(allowed(await preflight(none, path, NAMED))).toBeNull()
	})

	it.each(['/api/workspaces', '/api/nowhere', '/api/openapi.json', '/graphql'])('may ask and read %s when they are named', async (path) => {
		for (const origin of [NAMED, DEVELOPMENT]) {
			const asked = await preflight(named, path, origin)
			expect(allowed(asked)).toBe(origin)
			expect(asked.get('access-control-allow-methods')?.split(', ')).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'DELETE']))
			expect(asked.get('access-control-allow-headers')).toBe('authorization,content-type,idempotency-key')
			expect(Number(asked.get('access-control-max-age'))).toBeGreaterThan(0)
			const headers = await ask(named, 'GET', path, { origin })
			expect(allowed(headers)).toBe(origin)
			expect(headers.get('access-control-expose-headers')?.split(', ')).toEqual(
				expect.arrayContaining(['X-Request-Id', 'X-Error-Code', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'Location', 'ETag']),
			)
		}
	})

	it('get nothing when others are named, and no cache mistakes one for the other', async () => {
		for (const origin of [OTHER, 'null', 'https://app.example.com.evil.com', 'http://app.example.com', 'https://app.example.com:444']) {
			const headers = await ask(named, 'GET', '/api/openapi.json', { origin })
			expect(allowed(headers), origin).toBeNull()
			expect(headers.get('vary')).toContain('Origin')
			const asked = await preflight(named, '/api/workspaces', origin)
			expect([...asked.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
		}
		expect((await ask(named, 'GET', '/api/openapi.json', {})).get('vary')).toBe('Accept-Encoding, Origin')
	})

	it('all may with *, and no credentials go along by themselves', async () => {
		for (const origin of [NAMED, OTHER, 'null']) {
			expect(allowed(await ask(any, 'GET', '/api/workspaces', { origin }))).toBe('*')
			const asked = await preflight(any, '/graphql', origin)
			expect([allowed(asked), asked.get('access-control-allow-credentials')]).toEqual(['*', null])
		}
	})

	it('get nothing of health and metrics', async () => {
		for (const path of ['/health/live', '/metrics']) expect(allowed(await ask(any, 'GET', path, { origin: NAMED }))).toBeNull()
	})
})

describe('a WebSocket', () => {
	/** First line of the answer to a handshake. */
	async function opened(app: TestApp, origin?: string): Promise<string> {
		const { hostname, port, host } = new URL(await app.url())
		const { promise, resolve, reject } = Promise.withResolvers<string>()
		const socket = connect(Number(port), hostname)
			.once('data', (data) => resolve(data.toString().split('\r\n', 1)[0] ?? ''))
			.once('error', reject)
		const lines = [
			...['GET /graphql HTTP/1.1', `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
			...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: graphql-transport-ws'],
			...(origin ? [`Origin: ${origin}`] : []),
		]
		socket.write(`${lines.join('\r\n')}\r\n\r\n`)
		try {
			return await promise
		} finally {
			socket.destroy()
		}
	}
	const OPEN = 'HTTP/1.1 101 Switching Protocols'
	const REFUSED = 'HTTP/1.1 403 Forbidden'

	it('opens for programs, for pages of ours and for pages of named origins', async () => {
		expect(await opened(none)).toBe(OPEN)
		expect(await opened(none, await none.url())).toBe(OPEN)
		expect(await opened(named, NAMED)).toBe(OPEN)
		expect(await opened(any, OTHER)).toBe(OPEN)
	})

	it('opens for no other page', async () => {
		for (const origin of [OTHER, 'null', 'nonsense']) {
			expect(await opened(none, origin)).toBe(REFUSED)
			expect(await opened(named, origin)).toBe(REFUSED)
		}
	})
})

describe('CORS_ORIGINS', () => {
	it.each([
		[undefined, []],
		['', []],
		['*', ['*']],
		['https://a.example, http://localhost:5173', ['https://a.example', 'http://localhost:5173']],
		['capacitor://localhost,http://[::1]:3000', ['capacitor://localhost', 'http://[::1]:3000']],
	])('may be %j', (value, origins) => {
		expect(readConfig(value === undefined ? {} : { CORS_ORIGINS: value }).corsOrigins).toEqual(origins)
	})

	it.each([
		'https://a.example/',
		'a.example',
		'https://a.example/path',
		'https://A.example',
		'https://a.example:443',
		'https://a.example,,',
		'https://a b',
		'null',
	])('cannot be %j', (value) => {
		expect(() => readConfig({ CORS_ORIGINS: value })).toThrow(/CORS_ORIGINS: ".*" is no origin; write them as https:\/\/app\.example\.com/)
	})
})
