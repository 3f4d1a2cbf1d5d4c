import type { IncomingMessage, ServerResponse } from 'node:http'
import { LLMock } from '@copilotkit/aimock'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import type { EmbeddingKind } from '../../src/embedding/embedder.ts'
import { EMBEDDING_PROVIDERS } from '../../src/embedding/index.ts'
import { knownModel } from '../../src/embedding/known-models.ts'
import { PRESETS, type Preset } from '../../src/embedding/presets.ts'
import { createRemoteEmbedder } from '../../src/embedding/remote.ts'
import { AppError } from '../../src/errors.ts'
import { estimateTokens } from '../../src/text/tokens.ts'
import { type RawServer, rawServer } from '../models/support.ts'

const never = new AbortController().signal
const KEY = 'sk-secret-0123456789'

interface Asked {
	model: string
	input: string[]
	[more: string]: unknown
}

let server: RawServer | undefined
afterEach(async () => {
	await server?.stop()
	server = undefined
})

/** A provider that answers each request as `answer` says, or with a vector for each text: its length and 1. */
type Answer = (asked: Asked, response: ServerResponse, request: IncomingMessage) => object | undefined

async function provider(answer: Answer = vectors) {
	const asked: Asked[] = []
	server = await rawServer((response, body, request) => {
		const parsed = JSON.parse(body) as Asked
		asked.push(parsed)
		const answered = answer(parsed, response, request)
		if (answered) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered))
	})
	return { url: `${server.url}/v1`, asked }
}

const vectors = ({ input }: Asked) => ({ data: input.map((text, index) => ({ index, embedding: [text.length, 1] })) })
const error = (response: ServerResponse, status: number, message: string, headers = {}) =>
	void response.writeHead(status, headers).end(JSON.stringify({ error: { message, type: 'error' } }))

function embedder(baseUrl: string, { preset = PRESETS.openai as Preset, model = 'some-model', apiKey = KEY, maxRetries = 0 } = {}) {
	return createRemoteEmbedder({ provider: 'some', preset, model, apiKey, baseUrl, maxRetries })
}

const embed = (url: string, texts: string[], options?: Parameters<typeof embedder>[1], kind: EmbeddingKind = 'passage') =>
	embedder(url, options).embed(texts, kind, never)

async function failureOf(work: Promise<unknown>): Promise<AppError> {
	const failure = await work.then(
		() => undefined,
		(error: unknown) => error,
	)
	if (!(failure instanceof AppError)) throw new Error(`no failure of ours: ${String(failure)}`)
	return failure
}

describe('a remote embedder', () => {
	it('speaks to aimock', async () => {
		const mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
		try {
			mock.onEmbedding('hello', { embedding: [3, 4] })
			expect(await embed(`${mock.url}/v1`, ['hello'])).toEqual([Float32Array.of(0.6, 0.8)])
		} finally {
			await mock.stop()
		}
	})

	it('sends the model, the texts, the key, and nothing else', async () => {
		let headers: IncomingMessage['headers'] = {}
		const { url, asked } = await provider((request, _response, message) => {
			headers = message.headers
			return vectors(request)
		})
		await embed(url, ['one', 'two'])
		expect(asked).toEqual([{ model: 'some-model', input: ['one', 'two'] }])
		expect(headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' })
		await embed(url, ['one'], { apiKey: '' })
		expect(headers.authorization).toBeUndefined()
	})

	it('has several texts embedded in as many requests as their number and their tokens need, and keeps their order', async () => {
		const { url, asked } = await provider()
		const preset = { ...PRESETS.openai, maxTexts: 3, maxRequestTokens: 60 }
		const texts = Array.from({ length: 20 }, (_, at) => 'word '.repeat(1 + ((at * 7) % 30)))
		const made = await embed(url, texts, { preset })
		expect(made.map((vector) => Math.round((vector[0] ?? 0) / (vector[1] ?? 1)))).toEqual(texts.map(({ length }) => length))
		expect(asked.length).toBeGreaterThan(6)
		for (const { input } of asked) {
			expect(input.length).toBeLessThanOrEqual(3)
			expect(input.reduce((sum, text) => sum + estimateTokens(text), 0)).toBeLessThanOrEqual(60)
		}
		expect(await embed(url, [], { preset })).toEqual([])
	})

	it('has four requests under way at once, and a question waits for none of a document', async () => {
		const held: (() => void)[] = []
		const { url } = await provider((asked, response) => {
			if (asked.input[0] === 'question') return vectors(asked)
			held.push(() => response.end(JSON.stringify(vectors(asked))))
			return undefined
		})
		const one = embedder(url, { preset: { ...PRESETS.openai, maxTexts: 1 } })
		const passages = one.embed(
			Array.from({ length: 9 }, (_, at) => `passage ${at}`),
			'passage',
			never,
		)
		await expect.poll(() => held.length).toBe(4)
		expect(await one.embed(['question'], 'query', never)).toHaveLength(1)
		expect(held).toHaveLength(4)
		for (let answered = 0; answered < 9; answered++) {
			await expect.poll(() => held.length).toBeGreaterThan(answered)
			held[answered]?.()
		}
		expect(await passages).toHaveLength(9)
	})

	it('embeds all of a text that is too long, in parts, whose vectors make one', async () => {
		const { url, asked } = await provider(({ input }) => ({
			data: input.map((text, index) => ({ index, embedding: /cars/.test(text) ? [1, 0] : [0, 1] })),
		}))
		const text = `${'Many cars need fuel. '.repeat(150)}${'Bananas grow in warm countries. '.repeat(100)}`
		const [vector, short] = await embed(url, [text, 'Bananas.'])
		const sent = asked.flatMap(({ input }) => input)
		expect(sent.join('')).toBe(`${text}Bananas.`)
		for (const part of sent) expect(estimateTokens(part)).toBeLessThanOrEqual(512)
		expect(Math.min(...(vector ?? []))).toBeGreaterThan(0.3)
		expect([...(short ?? [])]).toEqual([0, 1])
	})

	it('asks for less where a provider takes less than is known of it', async () => {
		const { url, asked } = await provider((request, response) => {
			const { input } = request
			if (input.length > 4) return error(response, 400, 'batch size is invalid, it should not be larger than 4')
			if (input.some((text) => text.length > 600)) return error(response, 400, 'This text exceeds the maximum context length of 100 tokens')
			return vectors(request)
		})
		const one = embedder(url)
		const texts = [...Array.from({ length: 15 }, (_, at) => `text ${at}`), 'A rather long sentence for such a model. '.repeat(40)]
		const made = await one.embed(texts, 'passage', never)
		expect(made).toHaveLength(16)
		expect(made.every((vector) => Math.abs(Math.hypot(...vector) - 1) < 1e-5)).toBe(true)
		const before = asked.length
		await one.embed(texts, 'passage', never)
		expect(one.limits).toMatchObject({ maxTexts: 4 })
		expect(asked.slice(before).every(({ input }) => input.length <= 4 && input.every((text) => text.length <= 600))).toBe(true)
	})

	it('gives up on a provider that takes not even a short text', async () => {
		const { url } = await provider((_asked, response) => error(response, 413, 'too large'))
		expect((await failureOf(embed(url, ['word '.repeat(100)]))).problem).toBe('textTooLong')
	})

	it.each<[string, Answer, string]>([
		['no JSON', (_: Asked, response: ServerResponse) => void response.end('<html>Welcome</html>'), 'notJson'],
		['nothing', (_: Asked, response: ServerResponse) => void response.end(), 'notJson'],
		[
			'NaN, as Python writes it',
			(_: Asked, response: ServerResponse) => void response.end('{"data":[{"index":0,"embedding":[NaN]}]}'),
			'notJson',
		],
		['another object', () => ({ hello: 'world' }), 'noVectors'],
		['no list', () => ({ data: 'none' }), 'noVectors'],
		['an empty vector', () => ({ data: [{ index: 0, embedding: [] }] }), 'noVectors'],
		['fewer rows', () => ({ data: [{ index: 0, embedding: [1, 2] }] }), 'count'],
		['a row twice', () => ({ data: [0, 0].map((index) => ({ index, embedding: [1, 2] })) }), 'order'],
		['rows that were not asked for', () => ({ data: [0, 7].map((index) => ({ index, embedding: [1, 2] })) }), 'order'],
		['text for numbers', () => ({ data: [0, 1].map((index) => ({ index, embedding: ['NaN', 2] })) }), 'numbers'],
		['zeros', () => ({ data: [0, 1].map((index) => ({ index, embedding: [0, 0] })) }), 'numbers'],
		['null', () => ({ data: [0, 1].map((index) => ({ index, embedding: [null, 1] })) }), 'numbers'],
		[
			'infinity',
			(_: Asked, response: ServerResponse) => void response.end('{"data":[{"index":0,"embedding":[1e999]},{"index":1,"embedding":[1]}]}'),
			'numbers',
		],
		['vectors of two lengths', () => ({ data: [0, 1].map((index) => ({ index, embedding: index ? [1] : [1, 2] })) }), 'lengths'],
	])('says what is wrong with an answer of %s', async (_what, answer, what) => {
		const { url } = await provider(answer)
		const failure = await failureOf(embed(url, ['one', 'two']))
		expect(failure).toMatchObject({ problem: 'embedderBroke', params: [{ provider: 'some', what }] })
		for (const language of ['zh', 'en'] as const) expect(failure.in(language)).toMatch(/embeddingModel/)
	})

	it('puts rows in order that come in another', async () => {
		const { url } = await provider((asked) => ({ data: vectors(asked).data.toReversed() }))
		const [one, three] = await embed(url, ['a', 'abc'])
		expect((one?.[0] ?? 0) / (one?.[1] ?? 1)).toBeCloseTo(1)
		expect((three?.[0] ?? 0) / (three?.[1] ?? 1)).toBeCloseTo(3)
	})

	it('does not read an answer that has no end', async () => {
		const { url } = await provider((_asked, response) => {
			response.writeHead(200, { 'content-type': 'application/json' })
			const part = ' '.repeat(256 * 1024)
			const go = () => {
				while (!response.destroyed && response.write(part));
				if (!response.destroyed) response.once('drain', go)
			}
			go()
			return undefined
		})
		expect(await failureOf(embed(url, ['one']))).toMatchObject({ problem: 'embedderBroke', params: [{ what: 'tooLarge' }] })
		await server?.dropped
	})

	it.each([
		[401, 'providerKey', 1],
		[403, 'providerKey', 1],
		[404, 'providerRefused', 1],
		[402, 'providerQuota', 1],
		[422, 'providerRefused', 1],
		[501, 'providerOverloaded', 1],
		[429, 'providerOverloaded', 3],
		[500, 'providerOverloaded', 3],
		[503, 'providerOverloaded', 3],
	])('answers a status %i with %s, after %i tries', async (status, problem, tries) => {
		const { url, asked } = await provider((_asked, response) => error(response, status, `the key ${KEY} did it`, { 'retry-after-ms': '1' }))
		const failure = await failureOf(embed(url, ['one'], { maxRetries: 2 }))
		expect(failure.problem).toBe(problem)
		expect(`${failure.message} ${failure.cause}`).not.toContain(KEY)
		expect(asked).toHaveLength(tries)
	})

	it('does not wait for a quota that is used up', async () => {
		const { url, asked } = await provider(
			(_asked, response) =>
				void response
					.writeHead(429, { 'retry-after-ms': '1' })
					.end('{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}'),
		)
		expect((await failureOf(embed(url, ['one'], { maxRetries: 2 }))).problem).toBe('providerQuota')
		expect(asked).toHaveLength(1)
	})

	it('tries again when that may help, as the provider asks', async () => {
		let tries = 0
		const { url } = await provider((asked, response, request) => {
			if (++tries === 1) return error(response, 429, 'slow down', { 'retry-after-ms': '5' })
			if (tries === 2) return void request.socket.destroy()
			return vectors(asked)
		})
		expect(await embed(url, ['one'], { maxRetries: 2 })).toHaveLength(1)
		expect(tries).toBe(3)
	})

	it('does not wait longer than is good for anybody', async () => {
		const { url, asked } = await provider((_asked, response) => error(response, 429, 'slow down', { 'retry-after': '3600' }))
		expect((await failureOf(embed(url, ['one'], { maxRetries: 2 }))).code).toBe('UNAVAILABLE')
		expect(asked).toHaveLength(1)
	})

	it('lets a limit recover that the provider says is used up', async () => {
		const { url } = await provider((asked, response) => {
			response.setHeader('x-ratelimit-remaining-requests', '0')
			response.setHeader('x-ratelimit-reset-requests', '60s')
			return vectors(asked)
		})
		const one = embedder(url)
		await one.embed(['first'], 'passage', never)
		await expect(one.embed(['second'], 'passage', AbortSignal.timeout(30))).rejects.toThrow(/timeout/)
		expect(await one.embed(['a question'], 'query', never)).toHaveLength(1) // waits for no document
	})

	it('cannot reach a server that is not there, and follows no redirect', async () => {
		const { url } = await provider((_asked, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end())
		expect((await failureOf(embed(url, ['one']))).problem).toBe('providerUnreachable')
		await server?.stop()
		expect((await failureOf(embed(url, ['one']))).problem).toBe('providerUnreachable')
	})

	it('ends the request when the signal aborts, and throws its reason', async () => {
		const abort = new AbortController()
		const { url } = await provider(() => void abort.abort(new Error('no longer wanted')))
		await expect(embedder(url).embed(['one'], 'passage', abort.signal)).rejects.toThrow('no longer wanted')
		await server?.dropped
		await expect(embedder(url).embed(['one'], 'passage', abort.signal)).rejects.toThrow('no longer wanted')
	})

	it('lets go of the other requests when one fails', async () => {
		const { url } = await provider((asked, response) => (asked.input[0] === 'bad' ? error(response, 401, 'no') : undefined))
		expect((await failureOf(embed(url, ['bad', 'slow'], { preset: { ...PRESETS.openai, maxTexts: 1 } }))).problem).toBe('providerKey')
		await server?.dropped
	})

	it('names the missing key, without a call', async () => {
		const bare = createRemoteEmbedder({ provider: 'openai', preset: PRESETS.openai, model: 'm' })
		expect((await failureOf(bare.embed(['one'], 'passage', never))).problem).toBe('providerKey')
	})
})

describe('what is known of models', () => {
	it.each([
		['multilingual-e5-small', 'query: where', 'passage: here'],
		['intfloat/multilingual-e5-large', 'query: where', 'passage: here'],
		['nomic-embed-text:latest', 'search_query: where', 'search_document: here'],
		['some-model', 'where', 'here'],
	])('%s is told a question from a document by its prefixes', async (model, query, passage) => {
		const { url, asked } = await provider()
		const one = embedder(url, { model })
		await one.embed(['where'], 'query', never)
		await one.embed(['here'], 'passage', never)
		expect(asked.map(({ input }) => input)).toEqual([[query], [passage]])
	})

	it.each([
		['jina', 'jina-embeddings-v3', { task: 'retrieval.query' }, { task: 'retrieval.passage' }],
		['voyage', 'voyage-3.5', { input_type: 'query', truncation: false }, { input_type: 'document', truncation: false }],
		['dashscope', 'text-embedding-v4', {}, {}],
	] as const)('%s is told so in its own way', async (name, model, query, passage) => {
		const { url, asked } = await provider()
		const one = embedder(url, { preset: PRESETS[name], model })
		await one.embed(['where'], 'query', never)
		await one.embed(['here'], 'passage', never)
		expect(asked).toEqual([
			{ model, input: ['where'], ...query },
			{ model, input: ['here'], ...passage },
		])
	})

	it('a pair of models: one for questions, one for documents', async () => {
		const { url, asked } = await provider()
		const one = embedder(url, { model: 'e5-passage' })
		await one.embed(['where'], 'query', never)
		await one.embed(['here'], 'passage', never)
		expect(asked.map(({ model }) => model)).toEqual(['e5-query', 'e5-passage'])
		expect(one).toMatchObject({ id: 'some/e5-passage', dimensions: null })
	})

	it('one of another owner, or with a tag, is the same', () => {
		expect(knownModel('BAAI/bge-m3')).toEqual(knownModel('bge-m3:latest'))
		expect(knownModel('Qwen/Qwen3-Embedding-8B')).toMatchObject({ dimensions: 4_096, maxTokens: 32_768 })
		expect(knownModel('nobody-knows')).toMatchObject({ dimensions: null, maxTokens: 512, languages: null })
	})

	it('one for English is not asked about other scripts', () => {
		const [english, many] = ['nomic-embed-text', 'bge-m3'].map((model) => embedder('http://localhost:1', { model }))
		expect([english?.reads('Hello, world'), english?.reads('图书馆'), many?.reads('图书馆'), many?.reads(' ')]).toEqual([
			true,
			false,
			true,
			false,
		])
	})

	it.each(Object.keys(EMBEDDING_PROVIDERS))('%s can be set in the environment', (EMBEDDING_PROVIDER) => {
		const key = EMBEDDING_PROVIDER === 'local' ? {} : { EMBEDDING_API_KEY: KEY }
		expect(readConfig({ EMBEDDING_PROVIDER, ...key }).embedding.provider).toBe(EMBEDDING_PROVIDER)
	})

	it.each(Object.entries<Preset>(PRESETS))('%s has an address, a default model that is known, and a page that says so', (name, preset) => {
		const { baseUrl, defaultModel, source } = preset
		for (const url of [baseUrl, source]) expect(URL.canParse(url)).toBe(true)
		const one = createRemoteEmbedder({ provider: name, preset, model: defaultModel, apiKey: KEY })
		expect(one.dimensions).toBeGreaterThan(0)
		expect(one.limits.maxTokens).toBeGreaterThan(400)
	})
})
