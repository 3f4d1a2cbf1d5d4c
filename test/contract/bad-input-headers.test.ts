import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { recordingLog } from '../support/log.ts'
import { verify } from '../support/operations.ts'
import { surfaces } from '../support/surfaces.ts'

const { log, lines } = recordingLog()

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ log })
	admin = await app.tokenOf('admin')
	await app.url()
})
afterAll(async () => {
	expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([])
	await app.end()
})

/** Sends bytes as they are. @returns all that comes back until the connection is closed. */
async function sent(...lines: string[]): Promise<string> {
	const { port, hostname } = new URL(await app.url())
	const socket = connect(Number(port), hostname)
	socket.write(Buffer.from([...lines, 'Connection: close', '', ''].join('\r\n'), 'latin1'))
	return text(socket)
}

describe('a host', () => {
	it.each([
		'a b',
		'<x>',
		'[::1',
		'a:99999',
		'999.999.999.999',
		'a:b:c',
		'a/b?c#d',
		'\u00ff\u00fe',
		'%00',
		'a\\b',
		' '.repeat(2),
		'a:80@b:90:100',
		'x'.repeat(9_000),
	])('that is none is a 400, or does not matter, and tells nothing: %j', async (host) => {
		const answer = await sent('GET /api/auth/verify HTTP/1.1', `Host: ${host}`)
		expect(answer).toMatch(/^HTTP\/1\.1 (400|401) /)
		expect(answer).not.toMatch(/node_modules|TypeError|\n\s+at /)
	})
})

describe('a target', () => {
	it.each(['http://elsewhere:80/api/auth/verify', 'http://elsewhere/api/auth/verify?a=b'])(
		'that names a host is answered as its path: %s',
		async (target) => {
			expect(await sent(`GET ${target} HTTP/1.1`, 'Host: a:80', `Authorization: Bearer ${admin}`)).toMatch(/^HTTP\/1\.1 200 /)
		},
	)

	it.each([
		'*',
		'http://[',
		'//',
		'//a:99999/',
		'/%',
		'/api/workspaces/%ff',
		'/api/workspaces/a?%zz=%&&==&a',
		'/\\..\\..',
		'/api/../../etc/passwd',
		'/api/workspaces/..;/users',
		'/.',
		'/api/%2e%2e/',
		'about:blank',
		'javascript:1',
	])('that is odd is answered, and tells nothing: %s', async (target) => {
		const answer = await sent(`GET ${target} HTTP/1.1`, 'Host: a:80', `Authorization: Bearer ${admin}`)
		expect(answer).toMatch(/^HTTP\/1\.1 (204|302|400|404) /)
		expect(answer).not.toMatch(/node_modules|TypeError|\n\s+at |root:/)
	})
})

const jwt = (header: string, payload = '{"sub":"1"}') =>
	`${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}.AAAA`

describe.each(surfaces)('a token over $name', (surface) => {
	it.each([
		'a'.repeat(8_192),
		'.'.repeat(8_192),
		'a.b.c.d.e',
		...[
			'{"alg":"none"}',
			'{"alg":"RS256"}',
			'{"alg":["HS256"]}',
			'{"alg":"HS256","crit":["x"],"x":1}',
			'{"alg":"HS256","b64":false,"crit":["b64"]}',
			'{"alg":"HS256","jku":"http://127.0.0.1/"}',
			'{"alg":"PBES2-HS256+A128KW","p2c":1000000000,"enc":"A128GCM"}',
			'null',
			'[]',
			'7',
			'{"__proto__":{"alg":"HS256"}}',
			`{"alg":"HS256","a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
		].map((header) => jwt(header)),
		jwt('{"alg":"HS256"}', 'null'),
		jwt('{"alg":"HS256"}', '[]'),
	])('that is odd is a wrong one: %.60s', async (token) => {
		expect((await surface.ask(app, verify, {}, token)).code).toBe('UNAUTHENTICATED')
	})

	it('that is one of two, or of another scheme, is none', async () => {
		for (const authorization of [
			`Bearer ${admin}, Bearer wrong`,
			`Bearer wrong, Bearer ${admin}`,
			`Basic ${admin}`,
			`Bearer\t${admin}`,
			`Bearer ${admin} ${admin}`,
			`Bearer: ${admin}`,
			`bearer\u00a0${admin}`,
			'Bearer \u00ff',
		])
			expect((await surface.ask(app, verify, {}, null, { authorization })).code, authorization).toBe('UNAUTHENTICATED')
	})

	it.each<[string, string]>([
		['accept-language', 'en;q=0.1,'.repeat(1_100)],
		['accept-language', `en;q=NaN, zh;q=1e309, *;q=-1, en-${'a'.repeat(500)}`],
		['x-forwarded-for', 'x,'.repeat(3_000)],
		['x-forwarded-for', '::1%eth0, 999.999.999.999, [::1]:80, "unknown", ,,,'],
		['x-request-id', 'a%0d%0aX-Evil: 1'],
		['x-request-id', '\u00ff'],
		['if-none-match', 'W/"x",'.repeat(1_500)],
		['idempotency-key', '\u00ff'],
		['cookie', '__proto__=x; constructor=y'],
	])('is as good beside an odd header: %s: %.30s', async (name, value) => {
		const { code, headers } = await surface.ask(app, verify, {}, admin, { [name]: value })
		expect(code).toBeUndefined()
		expect(headers.get('x-request-id')).toMatch(/^[\w.-]{1,64}$/)
		expect(headers.has('x-evil')).toBe(false)
	})
})
