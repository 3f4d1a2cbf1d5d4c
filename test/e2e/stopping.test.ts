import { readdir } from 'node:fs/promises'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runServer } from '../support/process.ts'
import { type ChatEvent, chat, emptyDirectory, serve, signInAsAdmin, startedDirectory } from './support.ts'

/** People read these words: a sentence, no stack. */
const STACK = /^ +at .*:\d+:\d+/m

it('refuses a second server on the same data directory at once, naming the first', async () => {
	const directory = await startedDirectory()
	const first = await serve(directory)
	const { code, output } = await runServer({ directory })
	expect(code).toBe(1)
	expect(output).toMatch(new RegExp(`\\b${first.pid}\\b`))
	expect(output).not.toMatch(STACK)
	expect((await fetch(`${first.url}/health/ready`)).status).toBe(200)
	expect((await first.end('SIGINT')).code).toBe(0)
})

it('lets go of the data directory when it is killed', async () => {
	const directory = await startedDirectory()
	const killed = await serve(directory)
	expect((await killed.end('SIGKILL')).signal).toBe('SIGKILL')
	expect((await (await serve(directory)).end()).code).toBe(0)
})

it('ends with 2 when the configuration is wrong, names every wrong variable in one message, and leaves no trace', async () => {
	const directory = await emptyDirectory()
	const wrong = { PORT: 'abc', TOKEN_TTL: 'soon', UPLOAD_MAX_BYTES: '-1', LOG_LEVEL: 'loud', LLM_PROVIDER: 'openai', JWT_SECRET: 'short' }
	const { code, output } = await runServer({ directory, environment: wrong })
	expect(code).toBe(2)
	for (const name of ['PORT', 'TOKEN_TTL', 'UPLOAD_MAX_BYTES', 'LOG_LEVEL', 'JWT_SECRET', 'LLM_API_KEY'])
		expect(output.split('\n').filter((line) => line.trim().startsWith(`${name}:`))).toHaveLength(1)
	expect(output).not.toMatch(STACK)
	expect(await readdir(directory)).toEqual([])
})

describe('SIGTERM', () => {
	const SOON = 'Ten words that are soon said, one after the other.'
	const NEVER = 'This answer takes longer than anybody waits. '.repeat(100)
	let mock: LLMock
	beforeAll(async () => {
		mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
		mock.onMessage('a short question', { content: SOON }, { chunkSize: 5, latency: 100 })
		mock.onMessage('a long question', { content: NEVER }, { chunkSize: 5, latency: 100 })
	})
	afterAll(async () => {
		await mock.stop()
	})

	it('ends with 0 after answers had their time: one completes, one fails INTERRUPTED with what it has, sockets close with 1001', async () => {
		const directory = await startedDirectory()
		const environment = { LLM_PROVIDER: 'openai', LLM_MODEL: 'some-model', LLM_BASE_URL: `${mock.url}/v1`, LLM_API_KEY: 'some-key' }
		const server = await serve(directory, environment)
		const session = await signInAsAdmin(server)
		const short = follow(chat(session, { message: 'a short question', requestId: 'short' }))
		const long = follow(chat(session, { message: 'a long question', requestId: 'long' }))
		await Promise.all([short.begun, long.begun])

		const ended = server.end()
		expect((await short.ended).at(-1)).toMatchObject({ type: 'ChatCompleted', chat: { response: SOON } })
		await expect(fetch(`${server.url}/health/live`)).rejects.toThrow()
		const last = (await long.ended).at(-1)
		expect(last).toMatchObject({ type: 'ChatFailed', code: 'INTERRUPTED' })
		expect(last?.partial).toMatch(/^This answer takes/)
		expect(NEVER.startsWith(last?.partial ?? '')).toBe(true)
		expect(await session.closed).toBe(1001)
		expect(await ended).toMatchObject({ code: 0 })

		const again = await serve(directory, environment)
		const reader = await signInAsAdmin(again)
		expect(await Array.fromAsync(chat(reader, { message: 'a short question', requestId: 'short' }))).toEqual(await short.ended)
		expect(await Array.fromAsync(chat(reader, { message: 'a long question', requestId: 'long' }))).toEqual(await long.ended)
		await reader.close()
	})
})

/** Collects the events of a run. `begun`: the first words have come. */
function follow(events: AsyncIterable<ChatEvent>): { begun: Promise<void>; ended: Promise<ChatEvent[]> } {
	const { promise: begun, resolve, reject } = Promise.withResolvers<void>()
	const collect = async () => {
		const seen: ChatEvent[] = []
		for await (const event of events) {
			seen.push(event)
			if (event.type === 'ChatDelta') resolve()
		}
		return seen
	}
	const ended = collect()
	ended.catch(reject)
	return { begun, ended }
}
