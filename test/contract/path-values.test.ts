import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import {
	chatHistory,
	createWorkspace,
	deleteDocument,
	deleteWorkspace,
	getDocument,
	getDocumentText,
	listDocuments,
	search,
	sendMessage,
	updateWorkspace,
	uploadDocument,
} from '../support/operations.ts'
import { type Operation, rest, surfaces } from '../support/surfaces.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

const inWorkspace: [string, Operation, Record<string, unknown>][] = [
	['updateWorkspace', updateWorkspace as Operation, { input: { name: 'x' } }],
	['deleteWorkspace', deleteWorkspace as Operation, {}],
	['uploadDocument', uploadDocument as Operation, { input: { file: new File(['text'], 'a.txt') } }],
	['listDocuments', listDocuments as Operation, {}],
	['getDocument', getDocument as Operation, { documentId: 1 }],
	['getDocumentText', getDocumentText as Operation, { documentId: 1 }],
	['deleteDocument', deleteDocument as Operation, { documentId: 1 }],
	['search', search as Operation, { query: 'x' }],
	['sendMessage', sendMessage as Operation, { input: { message: 'x' } }],
	['chatHistory', chatHistory as Operation, {}],
]

describe.each(surfaces)('a slug in a path over $name', (surface) => {
	it.each(inWorkspace)('that is of no workspace is a 404 of %s', async (_name, operation, args) => {
		for (const slug of ['never-was', '我的', 'DEFAULT-WORKSPACE', '%', "' OR true --", 'a'.repeat(2_000), '__proto__'])
			expect((await surface.ask(app, operation, { ...args, slug }, admin)).code).toBe('NOT_FOUND')
	})

	it.each(inWorkspace)('that no database can hold is refused by %s', async (_name, operation, args) => {
		expect((await surface.ask(app, operation, { ...args, slug: 'a\u0000b' }, admin)).code).toBe('UNPROCESSABLE')
	})
})

describe.each(surfaces)('an id in a path over $name', (surface) => {
	const slug = 'default-workspace'

	it.each([
		['getDocument', getDocument],
		['getDocumentText', getDocumentText],
		['deleteDocument', deleteDocument],
	])('of %s is a number, and names something or nothing', async (_name, operation) => {
		for (const documentId of [999_999, 2 ** 31, 2 ** 53 - 1])
			expect((await surface.ask(app, operation, { slug, documentId }, admin)).code).toBe('NOT_FOUND')
		for (const documentId of ['abc', '1.5', '-1', '0', '1e3', '0x1'] as unknown as number[])
			expect((await surface.ask(app, operation, { slug, documentId }, admin)).code).toBe('BAD_REQUEST')
	})

	it.each(['thread-', 'run-1', 'thread-a b', "thread-' --", 'thread-A', `thread-${'a'.repeat(61)}`])(
		'of a thread has a form: not %j',
		async (threadId) => {
			expect((await surface.ask(app, chatHistory, { slug, threadId }, admin)).code).toBe('BAD_REQUEST')
			expect((await surface.ask(app, sendMessage, { slug, input: { message: 'x', threadId } }, admin)).code).toBe('BAD_REQUEST')
		},
	)
})

describe.each(surfaces)('text that no database can hold over $name', (surface) => {
	it.each([
		['createWorkspace', createWorkspace as Operation, { input: { name: 'a\ud800' } }],
		['createWorkspace', createWorkspace as Operation, { input: { name: 'a', description: 'a\u0000' } }],
		['createWorkspace', createWorkspace as Operation, { input: { name: 'a', description: 'a\udc00b' } }],
		['sendMessage', sendMessage as Operation, { slug: 'default-workspace', input: { message: 'half of 😀: \ud83d' } }],
		['sendMessage', sendMessage as Operation, { slug: 'default-workspace', input: { message: 'a\u0000' } }],
		['sendMessage', sendMessage as Operation, { slug: 'default-workspace', input: { message: 'a', requestId: '\ud83d' } }],
	])('is refused by %s', async (_name, operation, args) => {
		expect(await surface.ask(app, operation, args, admin)).toMatchObject({
			code: 'UNPROCESSABLE',
			error: expect.stringContaining('不能包含'),
		})
	})

	it('is refused as the name to look for', async () => {
		expect((await surface.ask(app, listDocuments, { slug: 'default-workspace', search: 'a\u0000' }, admin)).code).toBe('UNPROCESSABLE')
		expect((await surface.ask(app, search, { slug: 'default-workspace', query: 'a\u0000' }, admin)).code).toBe('UNPROCESSABLE')
	})
})

describe('a path over REST', () => {
	it.each(['/workspaces/%zz', '/workspaces/%', '/workspaces/%c3%28/documents', '/workspaces/%ed%a0%80/search'])(
		'that is not well encoded is a 400: %s',
		async (path) => {
			expect(await rest(app, 'GET', path, undefined, admin)).toMatchObject({
				status: 400,
				code: 'BAD_REQUEST',
				error: '路径的编码不正确。',
			})
		},
	)

	it('may encode any character', async () => {
		expect((await rest(app, 'GET', '/workspaces/%64efault%2Dworkspace', undefined, admin)).data.workspace.slug).toBe('default-workspace')
		expect((await rest(app, 'GET', '/workspaces/default%2Fworkspace', undefined, admin)).status).toBe(404)
	})
})
