import { describe, expect, it } from 'vitest'
import type { Upload } from '../../src/uploads.ts'
import { readAll } from './example/app.ts'
import { answerOf, serve, wire } from './serve.ts'

const MEGABYTE = 1024 * 1024

const upload = (variable: string) => `uploadDocument(slug: "default-workspace", input: { file: $${variable} }) { id filename size }`
const ONE = { query: `mutation ($file: File!) { ${upload('file')} }`, variables: { file: null } }
const TWO = {
	query: `mutation ($one: File!, $other: File!) { first: ${upload('one')} second: ${upload('other')} }`,
	variables: { one: null, other: null },
}

const form = (operations: unknown, map: unknown, ...rest: string[]) =>
	[wire.text('operations', JSON.stringify(operations)), wire.text('map', JSON.stringify(map)), ...rest].join('')
const file = (name: string, filename: string, bytes: string) => wire.file(filename, bytes, { name })

describe('an upload over GraphQL', () => {
	it('stands where the map says', async () => {
		const { send } = await serve()
		const { body } = await send('/graphql', form(ONE, { 0: ['variables.file'] }, file('0', '报告.txt', 'hello'), wire.end))
		expect(body).toEqual({ data: { uploadDocument: { id: '101', filename: '报告.txt', size: 5 } } })
	})

	it('stands in an input and in a list as well', async () => {
		const query = 'mutation ($input: UploadDocumentInput!) { uploadDocument(slug: "default-workspace", input: $input) { filename } }'
		const { send } = await serve()
		const operations = { query, variables: { input: { file: null, metadata: { list: [1, null] } } } }
		const { body } = await send('/graphql', form(operations, { a: ['variables.input.file'] }, file('a', 'a.txt', 'x'), wire.end))
		expect(body.data.uploadDocument.filename).toBe('a.txt')
		const inList = { query: '{ verify { valid } }', variables: { files: [null, null] } }
		expect(
			(await send('/graphql', form(inList, { a: ['variables.files.1'] }, file('a', 'a.txt', 'x'), wire.end))).body.data.verify.valid,
		).toBe(true)
	})

	it('runs its operation while the body is on the wire', async () => {
		const opened = Promise.withResolvers<void>()
		const { begin } = await serve({
			receive: async (upload) => {
				const read = readAll(upload)
				opened.resolve()
				return read
			},
		})
		const sent = begin('/graphql')
		sent.write(form(ONE, { 0: ['variables.file'] }, file('0', 'a.txt', 'first')))
		await opened.promise
		sent.end(`second${wire.end}`)
		expect((await answerOf(sent)).body.data.uploadDocument.size).toBe(11)
	})

	it('is one of several, each with its own name, in the order of arrival', async () => {
		const { send } = await serve()
		const map = { a: ['variables.one'], b: ['variables.other'] }
		const big = 'x'.repeat(MEGABYTE)
		const { body } = await send('/graphql', form(TWO, map, file('a', 'one.txt', big), '\r\n', file('b', 'other.txt', 'second'), wire.end))
		expect(body.data).toMatchObject({ first: { filename: 'one.txt', size: MEGABYTE }, second: { filename: 'other.txt', size: 6 } })
	})

	it('gives up those that arrived before it', async () => {
		const { send } = await serve()
		const swapped = { a: ['variables.other'], b: ['variables.one'] }
		const { body } = await send(
			'/graphql',
			form(TWO, swapped, file('a', 'a.txt', 'x'.repeat(MEGABYTE)), '\r\n', file('b', 'b.txt', 'second'), wire.end),
		)
		expect(body.errors).toMatchObject([{ path: ['second'], extensions: { code: 'BAD_REQUEST' } }])
	})

	it('leaves those that come after it, whoever asks for one given up', async () => {
		const read: unknown[] = []
		const waiting: Upload[] = []
		const { send } = await serve({
			receive: async (upload) => {
				waiting.push(upload)
				const [first, second, third] = waiting
				if (first && second && third) {
					for (const upload of [second, first, third])
						read.push(
							await readAll(upload).then(
								({ size }) => size,
								({ problem }) => problem,
							),
						)
				}
				return { size: 0, trailing: new Map() }
			},
		})
		const query = `mutation ($a: File!, $b: File!, $c: File!) { a: ${upload('a')} b: ${upload('b')} c: ${upload('c')} }`
		const map = { a: ['variables.a'], b: ['variables.b'], c: ['variables.c'] }
		const files = [file('a', 'a.txt', '1'), '\r\n', file('b', 'b.txt', '12'), '\r\n', file('c', 'c.txt', '123'), wire.end]
		await send('/graphql', form({ query, variables: { a: null, b: null, c: null } }, map, ...files))
		expect(read).toEqual([2, 'brokenUpload', 3])
	})

	it('that never arrives fails', async () => {
		const { send } = await serve()
		const { body } = await send('/graphql', form(ONE, { a: ['variables.file'] }, file('b', 'b.txt', 'x'), wire.end))
		expect(body.errors).toMatchObject([{ path: ['uploadDocument'], extensions: { code: 'BAD_REQUEST' } }])
	})

	it('that is cut off fails', async () => {
		const started = Promise.withResolvers<void>()
		const failed = Promise.withResolvers<unknown>()
		const { begin } = await serve({
			receive: async (upload) => {
				started.resolve()
				await readAll(upload).catch(failed.resolve)
				return { size: 0, trailing: new Map() }
			},
		})
		const sent = begin('/graphql').on('error', () => {})
		sent.write(form(ONE, { 0: ['variables.file'] }, file('0', 'a.txt', 'half')))
		await started.promise
		sent.destroy()
		expect(await failed.promise).toMatchObject({ problem: 'brokenUpload' })
	})

	it('that nobody reads is thrown away, so that the client sees the answer and keeps its connection', async () => {
		const { send, connections } = await serve()
		const body = form(ONE, { 0: ['variables.file'] }, file('0', 'a.txt', 'x'.repeat(4 * MEGABYTE)), wire.end)
		expect((await send('/graphql', body, { authorization: '' })).body.errors[0].extensions.code).toBe('UNAUTHENTICATED')
		expect((await send('/graphql', body)).body.data.uploadDocument.size).toBe(4 * MEGABYTE)
		expect(connections).toHaveLength(1)
	})
})

describe('a request for uploads that is not as it should be', () => {
	const part = file('0', 'a.txt', 'x') + wire.end
	const mapped = (path: unknown, variables: unknown = ONE.variables) => form({ ...ONE, variables }, { 0: path }, part)

	it.each([
		['has no operations', wire.text('map', '{}') + part, 'operations: required, but missing.'],
		['has no map', wire.text('operations', JSON.stringify(ONE)) + part, 'map: required, but missing.'],
		['has its file first', file('0', 'a.txt', 'x') + wire.end, 'operations: required, but missing.'],
		['has operations that are no JSON', wire.text('operations', '{') + part, 'operations: expected an object.'],
		['is a batch', form([ONE], { 0: ['variables.file'] }, part), 'operations: expected an object.'],
		['has a map that is a list', form(ONE, [], part), 'map: expected an object.'],
		['maps to no list', mapped('variables.file'), 'map: 0: expected the path of a null in the variables.'],
		['maps to the query', mapped(['query']), 'map: query: expected the path of a null in the variables.'],
		['maps to all variables', mapped(['variables']), 'map: variables: expected the path of a null in the variables.'],
		['maps to what is not there', mapped(['variables.nope']), 'map: variables.nope: expected the path of a null in the variables.'],
		['maps to a value', mapped(['variables.file'], { file: 1 }), 'map: variables.file: expected the path of a null in the variables.'],
		['maps to a prototype', mapped(['variables.__proto__']), 'map: variables.__proto__: expected the path of a null in the variables.'],
		[
			'maps into a prototype',
			mapped(['variables.__proto__.x']),
			'map: variables.__proto__.x: expected the path of a null in the variables.',
		],
		[
			'maps behind a prototype',
			mapped(['variables.__proto__.__proto__']),
			'map: variables.__proto__.__proto__: expected the path of a null in the variables.',
		],
		[
			'maps into a constructor',
			mapped(['variables.constructor.prototype.x']),
			'map: variables.constructor.prototype.x: expected the path of a null in the variables.',
		],
		['maps to too many places', form(ONE, { 0: Array(21).fill('variables.file') }, part), 'map: expected at most 20 places.'],
	])('and %s is refused', async (_, body, message) => {
		const { send } = await serve()
		const answer = await send('/graphql', body)
		expect([answer.status, answer.body.errors]).toMatchObject([400, [{ message, extensions: { code: 'BAD_REQUEST' } }]])
		expect(({} as { x?: unknown }).x).toBeUndefined()
	})
})
