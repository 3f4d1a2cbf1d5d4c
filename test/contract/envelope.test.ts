import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { rest, streamOf, ways } from '../support/surfaces.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await app.tokenOf('viewer')
	await app.join('viewer', 'default-workspace', 'viewer')
})
afterAll(() => app.end())

interface Asked {
	method?: string
	body?: BodyInit
	headers?: Record<string, string>
	token?: string
}

describe.each(ways)('the envelope $name', (way) => {
	const ask = async (path: string, { method = 'GET', body, headers = {}, token = admin }: Asked = {}) => {
		const init = { method, headers: { authorization: `Bearer ${token}`, ...headers }, ...(body !== undefined && { body, duplex: 'half' }) }
		const response = await way.to(app).fetch(new Request(`http://localhost/api${path}`, init as RequestInit))
		return { response, text: await response.text() }
	}
	const post = (body: BodyInit, headers: Record<string, string> = JSON_TYPE): Asked => ({ method: 'POST', body, headers })

	it('of a success has exactly four keys', async () => {
		const { response, text } = await ask('/workspaces')
		expect(response.status).toBe(200)
		expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
		expect(response.headers.get('x-error-code')).toBeNull()
		expect(Object.entries(JSON.parse(text))).toEqual([
			['success', true],
			['data', { workspaces: expect.any(Array), pagination: expect.any(Object) }],
			['error', null],
			['message', '操作成功'],
		])
	})

	it.each<[number, string, string, string, () => Asked | Promise<Asked>]>([
		[400, 'BAD_REQUEST', 'JSON that is none', '/workspaces', () => post('{"name":')],
		[400, 'BAD_REQUEST', 'an empty body', '/workspaces', () => post('')],
		[400, 'BAD_REQUEST', 'a list', '/workspaces', () => post('[]')],
		[400, 'BAD_REQUEST', 'null', '/workspaces', () => post('null')],
		[400, 'BAD_REQUEST', 'text', '/workspaces', () => post('"name"')],
		[400, 'BAD_REQUEST', 'bytes that are no UTF-8', '/workspaces', () => post(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]))],
		[
			400,
			'BAD_REQUEST',
			'what is nested without an end',
			'/workspaces',
			() => post(`{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
		],
		[400, 'BAD_REQUEST', 'a prototype', '/workspaces', () => post('{"name":"x","__proto__":{"admin":true}}')],
		[401, 'UNAUTHENTICATED', 'a wrong token', '/workspaces', () => ({ token: 'wrong' })],
		[
			403,
			'FORBIDDEN',
			'a viewer who deletes',
			'/workspaces/default-workspace',
			async () => ({ method: 'DELETE', token: await app.tokenOf('viewer') }),
		],
		[404, 'NOT_FOUND', 'a path that is not there', '/nowhere', () => ({})],
		[404, 'NOT_FOUND', 'a path that is not there, posted', '/nowhere', () => post('{}')],
		[404, 'NOT_FOUND', 'an empty path', '/', () => ({})],
		[404, 'NOT_FOUND', 'no path at all', '', () => ({})],
		[404, 'NOT_FOUND', 'a path too long', '/workspaces/default-workspace/documents/1/text/more', () => ({})],
		[404, 'NOT_FOUND', 'an empty part of a path', '/workspaces//documents', () => ({})],
		[404, 'NOT_FOUND', 'a path of Object', '/constructor', () => ({})],
		[405, 'METHOD_NOT_ALLOWED', 'DELETE of a list', '/workspaces', () => ({ method: 'DELETE' })],
		[405, 'METHOD_NOT_ALLOWED', 'PATCH', '/workspaces/default-workspace', () => ({ ...post('{}'), method: 'PATCH' })],
		[405, 'METHOD_NOT_ALLOWED', 'GET of what is posted', '/auth/login', () => ({})],
		[409, 'CONFLICT', 'a slug that is taken', '/workspaces', () => post('{"name":"x","slug":"default-workspace"}')],
		[413, 'PAYLOAD_TOO_LARGE', 'a large body', '/workspaces', () => post(JSON.stringify({ name: 'x'.repeat(1_100_000) }))],
		[
			413,
			'PAYLOAD_TOO_LARGE',
			'a large body of unknown length',
			'/workspaces',
			() => post(streamOf('{"name":"', 'x'.repeat(1_100_000), '"}')),
		],
		[415, 'UNSUPPORTED_MEDIA_TYPE', 'text', '/workspaces', () => post('{"name":"x"}', { 'content-type': 'text/plain' })],
		[
			415,
			'UNSUPPORTED_MEDIA_TYPE',
			'a form of a page',
			'/workspaces',
			() => post('name=x', { 'content-type': 'application/x-www-form-urlencoded' }),
		],
		[415, 'UNSUPPORTED_MEDIA_TYPE', 'a multipart form', '/workspaces', () => post(new FormData(), {})],
		[422, 'UNPROCESSABLE', 'an empty name', '/workspaces', () => post('{"name":""}')],
	])('of a %i %s has exactly four keys: %s', async (status, code, _what, path, make) => {
		const { response, text } = await ask(path, await make())
		expect(response.status).toBe(status)
		expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
		expect(response.headers.get('x-error-code')).toBe(code)
		expect(response.headers.get('x-request-id')).toMatch(/^[\w.-]+$/)
		const body = JSON.parse(text)
		expect(Object.entries(body)).toEqual([
			['success', false],
			['data', null],
			['error', expect.stringMatching(/\p{Script=Han}/u)],
			['message', '操作失败'],
		])
	})

	it.each([
		['/workspaces', 'DELETE', ['GET', 'HEAD', 'OPTIONS', 'POST']],
		['/workspaces/default-workspace', 'POST', ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT']],
		['/auth/login', 'PUT', ['OPTIONS', 'POST']],
		['/auth/verify', 'POST', ['GET', 'HEAD', 'OPTIONS']],
	])('of a 405 at %s says what is allowed', async (path, method, allowed) => {
		const { response } = await ask(path, { method })
		expect(response.headers.get('allow')?.split(', ').sort()).toEqual(allowed)
	})

	it.each([
		['en', 'The operation succeeded.', 'There is nothing at this path.'],
		['en-US,en;q=0.9,zh;q=0.8', 'The operation succeeded.', 'There is nothing at this path.'],
		['zh-CN,zh;q=0.9,en;q=0.8', '操作成功', '此路径不存在。'],
		['fr', '操作成功', '此路径不存在。'],
		['*', '操作成功', '此路径不存在。'],
		['en;q=0', '操作成功', '此路径不存在。'],
		[';;;q=,,', '操作成功', '此路径不存在。'],
	])('is in the language of the caller: %s', async (language, succeeded, missing) => {
		const headers = { 'accept-language': language }
		expect(JSON.parse((await ask('/workspaces', { headers })).text).message).toBe(succeeded)
		expect(JSON.parse((await ask('/nowhere', { headers })).text).error).toBe(missing)
	})

	it('carries the request id of the caller where it is harmless, else one of ours', async () => {
		const idOf = async (id: string | null) =>
			(await ask('/nowhere', { headers: id === null ? {} : { 'x-request-id': id } })).response.headers.get('x-request-id')
		expect(await idOf('my-request_1.2')).toBe('my-request_1.2')
		for (const id of [null, 'two words', '<script>', 'a'.repeat(65), '{"$ne":1}', 'a;b']) {
			const ours = await idOf(id)
			expect(ours).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
		}
		expect(await idOf(null)).not.toBe(await idOf(null))
	})

	it('is not sent to HEAD, its headers are', async () => {
		const got = await ask('/workspaces')
		const head = await ask('/workspaces', { method: 'HEAD' })
		expect(head.text).toBe('')
		expect(head.response.status).toBe(200)
		for (const name of ['content-type', 'content-length']) expect(head.response.headers.get(name)).toBe(got.response.headers.get(name))
		expect((await ask('/nowhere', { method: 'HEAD' })).response.status).toBe(404)
		expect((await ask('/auth/login', { method: 'HEAD' })).response.status).toBe(405)
	})

	it('comes with headers that keep browsers from guessing', async () => {
		const { headers } = (await ask('/workspaces')).response
		expect(headers.get('x-content-type-options')).toBe('nosniff')
		expect(headers.get('x-frame-options')).toBe('DENY')
		expect(headers.get('access-control-allow-origin')).toBeNull()
	})
})

describe('the query string', () => {
	it('is ignored where no argument has that name', async () => {
		const { status, data } = await rest(app, 'GET', '/workspaces/default-workspace?nope=1&page=abc&__proto__=x', undefined, admin)
		expect(status).toBe(200)
		expect(data.workspace.slug).toBe('default-workspace')
	})

	it('cannot override the body or the path', async () => {
		const made = await rest(app, 'POST', '/workspaces?name=evil&slug=evil&input=evil', { name: 'Good', slug: 'good' }, admin)
		expect(made.data.workspace).toMatchObject({ name: 'Good', slug: 'good' })
		const changed = await rest(app, 'PUT', '/workspaces/good?slug=default-workspace&name=evil', { description: 'changed' }, admin)
		expect(changed.data.workspace).toMatchObject({ name: 'Good', slug: 'good', description: 'changed' })
	})

	it('or a path may end like any other word', async () => {
		await rest(app, 'POST', '/workspaces', { name: 'Health', slug: 'health' }, admin)
		expect((await rest(app, 'GET', '/workspaces/health', undefined, admin)).data.workspace.slug).toBe('health')
		expect((await rest(app, 'GET', '/workspaces/health')).status).toBe(401)
		expect((await rest(app, 'GET', '/workspaces?search=/health', undefined, admin)).data.workspaces).toEqual([])
		expect((await rest(app, 'DELETE', '/workspaces/health', undefined, admin)).data).toEqual({})
		expect(await app.prisma.workspace.count({ where: { slug: 'health' } })).toBe(0)
	})

	it('carries no credentials', async () => {
		expect((await rest(app, 'GET', `/workspaces?token=${admin}&access_token=${admin}&authorization=Bearer%20${admin}`)).status).toBe(401)
		expect((await rest(app, 'POST', `/auth/login?username=admin&password=${ADMIN_PASSWORD}`, {})).status).toBe(400)
	})
})
