import { describe, expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { eventPieces } from '../../../src/server/rest/sse.ts'
import { streamed } from '../../../src/server/rest/streamed.ts'

type Result = { data: { n: number } } | { errors: never[] }

/** A subscription that counts to `until`, or for ever, and how far it was asked. */
function counting(until = Number.POSITIVE_INFINITY) {
	const seen = { asked: 0, isLeft: false }
	const results: AsyncIterator<Result> = {
		next: async () => (seen.asked < until ? { value: { data: { n: ++seen.asked } } } : { done: true, value: undefined }),
		async return() {
			seen.isLeft = true
			return { done: true, value: undefined }
		},
	}
	return { seen, results }
}

const NEVER = new Promise<never>(() => undefined)
const open = new AbortController().signal

function bodyOf(results: AsyncIterator<Result>, { heartbeatMs = 60_000, expelled = NEVER as Promise<AppError>, signal = open } = {}) {
	const broken: unknown[] = []
	const pieces = eventPieces({
		results: results as never,
		show: ({ data }) => ({ event: 'counted', id: String(data?.['n']), data }),
		language: 'en',
		heartbeatMs,
		expelled,
		report: () => undefined,
	})
	return { body: streamed(pieces, { signal, broken: (cause) => broken.push(cause) }), broken }
}

const readAll = (body: ReadableStream<Uint8Array>) => new Response(body).text()

describe('a stream of events', () => {
	it('has each with its id, its type and its data, after a comment that lets the headers leave', async () => {
		const { results, seen } = counting(2)
		expect(await readAll(bodyOf(results).body)).toBe(
			':\n\nid: 1\nevent: counted\ndata: {"n":1}\n\nid: 2\nevent: counted\ndata: {"n":2}\n\n',
		)
		expect(seen.isLeft).toBe(true)
	})

	it('asks for nothing that nobody reads', async () => {
		const { results, seen } = counting()
		const reader = bodyOf(results).body.getReader()
		expect(seen.asked).toBe(0)
		for (let read = 0; read < 4; read++) await reader.read()
		expect(seen.asked).toBe(3)
		await reader.cancel()
		expect(seen.isLeft).toBe(true)
	})

	it('breaks a silence, and loses nothing by it', async () => {
		const arrival = Promise.withResolvers<IteratorResult<Result>>()
		const results = { next: () => arrival.promise }
		const reader = bodyOf(results, { heartbeatMs: 1 }).body.getReader()
		const next = async () => Buffer.from((await reader.read()).value ?? '').toString()
		expect([await next(), await next(), await next()]).toEqual([':\n\n', ':\n\n', ':\n\n'])
		arrival.resolve({ value: { data: { n: 7 } } })
		let said = await next()
		while (said === ':\n\n') said = await next()
		expect(said).toBe('id: 7\nevent: counted\ndata: {"n":7}\n\n')
	})

	it('ends with what went wrong, and hides what nobody expected', async () => {
		const failing = (error: Error) => bodyOf({ next: () => Promise.reject(error) }).body
		expect(await readAll(failing(new AppError('noSuchDocument')))).toContain('event: error\ndata: {"code":"NOT_FOUND","error":"')
		const hidden = await readAll(failing(new Error('secret')))
		expect(hidden).toContain('"code":"INTERNAL"')
		expect(hidden).not.toContain('secret')
	})

	it('ends for who may not follow any longer, also in a silence', async () => {
		const expelled = Promise.withResolvers<AppError>()
		const text = readAll(bodyOf({ next: () => NEVER }, { expelled: expelled.promise }).body)
		expelled.resolve(new AppError('badToken'))
		expect(await text).toMatch(/^:\n\nevent: error\ndata: \{"code":"UNAUTHENTICATED",.*\}\n\n$/)
	})

	it('is left when the client goes, also in a silence', async () => {
		const leaving = new AbortController()
		const { results, seen } = counting()
		const reader = bodyOf({ ...results, next: () => NEVER }, { signal: leaving.signal }).body.getReader()
		await reader.read()
		leaving.abort()
		expect(seen.isLeft).toBe(true)
	})
})

describe('a body in pieces', () => {
	it('is cut off, and its source let go, when there is no way on', async () => {
		const told: unknown[] = []
		const cause = new Error('no more')
		let left = 0
		const pieces = { next: () => Promise.reject(cause), leave: () => void left++ }
		const body = streamed(pieces, { signal: open, broken: (error) => told.push(error) })
		await expect(readAll(body)).rejects.toThrow('no more')
		expect([told, left]).toEqual([[cause], 1])
	})
})
