import type { IncomingMessage, ServerResponse } from 'node:http'
import { LLMock } from '@copilotkit/aimock'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { AppError } from '../../src/errors.ts'
import { createReranker, RERANKING_PROVIDERS } from '../../src/reranking/index.ts'
import { PRESETS, type Preset } from '../../src/reranking/presets.ts'
import { createRemoteReranker } from '../../src/reranking/remote.ts'
import { type RawServer, rawServer } from '../models/support.ts'

const never = new AbortController().signal
const KEY = 'sk-secret-0123456789'

interface Asked {
	model: string
	query: string
	documents: string[]
	[more: string]: unknown
}
type Answer = (asked: Asked, response: ServerResponse, request: IncomingMessage) => object | undefined

let server: RawServer | undefined
afterEach(async () => {
	await server?.stop()
	server = undefined
})

/** Longer texts fit better. The best first, as providers answer. */
const byLength: Answer = ({ documents }) => ({
	results: documents
		.map((text, index) => ({ index, relevance_score: text.length / 10_000 }))
		.sort((a, b) => b.relevance_score - a.relevance_score),
})

async function provider(answer: Answer = byLength) {
	const asked: Asked[] = []
	const paths: (string | undefined)[] = []
	server = await rawServer((response, body, request) => {
		const parsed = JSON.parse(body) as Asked
		asked.push(parsed)
		paths.push(request.url)
		const answered = answer(parsed, response, request)
		if (answered) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered))
	})
	return { url: `${server.url}/v1`, asked, paths }
}

const reranker = (baseUrl: string, { preset = PRESETS.jina as Preset, model = 'some-model', apiKey = KEY } = {}) =>
	createRemoteReranker({ provider: 'some', preset, model, apiKey, baseUrl })

async function failureOf(work: Promise<unknown>): Promise<AppError> {
	const failure = await work.then(
		() => undefined,
		(error: unknown) => error,
	)
	if (!(failure instanceof AppError)) throw new Error(`no failure of ours: ${String(failure)}`)
	return failure
}

describe('a remote reranker', () => {
	it('speaks to aimock', async () => {
		const mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
		try {
			mock.onRerank('which', [
				{ index: 1, relevance_score: 0.9 },
				{ index: 0, relevance_score: 0.2 },
			])
			expect(await reranker(`${mock.url}/v2`).rerank('which', ['a', 'b'], never)).toEqual([0.2, 0.9])
		} finally {
			await mock.stop()
		}
	})

	it('sends the query and the texts, and answers a score for each in their order', async () => {
		const { url, asked, paths } = await provider()
		expect(await reranker(url).rerank('q', ['aa', 'aaaa', 'a'], never)).toEqual([0.0002, 0.0004, 0.0001])
		expect(asked).toEqual([{ model: 'some-model', query: 'q', documents: ['aa', 'aaaa', 'a'], top_n: 3 }])
		expect(paths).toEqual(['/v1/rerank'])
		expect(await reranker(url).rerank('q', [], never)).toEqual([])
	})

	it.each([
		['voyage', { top_k: 1, truncation: false }, '/v1/rerank'],
		['dashscope', { top_n: 1 }, '/v1/reranks'],
		['cohere', { top_n: 1 }, '/v1/rerank'],
	] as const)('asks %s in its own way', async (name, more, path) => {
		const { url, asked, paths } = await provider(() => ({ data: [{ index: 0, relevance_score: 0.5 }] }))
		expect(await reranker(url, { preset: PRESETS[name] }).rerank('q', ['a'], never)).toEqual([0.5])
		expect(asked).toEqual([{ model: 'some-model', query: 'q', documents: ['a'], ...more }])
		expect(paths).toEqual([path])
	})

	it('sends a text that is too long in parts, all of it, and takes the score of the best', async () => {
		const { url, asked } = await provider(({ documents }) => ({
			results: documents.map((text, index) => ({ index, relevance_score: text.includes('needle') ? 0.9 : 0.1 })),
		}))
		const long = `${'Hay and straw and hay again. '.repeat(200)}Here is the needle. ${'More of the hay. '.repeat(100)}`
		expect(await reranker(url).rerank('needle', ['Hay.', long, 'Straw.'], never)).toEqual([0.1, 0.9, 0.1])
		expect(asked[0]?.documents.slice(1, -1).join('')).toBe(long)
		expect(asked[0]?.['top_n']).toBe(asked[0]?.documents.length)
	})

	it.each<[string, Answer, string]>([
		['no JSON', (_, response) => void response.end('<html>'), 'notJson'],
		['nothing', (_, response) => void response.end(), 'notJson'],
		['another object', () => ({ hello: 'world' }), 'noScores'],
		['fewer rows', () => ({ results: [{ index: 0, relevance_score: 1 }] }), 'count'],
		['more rows', () => ({ results: [0, 1, 2].map((index) => ({ index, relevance_score: 1 })) }), 'count'],
		['a row twice', () => ({ results: [1, 1].map((index) => ({ index, relevance_score: 1 })) }), 'order'],
		['rows that were not asked for', () => ({ results: [1, 2].map((index) => ({ index, relevance_score: 1 })) }), 'order'],
		['negative rows', () => ({ results: [0, -1].map((index) => ({ index, relevance_score: 1 })) }), 'noScores'],
		['text for numbers', () => ({ results: [0, 1].map((index) => ({ index, relevance_score: 'NaN' })) }), 'numbers'],
		['no numbers', () => ({ results: [0, 1].map((index) => ({ index })) }), 'noScores'],
		[
			'infinity',
			(_, response) => void response.end('{"results":[{"index":0,"relevance_score":1e999},{"index":1,"relevance_score":1}]}'),
			'numbers',
		],
	])('says what is wrong with an answer of %s', async (_what, answer, what) => {
		const { url } = await provider(answer)
		const failure = await failureOf(reranker(url).rerank('q', ['a', 'b'], never))
		expect(failure).toMatchObject({ problem: 'rerankerBroke', params: [{ provider: 'some', what }] })
		for (const language of ['zh', 'en'] as const) expect(failure.in(language)).toContain('rerankingModel')
	})

	it.each([
		[401, 'providerKey'],
		[402, 'providerQuota'],
		[404, 'providerRefused'],
		[413, 'providerRefused'],
		[429, 'providerOverloaded'],
		[500, 'providerOverloaded'],
	])('answers a status %i with %s, after one try', async (status, problem) => {
		const { url, asked } = await provider(
			(_asked, response) => void response.writeHead(status).end(JSON.stringify({ message: `not with ${KEY}` })),
		)
		const failure = await failureOf(reranker(url).rerank('q', ['a'], never))
		expect(failure.problem).toBe(problem)
		expect(`${failure.message} ${failure.cause}`).not.toContain(KEY)
		expect(asked).toHaveLength(1)
	})

	it('cannot reach a server that is not there, and follows no redirect', async () => {
		const { url } = await provider((_asked, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end())
		expect((await failureOf(reranker(url).rerank('q', ['a'], never))).problem).toBe('providerUnreachable')
		await server?.stop()
		const failure = await failureOf(reranker(url).rerank('q', ['a'], never))
		expect(failure.problem).toBe('providerUnreachable')
		expect(failure.message).toContain('RERANKING_BASE_URL')
	})

	it('ends the request when the signal aborts, and throws its reason', async () => {
		const abort = new AbortController()
		const { url } = await provider(() => void abort.abort(new Error('no longer wanted')))
		await expect(reranker(url).rerank('q', ['a'], abort.signal)).rejects.toThrow('no longer wanted')
		await server?.dropped
	})

	it('names the missing key, without a call', async () => {
		const bare = createRemoteReranker({ provider: 'jina', preset: PRESETS.jina, model: 'm' })
		expect((await failureOf(bare.rerank('q', ['a'], never))).problem).toBe('providerKey')
	})
})

describe('who can rerank', () => {
	it.each(Object.keys(RERANKING_PROVIDERS))('%s can be set in the environment', (RERANKING_PROVIDER) => {
		const key = RERANKING_PROVIDER === 'none' ? {} : { RERANKING_API_KEY: KEY }
		expect(readConfig({ RERANKING_PROVIDER, ...key }).reranking.provider).toBe(RERANKING_PROVIDER)
	})

	it('needs a key in the environment, or an address', () => {
		expect(() => readConfig({ RERANKING_PROVIDER: 'cohere' })).toThrow(/RERANKING_API_KEY/)
		expect(readConfig({ RERANKING_PROVIDER: 'jina', RERANKING_BASE_URL: 'http://localhost:1/v1' }).reranking.provider).toBe('jina')
	})

	it('nobody unless one is set, and nobody who is not known', async () => {
		expect(await createReranker({ provider: 'none' })).toBeNull()
		await expect(createReranker({ provider: 'toString' })).rejects.toMatchObject({ problem: 'unknownProvider' })
		expect(await createReranker({ provider: 'cohere', apiKey: KEY })).toMatchObject({ id: 'cohere/rerank-v3.5' })
	})

	it.each(Object.entries<Preset>(PRESETS))('%s has an address, a default model that is known, and a page that says so', (_name, preset) => {
		for (const url of [preset.baseUrl, preset.source]) expect(URL.canParse(url)).toBe(true)
		expect(preset.maxTokens[preset.defaultModel]).toBeGreaterThan(500)
	})
})
