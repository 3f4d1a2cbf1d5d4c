import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashPassword } from '../../src/auth/passwords.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { login, verify } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

let app: TestApp
beforeAll(async () => {
	app = await bootApp()
})
afterAll(() => app.end())

describe.each(surfaces)('signing in over $name', (surface) => {
	const signIn = (input: Record<string, unknown>, headers?: Record<string, string>) => surface.ask(app, login, { input }, null, headers)
	const asAdmin = { username: 'admin', password: ADMIN_PASSWORD }

	it('gives a token that is good for whoever signed in', async () => {
		const { code, data } = await signIn(asAdmin)
		expect(code).toBeUndefined()
		expect(data.user).toMatchObject({ username: 'admin', role: expect.stringMatching(/^admin$/i) })
		const verified = await surface.ask(app, verify, {}, data.token)
		expect(verified.data).toEqual({ valid: true, user: data.user })
	})

	it('keeps when somebody last signed in: null before the first time', async () => {
		const username = `new-${surface.name}`
		const made = await app.prisma.user.create({ data: { username, passwordHash: await hashPassword('a good password') } })
		expect(made.lastLogin).toBeNull()
		const before = Date.now()
		const { data } = await signIn({ username, password: 'a good password' })
		expect(data.user.lastLogin).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
		expect(Date.parse(data.user.lastLogin)).toBeGreaterThanOrEqual(before)
		const stored = await app.prisma.user.findUniqueOrThrow({ where: { username } })
		expect(stored.lastLogin?.toISOString()).toBe(data.user.lastLogin)
	})

	it('says the same of a wrong password as of a user that is not there', async () => {
		const wrong = await signIn({ username: 'admin', password: 'not it' })
		const unknown = await signIn({ username: 'nobody-of-that-name', password: ADMIN_PASSWORD })
		expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED', error: '用户名或密码错误。' })
		expect(unknown).toMatchObject({ code: wrong.code, error: wrong.error, status: wrong.status })
		const english = await signIn({ username: 'admin', password: 'not it' }, { 'accept-language': 'en-GB,en' })
		expect(english.error).toBe('The username or the password is wrong.')
	})

	it.each([
		['a name with NUL', { ...asAdmin, username: 'ad\u0000min' }, 'UNPROCESSABLE'],
		['half of a character', { ...asAdmin, username: 'admin\ud800' }, 'UNPROCESSABLE'],
		['a password with NUL', { ...asAdmin, password: `${ADMIN_PASSWORD}\u0000` }, 'UNPROCESSABLE'],
		['a huge name', { ...asAdmin, username: 'a'.repeat(100_000) }, 'UNPROCESSABLE'],
		['a huge password', { ...asAdmin, password: 'a'.repeat(100_000) }, 'UNPROCESSABLE'],
		['an empty name', { ...asAdmin, username: '' }, 'UNPROCESSABLE'],
		['no password', { username: 'admin' }, 'BAD_REQUEST'],
		['a password of null', { ...asAdmin, password: null }, 'BAD_REQUEST'],
		['a number for a name', { ...asAdmin, username: 1 }, 'BAD_REQUEST'],
		['a list for a name', { ...asAdmin, username: ['admin'] }, 'BAD_REQUEST'],
		['a field that is none', { ...asAdmin, role: 'admin' }, 'BAD_REQUEST'],
	])('refuses %s with a code', async (_what, input, code) => {
		expect((await signIn(input)).code).toBe(code)
	})

	it('tells names apart by their letters alone: no wildcard, no other case', async () => {
		for (const username of ['ADMIN', '%', 'admin ', "admin' OR '1'='1"])
			expect((await signIn({ ...asAdmin, username })).code).toBe('UNAUTHENTICATED')
	})

	it('works although a stale token is sent along', async () => {
		const { code, data } = await signIn(asAdmin, { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.c3RhbGU' })
		expect(code).toBeUndefined()
		expect(data.user.username).toBe('admin')
	})
})

describe('a session over REST', () => {
	it('has the form of the reference', async () => {
		const begun = await rest(app, 'POST', '/auth/login', { username: 'admin', password: ADMIN_PASSWORD })
		expect(begun.status).toBe(200)
		expect(begun.data).toEqual({ token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/), user: expect.any(Object) })
		expect(begun.data.user).toMatchObject({ id: 1, username: 'admin', role: 'admin' })
		const verified = await rest(app, 'GET', '/auth/verify', undefined, begun.data.token)
		expect(verified).toMatchObject({ status: 200, data: { valid: true, user: { id: 1, username: 'admin', role: 'admin' } } })
	})

	it('is asked for in the header WWW-Authenticate of a 401', async () => {
		for (const refused of [
			await rest(app, 'POST', '/auth/login', { username: 'admin', password: 'not it' }),
			await rest(app, 'GET', '/auth/verify'),
		]) {
			expect(refused.status).toBe(401)
			expect(refused.headers.get('www-authenticate')).toBe('Bearer')
		}
	})
})
