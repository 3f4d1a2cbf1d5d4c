import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await app.url()
})
afterAll(() => app.end())

interface Answer {
	status: number
	headers: Map<string, string>
	text: string
}

/** Writes bytes to a socket, and reads what comes until the server closes it. Of several answers the last. */
async function write(bytes: string): Promise<Answer> {
	const { hostname, port } = new URL(await app.url())
	const socket = connect(Number(port), hostname)
	socket.write(bytes)
	const chunks: Buffer[] = []
	for await (const chunk of socket) chunks.push(chunk as Buffer)
	const [head = '', ...rest] = Buffer.concat(chunks)
		.toString()
		.replace(/^HTTP\/1.1 100 Continue\r\n\r\n/, '')
		.split('\r\n\r\n')
	const [line = '', ...lines] = head.split('\r\n')
	const headers = lines.map((text): [string, string] => [text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 2)])
	return { status: Number(line.split(' ')[1]), headers: new Map(headers), text: rest.join('\r\n\r\n') }
}

/** A request with the usual headers, which closes the connection. */
const request = (line: string, headers: readonly string[] = [], body = '') =>
	write(
		`${[line, 'Host: localhost', `Authorization: Bearer ${admin}`, 'Accept-Language: en', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`,
	)

function expectRefusal({ status, headers, text }: Answer, expected: [status: number, code: string]): void {
	expect([status, headers.get('x-error-code')]).toEqual(expected)
	expect(JSON.parse(text)).toEqual({ success: false, data: null, error: expect.any(String), message: expect.any(String) })
	expect(headers.get('x-request-id')).toMatch(/^[\w-]+$/)
	expect(headers.get('x-content-type-options')).toBe('nosniff')
	expect(text).not.toMatch(/node:|at .*\.js/)
}

describe('a request as it stands on the wire', () => {
	it.each([
		['in HTTP/1.0', 'GET /api/auth/verify HTTP/1.0'],
		['with a whole address', 'GET http://localhost/api/auth/verify?x=1 HTTP/1.1'],
		['with the address of another host', 'GET http://other.example/api/auth/verify HTTP/1.1'],
		['with a fragment', 'GET /api/auth/verify#part HTTP/1.1'],
	])('is answered %s', async (_what, line) => {
		expect((await request(line)).status).toBe(200)
	})

	it('needs no Host in HTTP/1.0, and may have an empty one', async () => {
		for (const line of ['GET /health/live HTTP/1.0', 'GET /health/live HTTP/1.1\r\nHost:\r\nConnection: close'])
			expect((await write(`${line}\r\n\r\n`)).status).toBe(200)
	})

	it.each([
		['no Host', ''],
		['a Host of two words', 'Host: a b\r\n'],
		['a Host with a path', 'Host: localhost/api/openapi.json?\r\n'],
		['a Host with a user', 'Host: user@localhost\r\n'],
		['a Host that is no address', 'Host: 999.999.999.999\r\n'],
		['a Host with an open bracket', 'Host: [::1\r\n'],
		['a Host with a port that is none', 'Host: localhost:99999\r\n'],
	])('is a 400 with %s, and tells nothing of the server', async (_what, host) => {
		expectRefusal(await write(`GET /api/auth/verify HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), [400, 'BAD_REQUEST'])
	})

	it.each([
		['another protocol', '\x16\x03\x01\x02\x00\x01\r\n\r\n'],
		['an unknown method', 'FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
		['an address of another scheme', 'GET ftp://localhost/api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
		['a path in raw bytes', 'GET /api/中文 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
		['two lengths', 'POST /api/workspaces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
		['a length that is none', 'POST /api/workspaces HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n'],
	])('is a 400 when it is %s', async (_what, bytes) => {
		expectRefusal(await write(bytes), [400, 'BAD_REQUEST'])
	})

	it('is a 431 with too long an address or header', async () => {
		const long = 'a'.repeat(20_000)
		expectRefusal(await request(`GET /api/workspaces?search=${long} HTTP/1.1`), [431, 'BAD_REQUEST'])
		expectRefusal(await request('GET /api/workspaces HTTP/1.1', [`X-Long: ${long}`]), [431, 'BAD_REQUEST'])
	})

	it.each([
		...['//api/auth/verify', '/api//auth/verify', '/api/auth/verify/', '/api', '/api/', '/api%2Fauth%2Fverify', '/API/auth/verify'],
		...['//other.example/api/auth/verify', '/api/auth%2Fverify'],
	])('is a 404 at %s', async (path) => {
		expectRefusal(await request(`GET ${path} HTTP/1.1`), [404, 'NOT_FOUND'])
	})

	it.each([
		[404, 'NOT_FOUND', '/api/workspaces/a%2Fb'],
		[422, 'UNPROCESSABLE', '/api/workspaces/a%00b'],
		[422, 'UNPROCESSABLE', '/api/workspaces?search=%00'],
		[400, 'BAD_REQUEST', '/api/workspaces/%ED%A0%80'],
		[400, 'BAD_REQUEST', '/api/workspaces/%zz'],
		[400, 'BAD_REQUEST', '/api/workspaces?page=1&page=2'],
		[400, 'BAD_REQUEST', '/api/workspaces?page='],
		[422, 'UNPROCESSABLE', `/api/workspaces?search=${'a'.repeat(10_000)}`],
	])('is a %i %s at %s', async (status, code, path) => {
		expectRefusal(await request(`GET ${path} HTTP/1.1`), [status, code])
	})

	it('is answered to OPTIONS of the whole server', async () => {
		const { status, text } = await request('OPTIONS * HTTP/1.1')
		expect([status, text]).toEqual([204, ''])
	})

	it('is a 405 with a method that no route has', async () => {
		for (const method of ['TRACE', 'PROPFIND', 'QUERY']) {
			const refused = await request(`${method} /api/auth/verify HTTP/1.1`)
			expectRefusal(refused, [405, 'METHOD_NOT_ALLOWED'])
			expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
		}
	})

	it('may wait with its body for a 100', async () => {
		const headers = ['Content-Type: application/json', 'Content-Length: 19', 'Expect: 100-continue']
		expect((await request('POST /api/workspaces HTTP/1.1', headers, '{"name":"Expected"}')).status).toBe(201)
	})

	it('may come in chunks, with its type', async () => {
		const chunks = '7\r\n{"name"\r\n9\r\n:"Chunky"\r\n1\r\n}\r\n0\r\n\r\n'
		expectRefusal(await request('POST /api/workspaces HTTP/1.1', ['Transfer-Encoding: chunked'], chunks), [415, 'UNSUPPORTED_MEDIA_TYPE'])
		const typed = ['Transfer-Encoding: chunked', 'Content-Type: application/json']
		expect((await request('POST /api/workspaces HTTP/1.1', typed, chunks)).status).toBe(201)
	})

	it('may have a body that nobody reads', async () => {
		const length = ['Content-Type: text/plain', 'Content-Length: 5']
		expect((await request('GET /api/auth/verify HTTP/1.1', length, 'hello')).status).toBe(200)
		expect((await request('OPTIONS /api/auth/verify HTTP/1.1', length, 'hello')).status).toBe(204)
	})

	it('is answered as it is when it asks for HTTP/2', async () => {
		const upgrade = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']
		const { status, headers } = await request('GET /api/auth/verify HTTP/1.1', upgrade)
		expect([status, headers.get('upgrade')]).toEqual([200, undefined])
	})
})
