import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createUser, getDocument, listDocuments, login, uploadDocument } from '../support/operations.ts'
import { graphql, type Operation, rest, surfaces } from '../support/surfaces.ts'
import { heard, transports } from '../support/transports.ts'

let app: TestApp
let user: string
beforeAll(async () => {
	app = await bootApp()
	user = await app.tokenOf('lin')
})
afterAll(() => app.end())

describe.each(surfaces)('who may not call learns nothing of rules over $name', (surface) => {
	const malformed: [string, Operation, Record<string, unknown>][] = [
		['a short password', createUser as Operation, { input: { username: 'x', password: 'short' } }],
		['a page beyond all pages', listDocuments as Operation, { slug: 'default-workspace', page: -1, limit: 101 }],
		['an id that is none', getDocument as Operation, { slug: 'default-workspace', documentId: 'abc' }],
		['text that no database can hold', listDocuments as Operation, { slug: 'a\u0000b' }],
		[
			'metadata that is no object',
			uploadDocument as Operation,
			{ slug: 'default-workspace', input: { metadata: '[]', file: new File(['x'], 'x') } },
		],
	]

	it.each(malformed)('with %s: 401 without a token', async (_what, operation, args) => {
		expect(await surface.ask(app, operation, args, null)).toMatchObject({ code: 'UNAUTHENTICATED' })
		expect(await surface.ask(app, operation, args, 'wrong')).toMatchObject({ code: 'UNAUTHENTICATED' })
	})

	it('with a short password: 403 for who is no admin', async () => {
		expect(await surface.ask(app, createUser, { input: { username: 'x', password: 'short' } }, user)).toMatchObject({ code: 'FORBIDDEN' })
	})

	it('but of what anybody may call', async () => {
		expect(await surface.ask(app, login, { input: { username: '', password: 'x' } }, null)).toMatchObject({ code: 'UNPROCESSABLE' })
	})
})

describe('who may not call learns nothing of rules over REST', () => {
	it.each<[string, string, string, unknown, Record<string, string>?]>([
		['no JSON', 'POST', '/users', '{"username":'],
		['no object', 'POST', '/users', '[]'],
		['a missing field', 'POST', '/users', '{}'],
		['a wrong type', 'POST', '/users', { username: 7 }],
		['too much', 'POST', '/users', JSON.stringify({ username: 'x'.repeat(1_100_000) })],
		['another media type', 'POST', '/users', 'username=x', { 'content-type': 'text/plain' }],
		['no form', 'POST', '/workspaces/default-workspace/documents', {}],
		['an id that is none', 'DELETE', '/users/abc', undefined],
		['a number that is none', 'GET', '/users?page=abc', undefined],
	])('with %s', async (_what, method, path, body, headers) => {
		expect(await rest(app, method, path, body, null, headers)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
		if (path.startsWith('/users'))
			expect(await rest(app, method, path, body, user, headers)).toMatchObject({ status: 403, code: 'FORBIDDEN' })
	})

	it('where there is nothing to call, it says so', async () => {
		expect((await rest(app, 'GET', '/nowhere', undefined, null)).status).toBe(404)
		expect((await rest(app, 'PATCH', '/users', {}, null)).status).toBe(405)
	})
})

describe.each(transports)('who may not follow learns nothing of rules over $name', (transport) => {
	it.each(['chat(slug: "a", input: { message: "" }) { sequence }', 'documentEvents(slug: "a", documentId: "abc") { __typename }'])(
		'%s',
		async (field) => {
			expect((await heard(transport.follow(app, `subscription { ${field} }`, {}, null))).code).toBe('UNAUTHENTICATED')
		},
	)
})

it('limits count a call whose values are refused', async () => {
	const strict = await bootApp({ environment: { RATE_LIMIT_AUTH: '2' } })
	try {
		const codes = []
		for (let attempt = 0; attempt < 3; attempt++)
			codes.push((await graphql(strict, 'mutation { login(input: { username: "", password: "x" }) { token } }')).code)
		expect(codes).toEqual(['UNPROCESSABLE', 'UNPROCESSABLE', 'RATE_LIMITED'])
	} finally {
		await strict.end()
	}
})
