import { beforeEach, describe, expect, it } from 'vitest'
import { languageOf } from '../../../src/server/language.ts'
import { start } from '../support.ts'

let app: ReturnType<typeof start>
beforeEach(() => {
	app = start()
})

describe('what no route answers', () => {
	it.each(['/nope', '/', '/workspaces/', '/workspaces//documents', '/graphql', '/webhook', '/openapi.json'])(
		'GET %s is 404 in the envelope',
		async (path) => {
			const { status, code, body } = await app.rest('GET', path)
			expect([status, code]).toEqual([404, 'NOT_FOUND'])
			expect(body).toEqual({ success: false, data: null, error: 'There is nothing at this path.', message: 'The operation failed.' })
		},
	)

	it("hides Sofa's own routes", async () => {
		expect((await app.rest('POST', '/webhook', { subscription: 'x', url: 'http://127.0.0.1' })).status).toBe(404)
	})

	it('names the methods that a path has', async () => {
		const { status, code, headers } = await app.rest('PATCH', '/workspaces', {})
		expect([status, code, headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST, OPTIONS'])
		expect((await app.rest('GET', '/workspaces/a/documents/1')).headers.get('allow')).toBe('DELETE, OPTIONS')
	})

	it('survives a malformed path', async () => {
		const { status, body } = await app.rest('GET', '/workspaces/%E0%A4%A')
		expect([status, body.error]).toEqual([400, 'The path is not well encoded.'])
	})

	it('prefers a fixed path to a parameter', async () => {
		expect((await app.rest('GET', '/users/me')).body.data.user.username).toBe('admin')
		expect((await app.rest('PUT', '/users/2', { role: 'admin' })).body.data.user).toMatchObject({ id: 2, role: 'admin' })
	})
})

describe('failures', () => {
	it('say no more than that something broke, and report the cause', async () => {
		const { status, code, body } = await app.rest('GET', '/broken')
		expect([status, code]).toEqual([500, 'INTERNAL'])
		expect(JSON.stringify(body)).not.toContain('hunter2')
		expect(app.reported).toEqual([new Error('the password is hunter2')])
	})

	it('that the caller caused are not reported', async () => {
		await app.rest('GET', '/workspaces/no')
		expect(app.reported).toEqual([])
	})

	it('carry the headers that whoever threw asked for', async () => {
		const { status, code, headers } = await app.rest('GET', '/limited')
		expect([status, code, headers.get('retry-after')]).toEqual([503, 'UNAVAILABLE', '7'])
	})

	it('are failures also where the data could be null', async () => {
		expect((await app.rest('GET', '/nullable-broken')).body).toMatchObject({ success: false, data: null })
	})

	it('name the way to sign in', async () => {
		const { status, headers } = await app.rest('GET', '/auth/verify', undefined, {})
		expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
	})
})

describe('the language', () => {
	it('is Chinese, and English on request', async () => {
		const error = async (headers: Record<string, string>) => (await app.rest('GET', '/users?role=x', undefined, headers)).body
		expect(await error({})).toMatchObject({ error: 'role：类型或取值不正确，应为 admin, user 之一。', message: '操作失败' })
		expect(await error({ 'accept-language': 'en' })).toMatchObject({
			error: 'role: expected one of admin, user.',
			message: 'The operation failed.',
		})
	})

	it.each([
		[null, 'zh'],
		['', 'zh'],
		['en', 'en'],
		['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
		['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
		['zh;q=0.5, EN-gb;q=0.7', 'en'],
		['fr, en;q=0.2', 'en'],
		['fr', 'zh'],
		['en;q=0', 'zh'],
		['en;q=x', 'zh'],
		['*', 'zh'],
		['en;q=0.5, *', 'zh'],
		['en, zh', 'en'],
		['zh, en', 'zh'],
		['english', 'zh'],
	])('of %j is %s', (header, language) => {
		expect(languageOf(header)).toBe(language)
	})
})
