import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokens, type Tokens } from '../../src/auth/tokens.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { login, logout, verify } from '../support/operations.ts'
import { surfaces } from '../support/surfaces.ts'

const PARTY = 'anythingllm-api'
const TOMORROW = new Date(Date.now() + 86_400_000)

let app: TestApp
let secret: string
let tokens: Tokens
let good: string
let claims: { userId: number; sessionId: string }
beforeAll(async () => {
	app = await bootApp()
	secret = app.place.environment['JWT_SECRET'] ?? (await readFile(path.join(app.directory, 'jwt.key'), 'utf8')).trim()
	tokens = createTokens(secret)
	good = await app.tokenOf('lin')
	const { sub, sid } = decodeJwt<{ sid: string }>(good)
	claims = { userId: Number(sub), sessionId: sid }
})
afterAll(() => app.end())

/** A token of lin's session, but for what is given. */
function token(change: { claims?: Record<string, unknown>; key?: string; algorithm?: string; without?: string } = {}): Promise<string> {
	const payload: Record<string, unknown> = {
		sub: String(claims.userId),
		sid: claims.sessionId,
		iss: PARTY,
		aud: PARTY,
		exp: Math.floor(TOMORROW.getTime() / 1_000),
		...change.claims,
	}
	if (change.without) delete payload[change.without]
	const key = new TextEncoder().encode(change.key ?? secret)
	return new SignJWT(payload).setProtectedHeader({ alg: change.algorithm ?? 'HS256' }).sign(key)
}

function tampered(): string {
	const [header, , signature] = good.split('.')
	const payload = Buffer.from(JSON.stringify({ ...decodeJwt(good), sub: '1' })).toString('base64url')
	return [header, payload, signature].join('.')
}

describe.each(surfaces)('a token over $name', (surface) => {
	const check = (sent: string | null, headers?: Record<string, string>) => surface.ask(app, verify, {}, sent, headers)

	it('is good when it is signed with our key for a session that lasts', async () => {
		for (const sent of [good, await token(), await tokens.sign(claims, TOMORROW)]) {
			expect(await check(sent)).toMatchObject({ code: undefined, data: { valid: true, user: { username: 'lin' } } })
		}
	})

	it.each<[string, () => string | Promise<string>]>([
		['is no token', () => 'no-token'],
		['has empty parts', () => '..'],
		['has lost its signature', () => good.replace(/[^.]*$/, '')],
		['was changed to be somebody else', tampered],
		['was signed with another key', () => token({ key: 'k'.repeat(64) })],
		['was signed with an empty key', () => token({ key: ' ' })],
		[
			'is signed by nobody',
			() => new UnsecuredJWT({ sub: '1', sid: claims.sessionId, iss: PARTY, aud: PARTY }).setExpirationTime(TOMORROW).encode(),
		],
		['has another algorithm', () => token({ algorithm: 'HS512' })],
		['has expired', () => tokens.sign(claims, new Date(Date.now() - 1_000))],
		['never expires', () => token({ without: 'exp' })],
		['is not valid yet', () => token({ claims: { nbf: Math.floor(TOMORROW.getTime() / 1_000) - 60 } })],
		['has another issuer', () => token({ claims: { iss: 'somebody-else' } })],
		['has no issuer', () => token({ without: 'iss' })],
		['has another audience', () => token({ claims: { aud: 'something-else' } })],
		['names no session', () => token({ without: 'sid' })],
		['names a session that never was', () => token({ claims: { sid: '00000000-0000-4000-8000-000000000000' } })],
		['names a session that cannot be one', () => token({ claims: { sid: "' OR true --" } })],
		['names the session of another', () => token({ claims: { sub: '1' } })],
		['names no user', () => token({ claims: { sub: 'lin' } })],
		['names a user beyond all numbers', () => token({ claims: { sub: '99999999999999' } })],
	])('that %s is refused with 401 UNAUTHENTICATED', async (_what, make) => {
		expect(await check(await make())).toMatchObject({ code: 'UNAUTHENTICATED', error: '令牌无效或已过期，请重新登录。' })
	})

	it('that is missing is asked for', async () => {
		const missing = await check(null)
		expect(missing).toMatchObject({ code: 'UNAUTHENTICATED', error: expect.stringContaining('Authorization: Bearer') })
		for (const authorization of ['Basic YWRtaW46cGFzc3dvcmQ=', 'Bearer', 'Bearer ', good])
			expect(await check(null, { authorization })).toMatchObject({ code: 'UNAUTHENTICATED' })
	})

	it('ends with its session in the database', async () => {
		const brief = await app.services.auth.login('admin', ADMIN_PASSWORD)
		await app.prisma.session.update({ where: { id: decodeJwt<{ sid: string }>(brief.token).sid }, data: { expiresAt: new Date(0) } })
		expect((await check(brief.token)).code).toBe('UNAUTHENTICATED')
	})

	it('ends with its user', async () => {
		const gone = await app.tokenOf(`gone-${surface.name}`)
		await app.prisma.user.delete({ where: { username: `gone-${surface.name}` } })
		expect((await check(gone)).code).toBe('UNAUTHENTICATED')
	})
})

describe.each(surfaces)('signing out over $name', (surface) => {
	it('ends this session at once, and no other of the same user', async () => {
		const input = { username: 'admin', password: ADMIN_PASSWORD }
		const [one, other] = await Promise.all([1, 2].map(async () => (await surface.ask(app, login, { input })).data.token as string))
		expect((await surface.ask(app, verify, {}, one)).code).toBeUndefined() // it is remembered now
		expect((await surface.ask(app, logout, {}, one)).code).toBeUndefined()
		for (const either of surfaces) expect((await either.ask(app, verify, {}, one)).code).toBe('UNAUTHENTICATED')
		expect((await surface.ask(app, logout, {}, one)).code).toBe('UNAUTHENTICATED')
		expect((await surface.ask(app, verify, {}, other)).code).toBeUndefined()
	})

	it('needs a session', async () => {
		expect((await surface.ask(app, logout, {}, null)).code).toBe('UNAUTHENTICATED')
	})
})
