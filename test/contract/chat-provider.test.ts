import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RawServer, rawServer, sse, wire } from '../models/support.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { recordingLog } from '../support/log.ts'
import { CHAT_SUBSCRIPTION, sendMessage } from '../support/operations.ts'
import { surfaces } from '../support/surfaces.ts'
import { heard, transports } from '../support/transports.ts'

const slug = 'default-workspace'
const KEY = 'sk-planted-key-0123456789'
const { log, lines } = recordingLog()

let mock: LLMock
let app: TestApp
let admin: string
beforeAll(async () => {
	mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
	const environment = { LLM_PROVIDER: 'openai', LLM_BASE_URL: `${mock.url}/v1`, LLM_API_KEY: KEY, LLM_MODEL: 'some-model' }
	app = await bootApp({ environment, log })
	admin = await app.tokenOf('admin')
	await takeIn(app, slug, textFile('tides.txt', 'The tide in the bay of Fundy rises sixteen metres.'), admin)
})
afterEach(() => {
	mock.reset()
})
afterAll(async () => {
	await app.end()
	await mock.stop()
})

const QUESTION = 'How high does the tide in the bay of Fundy rise?'
const ANSWER = 'It rises sixteen metres [1].'
const follow = async (input: object, target = app) => {
	const [transport] = transports
	if (!transport) throw new Error('no transport')
	return (await heard(transport.follow(target, CHAT_SUBSCRIPTION, { slug, input }, await target.tokenOf('admin')))).events
}

describe('an OpenAI-compatible provider', () => {
	const answer = () =>
		mock.onMessage(/Fundy/, { content: ANSWER, usage: { prompt_tokens: 90, completion_tokens: 8 } }, { chunkSize: 7, latency: 5 })

	it.each(surfaces)('answers, and counts the tokens: $name', async (surface) => {
		answer()
		const { data } = await surface.ask(app, sendMessage, { slug, input: { message: QUESTION } }, admin)
		expect(data.response).toBe(ANSWER)
		expect(data.usage).toEqual({ promptTokens: 90, completionTokens: 8, totalTokens: 98, estimated: false })
		expect(data.citations).toEqual([
			expect.objectContaining({ marker: 1, supported: true, quote: expect.stringContaining('sixteen metres') }),
		])
	})

	it('is heard piece by piece', async () => {
		answer()
		const events = await follow({ message: QUESTION })
		const deltas = events.filter(({ __typename }) => __typename === 'ChatDelta')
		expect(deltas.length).toBeGreaterThan(1)
		expect(deltas.map(({ text }) => text).join('')).toBe(ANSWER)
		expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1))
	})

	it('is told the question, the sources and the thread, and given the key', async () => {
		answer()
		const first = await surfaces[0]?.ask(app, sendMessage, { slug, input: { message: QUESTION } }, admin)
		await surfaces[0]?.ask(app, sendMessage, { slug, input: { message: 'Is that Fundy for sure?', threadId: first?.data.threadId } }, admin)
		const { body, headers } = mock.getRequests().at(-1) ?? {}
		const { model, messages } = body as { model: string; messages: { role: string; content: string }[] }
		expect(model).toBe('some-model')
		expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
		expect(messages[1]?.content).toBe(QUESTION)
		expect(messages[2]?.content).toBe('It rises sixteen metres.')
		expect(messages[3]?.content).toContain('The tide in the bay of Fundy rises sixteen metres.')
		expect(messages[3]?.content).toContain('Is that Fundy for sure?')
		expect(JSON.stringify(headers)).not.toContain('undefined')
	})

	it('may cut a character in two: it is whole again, and stays', async () => {
		mock.onMessage(/Fundy/, { content: '潮水😀很高👨‍👩‍👧。' }, { chunkSize: 1, latency: 2 })
		const input = { message: QUESTION, requestId: 'cut in two' }
		const events = await follow(input)
		expect(events.at(-1)?.chat.response).toBe('潮水😀很高👨‍👩‍👧。')
		for (const { text } of events) expect((text ?? '').isWellFormed()).toBe(true)
		expect((await app.prisma.chat.findFirstOrThrow({ orderBy: { id: 'desc' } })).response).toBe('潮水😀很高👨‍👩‍👧。')
	})

	it('may say what no database can hold', async () => {
		mock.onMessage(/Fundy/, { content: 'High\u0000 tide \ud83d.' })
		const events = await follow({ message: QUESTION })
		expect(events.at(-1)?.chat.response).toBe('High tide \ufffd.')
	})
})

describe.each(surfaces)('a provider that fails over $name', (surface) => {
	const ask = (message: string, requestId?: string) =>
		surface.ask(app, sendMessage, { slug, input: { message, ...(requestId && { requestId }) } }, admin)

	it.each([
		[401, 502, 'PROVIDER_ERROR', '模型服务 "openai" 不接受此 API 密钥，请检查设置中的 llmApiKey（LLM_API_KEY）。'],
		[400, 502, 'PROVIDER_ERROR', '模型服务 "openai" 拒绝了请求：It happened.'],
		[429, 502, 'PROVIDER_ERROR', '模型服务 "openai" 限制了请求频率或额度已用完，请稍后重试。'],
		[500, 503, 'UNAVAILABLE', '模型服务 "openai" 过载或故障，请稍后重试。'],
	])('with %i is a %i %s in our words, and its run has failed', async (status, ours, code, words) => {
		// a long wait that is asked for is not waited for: else each failure would take the client's retries
		mock.onMessage(/Fundy/, { error: { message: 'It happened.', type: 'error' }, status, retryAfter: 3_600 })
		const requestId = `failing ${status} ${surface.name}`
		const reply = await ask(QUESTION, requestId)
		expect(reply).toMatchObject({ code, error: words, ...(surface.name === 'REST' && { status: ours }) })
		const run = await app.prisma.run.findFirstOrThrow({ where: { requestId }, include: { chat: true } })
		expect(run).toMatchObject({ status: 'failed', chat: null })
		expect((await follow({ message: QUESTION, requestId })).at(-1)).toMatchObject({
			__typename: 'ChatFailed',
			code,
			error: words,
			partial: '',
		})
	})

	it('in the middle keeps what it said', async () => {
		mock.onMessage(/Fundy/, { content: ANSWER }, { chunkSize: 5, latency: 20, truncateAfterChunks: 3 })
		const requestId = `cut ${surface.name}`
		expect(await ask(QUESTION, requestId)).toMatchObject({ code: 'PROVIDER_ERROR', error: '模型服务 "openai" 的回答中断或无法读取。' })
		const failed = (await follow({ message: QUESTION, requestId })).at(-1)
		expect(failed.partial).not.toBe('')
		expect(ANSWER.startsWith(failed.partial)).toBe(true)
	})

	it('never shows its key, in no answer and no line of the log', async () => {
		mock.onMessage(/Fundy/, { error: { message: `Incorrect API key provided: ${KEY}`, type: 'invalid_request_error' }, status: 400 })
		const { error } = await ask(QUESTION)
		expect(error).toContain('模型服务 "openai" 拒绝了请求')
		expect(error).not.toContain(KEY)
		expect(JSON.stringify(lines)).not.toContain(KEY)
	})
})

describe('a run that takes too long', () => {
	let silent: RawServer
	let impatient: TestApp
	beforeAll(async () => {
		silent = await rawServer((response) => sse(response, wire.openai.begin, wire.openai.word('So far')))
		const environment = { LLM_PROVIDER: 'openai', LLM_BASE_URL: `${silent.url}/v1`, RUN_TIMEOUT: '1500ms' }
		impatient = await bootApp({ environment })
	})
	afterAll(async () => {
		await impatient.end()
		await silent.stop()
	})

	it.each(surfaces)('is failed with what was said, and the provider is left: $name', async (surface) => {
		const requestId = `slow ${surface.name}`
		const reply = await surface.ask(
			impatient,
			sendMessage,
			{ slug, input: { message: '慢吗？', requestId } },
			await impatient.tokenOf('admin'),
		)
		expect(reply).toMatchObject({ code: 'UNAVAILABLE', error: '回答超时。', ...(surface.name === 'REST' && { status: 503 }) })
		await silent.dropped
		const failed = (await follow({ message: '慢吗？', requestId }, impatient)).at(-1)
		expect(failed).toMatchObject({ __typename: 'ChatFailed', code: 'UNAVAILABLE', partial: 'So far' })
	})
})
