import { beforeEach, describe, expect, it } from 'vitest'
import { start } from '../support.ts'

let app: ReturnType<typeof start>
beforeEach(() => {
	app = start()
})

const documents = '/workspaces/default-workspace/documents'
const chat = '/workspaces/default-workspace/chat'

describe('the query string', () => {
	const idsOf = async (query: string): Promise<number[]> =>
		(await app.rest('GET', `${documents}?${query}`)).body.data.documents.map(({ id }: { id: number }) => id)

	it('is read as the declared types', async () => {
		expect(await idsOf('ids=3&ids=5')).toEqual([3, 5])
		expect(await idsOf('ids=3')).toEqual([3])
		expect(await idsOf('isSmall=false')).toEqual([])
		expect(await idsOf('least=1e1&limit=2')).toEqual([1, 2])
		expect(await idsOf('search=document-2%33')).toEqual([23])
		expect(await idsOf('threadId=thread-1&limit=1')).toEqual([1])
	})

	it('takes more values of one name than twenty', async () => {
		const ids = Array.from({ length: 23 }, (_, index) => index + 1)
		expect(await idsOf(`limit=100&${ids.map((id) => `ids=${id}`).join('&')}`)).toEqual(ids)
	})

	it('leaves defaults where it says nothing, and may say more than is read', async () => {
		expect(await idsOf('')).toHaveLength(20)
		expect(await idsOf('utm=1')).toHaveLength(20)
	})

	it.each([
		['page=abc', 'page: expected an integer.'],
		['page=1.5', 'page: expected an integer.'],
		['page=', 'page: expected an integer.'],
		['page=99999999999', 'page: expected an integer.'],
		['page=2147483648', 'page: expected an integer.'],
		['page=1&page=2', 'page: expected one value.'],
		['least=x', 'least: expected a number.'],
		['least=Infinity', 'least: expected a number.'],
		['isSmall=yes', 'isSmall: expected true or false.'],
		['isSmall=constructor', 'isSmall: expected true or false.'],
		['ids=x', 'ids: expected an id.'],
		['ids=0', 'ids: expected an id.'],
		['threadId=7', 'threadId: expected an id such as thread-….'],
	])('is refused when it says %s', async (query, error) => {
		const { status, code, body } = await app.rest('GET', `${documents}?${query}`)
		expect([status, code, body.error]).toEqual([400, 'BAD_REQUEST', error])
	})

	it('is refused when it lacks what must be there', async () => {
		expect((await app.rest('GET', '/search?query=')).body.data.seen).toBe('')
		expect((await app.rest('GET', '/search')).body.error).toBe('query: required, but missing.')
	})

	it('cannot fill what the body fills, nor override the path', async () => {
		expect((await app.rest('POST', '/workspaces?name=Evil&input={"name":"Evil"}', {})).body.error).toBe('name: required, but missing.')
		expect((await app.rest('GET', '/workspaces/no?slug=default-workspace')).status).toBe(404)
	})
})

describe('the path', () => {
	it('is decoded once', async () => {
		expect((await app.rest('GET', '/workspaces/%E5%B7%A5%2525')).body.error).toContain('"工%25"')
	})

	it('is read as the declared types', async () => {
		expect((await app.rest('DELETE', `${documents}/x`)).body.error).toBe('documentId: expected an id.')
	})
})

describe('a JSON body', () => {
	it('clears a field with null and leaves an absent one', async () => {
		const description = async (body: object) =>
			(await app.rest('PUT', '/workspaces/default-workspace', body)).body.data.workspace.description
		expect(await description({ name: 'renamed' })).toBe('描述')
		expect(await description({ description: null })).toBeNull()
	})

	it('keeps a field apart from the path parameter of the same name', async () => {
		expect((await app.rest('PUT', '/workspaces/default-workspace', { slug: 'moved' })).body.data.workspace.slug).toBe('moved')
	})

	it('reaches the resolver as it was sent, with the defaults of what is absent', async () => {
		const sent = {
			message: '',
			mode: 'query',
			threadId: null,
			temperature: 0.5,
			limit: -1,
			isDry: false,
			options: null,
			metadata: { a: [null] },
		}
		expect((await app.rest('POST', chat, sent)).body.data.seen).toEqual(sent)
		expect((await app.rest('POST', chat, { message: 'a' })).body.data.seen).toEqual({ message: 'a', mode: 'chat' })
	})

	it.each([
		[{ message: 42 }, 'message: expected a string.'],
		[{ message: null }, 'message: expected a string.'],
		[{}, 'message: required, but missing.'],
		[{ message: 'a', nope: 1 }, 'nope: no such field.'],
		[{ message: 'a', options: { nope: 1 } }, 'options.nope: no such field.'],
		[{ message: 'a', mode: 'loud' }, 'mode: expected one of chat, query.'],
		[{ message: 'a', mode: null }, 'mode: expected one of chat, query.'],
		[{ message: 'a', mode: ['chat'] }, 'mode: expected one of chat, query.'],
		[{ message: 'a', limit: 1.5 }, 'limit: expected an integer.'],
		[{ message: 'a', limit: '1' }, 'limit: expected an integer.'],
		[{ message: 'a', limit: 2 ** 31 }, 'limit: expected an integer.'],
		[{ message: 'a', temperature: '1' }, 'temperature: expected a number.'],
		[{ message: 'a', isDry: 'yes' }, 'isDry: expected true or false.'],
		[{ message: 'a', threadId: 'x' }, 'threadId: expected an id such as thread-….'],
		[{ message: 'a', options: [] }, 'options: expected an object.'],
		[{ message: 'a', options: { modes: 'chat' } }, 'options.modes: expected a list.'],
		[{ message: 'a', options: { documentIds: [1, 0] } }, 'options.documentIds[1]: expected an id.'],
		[{ message: 'a', options: { documentIds: [1, null] } }, 'options.documentIds[1]: expected an id.'],
		[[], 'The body must be a JSON object.'],
		['"text"', 'The body must be a JSON object.'],
		['{bad', 'The body is not valid JSON.'],
		['', 'message: required, but missing.'],
		['{"message":"a","__proto__":{"mode":"query"}}', '__proto__: no such field.'],
	])('%j is refused in our words', async (body, error) => {
		const { status, code, body: answer } = await app.rest('POST', chat, body)
		expect([status, code, answer.error]).toEqual([400, 'BAD_REQUEST', error])
	})

	it('is refused when it nests too deep', async () => {
		const nested = (depth: number) => `{"message":"a","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`
		expect((await app.rest('POST', chat, nested(60))).status).toBe(200)
		expect((await app.rest('POST', chat, nested(100))).body.error).toBe('body: expected at most 64 levels.')
	})

	it('is refused when its bytes are no UTF-8', async () => {
		const broken = new Blob([Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)]).stream()
		expect((await app.rest('POST', chat, broken)).body.error).toBe('The body is not valid JSON.')
	})

	it('is refused with another content type', async () => {
		const { status, code, body } = await app.rest('POST', '/workspaces', 'a=1', { 'content-type': 'text/plain', 'accept-language': 'en' })
		expect([status, code, body.error]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.'])
		expect((await app.rest('POST', '/workspaces', { name: 'a' }, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201)
	})

	it('is read no further than its limit', async () => {
		const sent = (bytes: number) => app.rest('POST', '/workspaces', JSON.stringify({ name: 'x'.repeat(bytes - 11) }))
		expect((await sent(1024)).status).toBe(201)
		const { status, code } = await sent(1025)
		expect([status, code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
	})
})
