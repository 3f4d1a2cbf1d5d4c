import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Upload } from '../../src/uploads.ts'
import { readAll } from './example/app.ts'
import { answerOf, BOUNDARY, serve, wire } from './serve.ts'
import { start } from './support.ts'

const path = '/api/workspaces/default-workspace/documents'
const MEGABYTE = 1024 * 1024

describe('an upload', () => {
	it('reaches the resolver that GraphQL has, with the name as it was written', async () => {
		const { send } = await serve()
		const { status, body } = await send(
			path,
			wire.text('pages', '3') + wire.file('../工作 报告.txt', 'hello', { type: 'Text/Markdown' }) + wire.end,
		)
		expect(status).toBe(201)
		expect(body.data.document).toMatchObject({ filename: '工作 报告.txt', size: 5, metadata: { pages: 3, mimeType: 'text/markdown' } })
	})

	it('is read from a fetch request as well', async () => {
		const form = new FormData()
		form.set('metadata', '{"title":"t"}')
		form.set('file', new File(['hello'], '文档.txt'))
		form.set('later', 'x')
		const { status, body, headers } = await start().rest('POST', path.slice('/api'.length), form)
		expect([status, headers.get('location')]).toEqual([201, '/api/workspaces/default-workspace/documents/101'])
		expect(body.data.document).toMatchObject({
			filename: '文档.txt',
			size: 5,
			metadata: { before: { title: 't' }, trailing: { later: 'x' } },
		})
	})

	it('runs its operation while the body is on the wire', async () => {
		const opened = Promise.withResolvers<void>()
		const { begin } = await serve({
			receive: async (upload) => {
				const stream = upload.open()
				const [first] = (await once(stream, 'data')) as [Buffer]
				opened.resolve()
				expect(upload.requestBytes).toBeNull()
				let size = first.length
				for await (const chunk of stream) size += (chunk as Buffer).length
				return { size, trailing: new Map() }
			},
		})
		const sent = begin(path)
		sent.write(wire.file('a.txt', 'first'))
		await opened.promise
		sent.end(`second${wire.end}`)
		expect((await answerOf(sent)).body.data.document.size).toBe(11)
	})

	it('gives text before the file as input and text after it at the end', async () => {
		const { send } = await serve()
		const before = await send(path, wire.text('metadata', '{"a":1}') + wire.file('a.txt', 'x') + wire.end)
		expect(before.body.data.document.metadata).toMatchObject({ before: { a: 1 }, trailing: {} })
		const after = await send(path, `${wire.file('a.txt', 'x')}\r\n${wire.text('metadata', '{"a":1}').slice(0, -2)}${wire.end}`)
		expect(after.body.data.document.metadata).toEqual({ mimeType: 'text/plain', trailing: { metadata: '{"a":1}' } })
	})

	it('leaves what is no JSON to the service', async () => {
		const { send } = await serve()
		const { body } = await send(path, wire.text('metadata', 'no json') + wire.file('a.txt', 'x') + wire.end)
		expect(body.data.document.metadata.before).toBe('no json')
	})

	it('holds back a sender that is faster than the reader', async () => {
		let most = 0
		const { begin, connections } = await serve({
			receive: async (upload) => {
				let size = 0
				for await (const chunk of upload.open()) {
					size += (chunk as Buffer).length
					for (let turn = 0; turn < 20; turn++) await setImmediate() // enough for the socket to get far ahead, were it not held back
					most = Math.max(most, (connections[0]?.bytesRead ?? 0) - size)
				}
				return { size, trailing: new Map() }
			},
		})
		const sent = begin(path)
		sent.write(wire.file('a.bin'))
		for (let count = 0; count < 16; count++) if (!sent.write(Buffer.alloc(MEGABYTE, 97))) await once(sent, 'drain')
		sent.end(wire.end)
		expect((await answerOf(sent)).body.data.document.size).toBe(16 * MEGABYTE)
		expect(most).toBeLessThan(MEGABYTE)
	})
})

describe('a form that is not as it should be', () => {
	const closed = (parts: string) => parts + wire.end.slice(parts.endsWith('\r\n') ? 2 : 0)

	it.each([
		['has no file', closed(wire.text('pages', '1')), 'file: required, but missing.'],
		['has text as its file', closed(wire.text('file', 'hello')), 'file: expected a file of a multipart request.'],
		['has the file under another name', closed(wire.file('a.txt', 'x', { name: 'upload' })), 'upload: no such field.'],
		['has a wrong value', closed(wire.text('pages', 'x') + wire.file('a.txt', 'x')), 'pages: expected an integer.'],
		[
			'has one name twice',
			closed(wire.text('pages', '1') + wire.text('pages', '2') + wire.file('a.txt', 'x')),
			'pages: expected one value.',
		],
		['has a text part named __proto__', closed(wire.text('__proto__', '1') + wire.file('a.txt', 'x')), '__proto__: no such field.'],
		['has a file part named __proto__', closed(wire.file('a.txt', 'x', { name: '__proto__' })), '__proto__: no such field.'],
		['has too many parts', closed(wire.text('a', '1').repeat(21)), 'body: expected at most 20 fields.'],
		['ends in a file', wire.file('a.txt', 'x'), 'The upload is cut off or not well formed; send it again.'],
		['ends before a file', wire.text('pages', '1'), 'The upload is cut off or not well formed; send it again.'],
		['has a broken header', `--${BOUNDARY}\r\ncontent disposition\r\n\r\n`, 'The upload is cut off or not well formed; send it again.'],
		['is empty', '', 'file: required, but missing.'],
	])('and %s is refused', async (_, body, error) => {
		const { send, store } = await serve()
		const answer = await send(path, body)
		expect([answer.status, answer.body.error]).toEqual([400, error])
		expect(store.documents).toHaveLength(23)
	})

	it('and names no boundary is refused', async () => {
		const { send } = await serve()
		expect((await send(path, 'x', { 'content-type': 'multipart/form-data' })).status).toBe(400)
	})

	it('and is no form is refused', async () => {
		const { send } = await serve()
		const { status, body } = await send(path, '{}', { 'content-type': 'application/json' })
		expect([status, body.error]).toEqual([415, 'Send the body as multipart/form-data.'])
	})

	it('and has a text part that is too long is refused', async () => {
		const { send } = await serve()
		expect((await send(path, closed(wire.text('metadata', 'x'.repeat(MEGABYTE + 1)) + wire.file('a.txt', 'x')))).status).toBe(413)
	})

	it('and has a second file is refused before the upload counts', async () => {
		const { send, store } = await serve()
		const { status, body } = await send(path, `${wire.file('a.txt', 'x')}\r\n${wire.file('b.txt', 'y'.repeat(MEGABYTE))}${wire.end}`)
		expect([status, body.error]).toEqual([422, expect.stringMatching(/^Send one file a request:/)])
		expect(store.documents).toHaveLength(23)
	})

	it.each([
		['in the file', wire.file('a.txt', 'half'), (upload: Upload) => finished(upload.open().resume())],
		['after the file', `${wire.file('a.txt', 'x')}\r\n${wire.text('later', 'x')}`, (upload: Upload) => readAll(upload)],
		['after an unread file', wire.file('a.txt', 'half'), (upload: Upload) => upload.trailing()],
	])('and is cut off %s fails what reads it, and nothing else', async (_, body, read) => {
		const started = Promise.withResolvers<void>()
		const failed = Promise.withResolvers<unknown>()
		const { begin, send } = await serve({
			receive: async (upload) => {
				started.resolve()
				const outcome = read(upload)
				outcome.then(failed.reject, failed.resolve)
				await outcome
				return readAll(upload)
			},
		})
		const sent = begin(path).on('error', () => {})
		sent.write(body)
		await started.promise
		sent.destroy()
		expect(await failed.promise).toMatchObject({ name: AppError.name, problem: 'brokenUpload' })
		expect((await send(path, 'x', { authorization: '' })).status).toBe(400)
	})
})

describe('a body that does not come', () => {
	it.each([
		['a JSON body', '/api/workspaces', '{', 'application/json'],
		['a form', path, wire.text('pages', '1'), `multipart/form-data; boundary=${BOUNDARY}`],
	])('is not waited for: %s', async (_, path, begun, type) => {
		const { begin, connections } = await serve({ arrivalTimeoutMs: 100, drain: { maxBytes: MEGABYTE, timeoutMs: 100 } })
		const sent = begin(path, { 'content-type': type }).on('error', () => {})
		sent.write(begun)
		const { status, body } = await answerOf(sent)
		expect([status, body.error]).toEqual([400, 'The body took longer than 0.1 s to arrive.'])
		const [connection] = connections
		if (connection && !connection.closed) await once(connection, 'close')
	})
})

describe('a body that nobody wants', () => {
	const body = wire.file('a.bin', 'x'.repeat(4 * MEGABYTE)) + wire.end

	it('is read to its end, so that the client sees the answer and keeps its connection', async () => {
		const { send, connections } = await serve()
		expect((await send(path, body, { authorization: '' })).status).toBe(401)
		expect((await send('/api/nope', body)).status).toBe(404)
		expect((await send(path, body, { 'content-type': 'text/plain' })).status).toBe(415)
		expect((await send('/api/workspaces', body, { 'content-type': 'application/json' })).status).toBe(413)
		expect((await send('/api/auth/login', body)).status).toBe(200)
		expect(connections).toHaveLength(1)
	})

	it('is read to its end also when it turns out too large on the way', async () => {
		const { begin, send, connections } = await serve({
			receive: async (upload) => {
				let size = 0
				for await (const chunk of upload.open()) {
					size += (chunk as Buffer).length
					if (size > MEGABYTE) throw new AppError('fileTooLarge', { maxBytes: MEGABYTE })
				}
				return { size, trailing: await upload.trailing() }
			},
		})
		expect((await send(path, body)).status).toBe(413)
		const chunked = begin('/api/workspaces', { 'content-type': 'application/json' })
		chunked.end(body)
		expect((await answerOf(chunked)).body.error).toBe('The body is too large; at most 1024 bytes are accepted.')
		expect((await send(path, wire.file('a.txt', 'x') + wire.end)).status).toBe(201)
		expect(connections).toHaveLength(1)
	})

	it('is read no further than a limit of bytes, then the connection is closed', async () => {
		const { begin, connections } = await serve({ drain: { maxBytes: MEGABYTE, timeoutMs: 60_000 } })
		const sent = begin('/api/nope').on('error', () => {})
		const answer = answerOf(sent)
		const writeOn = () => {
			while (!sent.destroyed && sent.write(Buffer.alloc(MEGABYTE)));
		}
		sent.on('drain', writeOn)
		writeOn()
		expect((await answer).status).toBe(404)
		const [connection] = connections
		if (connection && !connection.closed) await once(connection, 'close')
		expect(connection?.bytesRead).toBeLessThan(2 * MEGABYTE)
	})

	it('is waited for no longer than a limit of time, then the connection is closed', async () => {
		const { begin, connections } = await serve({ drain: { maxBytes: MEGABYTE, timeoutMs: 100 } })
		const sent = begin(path, { authorization: '' }).on('error', () => {})
		sent.write(wire.file('a.txt', 'and then nothing more'))
		expect((await answerOf(sent)).status).toBe(401)
		const [connection] = connections
		if (connection && !connection.closed) await once(connection, 'close')
		expect(connection?.closed).toBe(true)
	})
})
