import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { coalesce } from '../../src/chat/deltas.ts'
import type { ModelEvent } from '../../src/models/model.ts'
import { ask, hear, hearAll, model, type RawServer, rawServer, sse, vendors, wire } from './support.ts'

let mock: LLMock
let raw: RawServer | undefined

beforeAll(async () => {
	mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
})
afterAll(() => mock.stop())
afterEach(async () => {
	mock.reset()
	await raw?.stop()
	raw = undefined
})

const short = { firstTokenTimeoutMs: 60, idleTimeoutMs: 60 }
const failing = (status: number, message = 'It happened.', type = 'error', retryAfter?: number) => [
	{ error: { message, type }, status, ...(retryAfter !== undefined && { retryAfter }) },
]

describe.each(vendors)('a model of %s', (vendor) => {
	const frames = wire[vendor]

	it('streams the answer and tells what it cost', async () => {
		mock.onMessage(
			'hello',
			{ content: 'Hello there [1].', usage: { prompt_tokens: 9, completion_tokens: 4, input_tokens: 9, output_tokens: 4 } },
			{ chunkSize: 4 },
		)
		const events = await Array.fromAsync(model(vendor, mock.url).stream(ask('hello'), new AbortController().signal))
		expect(events.filter((event) => event.type === 'text').map((event) => event.text)).toEqual(['Hell', 'o th', 'ere ', '[1].'])
		expect(events.at(-1)).toEqual({
			type: 'finish',
			reason: 'stop',
			usage: { promptTokens: 9, completionTokens: 4, totalTokens: 13, estimated: false },
		})
	})

	it('sends the system text, the turns and the model', async () => {
		mock.onMessage('hello', { content: 'Hi.' })
		await hearAll(vendor, mock.url, 'hello')
		expect(mock.getRequests().at(-1)?.body).toMatchObject({ model: 'some-model', stream: true })
		expect(JSON.stringify(mock.getRequests().at(-1)?.body)).toContain('Answer.')
	})

	it('estimates what the provider does not count, and marks it', async () => {
		raw = await rawServer((response) => {
			sse(response, frames.begin, frames.word('A short answer.'), frames.finish(vendor === 'openai' ? 'stop' : 'end_turn'), frames.end)
			response.end()
		})
		const { finish } = await hearAll(vendor, raw.url, 'a question of some words')
		expect(finish?.usage).toMatchObject({ estimated: true })
		expect(finish?.usage.promptTokens).toBeGreaterThan(4)
		expect(finish?.usage.totalTokens).toBe((finish?.usage.promptTokens ?? 0) + (finish?.usage.completionTokens ?? 0))
	})

	it('tells when the model ran into its limit', async () => {
		mock.onMessage('long', { content: 'On and on', finishReason: 'length' })
		expect((await hearAll(vendor, mock.url, 'long')).finish?.reason).toBe('length')
	})

	it.each([
		[401, 'providerKey'],
		[403, 'providerKey'],
		[429, 'providerQuota'],
		[500, 'providerOverloaded'],
		[503, 'providerOverloaded'],
		[529, 'providerOverloaded'],
		[404, 'providerRefused'],
		[400, 'providerRefused'],
	])('answers a status %i with %s', async (status, problem) => {
		const [response] = failing(status)
		mock.onMessage('hello', response ?? {})
		expect((await hearAll(vendor, mock.url, 'hello')).failure?.problem).toBe(problem)
	})

	it.each([
		"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
		'prompt is too long: 208310 tokens > 200000 maximum',
		'the request exceeds the available context size',
	])('understands that the conversation is too long: %s', async (message) => {
		const [response] = failing(400, message, 'invalid_request_error')
		mock.onMessage('hello', response ?? {})
		expect((await hearAll(vendor, mock.url, 'hello')).failure?.problem).toBe('providerContext')
	})

	it('gives the reason of a refusal in one short line, without keys', async () => {
		raw = await rawServer((response) => {
			response.writeHead(400, { 'content-type': 'application/json' })
			response.end(
				JSON.stringify({ error: { message: `No model\n <b>here</b> for sk-secret-0123456789 or Bearer abc. ${'x '.repeat(500)}` } }),
			)
		})
		const { failure } = await hearAll(vendor, raw.url, 'hello')
		expect(failure?.message).toContain('No model here for *** or ***')
		expect(failure?.message).not.toMatch(/secret|abc/)
		expect(String(failure?.cause)).not.toMatch(/secret|abc/)
		expect(failure?.message.length).toBeLessThan(300)
	})

	it('keeps a key of any form out of a refusal', async () => {
		raw = await rawServer((response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('no model for sesame'))
		const { failure } = await hearAll(vendor, raw.url, 'hello', { apiKey: 'sesame' })
		expect(`${failure?.message} ${failure?.cause}`).toContain('no model for ***')
		expect(`${failure?.message} ${failure?.cause}`).not.toContain('sesame')
	})

	it('tries again, as told by Retry-After, before the first token', async () => {
		let asked = 0
		raw = await rawServer((response) => {
			if (++asked === 1) response.writeHead(429, { 'retry-after-ms': '5' }).end()
			else {
				sse(response, frames.begin, frames.word('Second try.'), frames.finish('stop'))
				response.end()
			}
		})
		expect((await hearAll(vendor, raw.url, 'hello', { maxRetries: 1 })).text).toBe('Second try.')
		expect(asked).toBe(2)
	})

	it('does not wait for a Retry-After that is too long', async () => {
		const [response] = failing(429, 'slow down', 'rate_limit_error', 3_600)
		mock.onMessage('hello', response ?? {})
		expect((await hearAll(vendor, mock.url, 'hello', { maxRetries: 2 })).failure?.problem).toBe('providerQuota')
		expect(mock.getRequests()).toHaveLength(1)
	})

	it('does not try again after the first token', async () => {
		mock.onMessage('cut', { content: 'cut in the middle of it' }, { chunkSize: 5, latency: 20, truncateAfterChunks: 3 })
		const { text, failure } = await hearAll(vendor, mock.url, 'cut', { maxRetries: 2 })
		expect('cut in the middle of it'.startsWith(text)).toBe(true)
		expect(failure?.problem).toBe('providerBroke')
		expect(mock.getRequests()).toHaveLength(1)
	})

	it.each([
		['ends without a finish reason', [frames.begin, frames.word('Half an')]],
		['sends a frame that is no JSON', [frames.begin, frames.word('Half an'), frames.garbage]],
		['sends a frame of another shape', [frames.begin, frames.word('Half an'), frames.nonsense, frames.finish('stop')]],
		['says nothing and finishes', [frames.begin, frames.finish('stop'), frames.end]],
		['sends lines that are no events', ['hello', 'world']],
	])('fails when the stream %s', async (_title, sent) => {
		raw = await rawServer((response) => {
			sse(response, ...sent)
			response.end()
		})
		const { failure, finish } = await hearAll(vendor, raw.url, 'hello')
		expect(failure?.problem).toBe('providerBroke')
		expect(finish).toBeUndefined()
	})

	it('fails when the connection is cut in the middle of a frame', async () => {
		raw = await rawServer((response) => {
			sse(response, frames.begin, frames.word('Half an'))
			response.write('data: {"cho', () => response.destroy())
		})
		expect(await hearAll(vendor, raw.url, 'hello')).toMatchObject({ failure: { problem: 'providerBroke' } })
	})

	it('takes an answer that was cut after its end', async () => {
		raw = await rawServer((response) => {
			sse(response, frames.begin, frames.word('Whole.'))
			response.write(`${frames.finish('stop')}\n\n`, () => setImmediate(() => response.destroy()))
		})
		expect(await hearAll(vendor, raw.url, 'hello')).toMatchObject({ text: 'Whole.', failure: undefined, finish: { reason: 'stop' } })
	})

	it('fails when the answer is a page', async () => {
		raw = await rawServer((response) => {
			response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome to the router</body></html>')
		})
		expect((await hearAll(vendor, raw.url, 'hello')).failure?.problem).toBe('providerBroke')
	})

	it.each([
		['overloaded_error', 'providerOverloaded'],
		['rate_limit_error', 'providerQuota'],
		['invalid_request_error', 'providerRefused'],
		['something_new', 'providerRefused'],
	])('understands the error %s inside of a stream', async (type, problem) => {
		raw = await rawServer((response) => {
			sse(response, frames.begin, frames.word('Half'), frames.error(type))
			response.end()
		})
		expect(await hearAll(vendor, raw.url, 'hello')).toMatchObject({ text: 'Half', failure: { problem } })
	})

	it('reports the vendor that would not answer such a question', async () => {
		raw = await rawServer((response) => {
			sse(response, frames.begin, frames.finish(vendor === 'openai' ? 'content_filter' : 'refusal'))
			response.end()
		})
		expect((await hearAll(vendor, raw.url, 'hello')).failure?.problem).toBe('providerRefused')
	})

	it('cannot reach a server that is not there', async () => {
		const gone = await rawServer(() => {})
		await gone.stop()
		expect((await hearAll(vendor, gone.url, 'hello')).failure?.problem).toBe('providerUnreachable')
		expect((await hearAll(vendor, 'http://nowhere.invalid', 'hello')).failure?.problem).toBe('providerUnreachable')
	})

	it('names the missing key, without a call', async () => {
		const { failure } = await hear(model(vendor, '', { apiKey: '', baseUrl: '' }).stream(ask('hello'), new AbortController().signal))
		expect(failure?.problem).toBe('providerKey')
	})

	it('gives up on a server that never answers, and lets go of it', async () => {
		raw = await rawServer(() => {})
		expect((await hearAll(vendor, raw.url, 'hello', short)).failure?.problem).toBe('providerSilent')
		await raw.dropped
	})

	it('gives up on a server that begins and says nothing', async () => {
		raw = await rawServer((response) => sse(response, frames.begin))
		expect((await hearAll(vendor, raw.url, 'hello', { ...short, idleTimeoutMs: 60_000 })).failure?.problem).toBe('providerSilent')
		await raw.dropped
	})

	it('gives up on a server that falls silent in the middle', async () => {
		raw = await rawServer((response) => sse(response, frames.begin, frames.word('Half')))
		const { text, failure } = await hearAll(vendor, raw.url, 'hello', { ...short, firstTokenTimeoutMs: 60_000 })
		expect([text, failure?.problem]).toEqual(['Half', 'providerSilent'])
		await raw.dropped
	})

	it('is patient with a slow answer', async () => {
		mock.onMessage('slow', { content: 'slow but steady' }, { chunkSize: 5, latency: 30 })
		expect((await hearAll(vendor, mock.url, 'slow', { firstTokenTimeoutMs: 2_000, idleTimeoutMs: 2_000 })).text).toBe('slow but steady')
	})

	it('ends the HTTP stream at once when the signal aborts, and throws its reason', async () => {
		raw = await rawServer((response) => sse(response, frames.begin, frames.word('Half')))
		const abort = new AbortController()
		const events = model(vendor, raw.url).stream(ask('hello'), abort.signal)[Symbol.asyncIterator]()
		expect((await events.next()).value).toEqual({ type: 'text', text: 'Half' })
		const next = events.next()
		abort.abort(new Error('cancelled'))
		await expect(next).rejects.toThrow('cancelled')
		await raw.dropped
	})

	it('ends the request when the signal aborts before the answer', async () => {
		const abort = new AbortController()
		raw = await rawServer(() => abort.abort(new Error('cancelled')))
		await expect(hear(model(vendor, raw.url).stream(ask('hello'), abort.signal))).rejects.toThrow('cancelled')
		await raw.dropped
	})

	it('asks nobody when the signal is aborted already', async () => {
		const asked = model(vendor, mock.url).stream(ask('hello'), AbortSignal.abort(new Error('cancelled')))
		await expect(hear(asked)).rejects.toThrow('cancelled')
		expect(mock.getRequests()).toHaveLength(0)
	})

	it.each([
		['', (events: AsyncIterable<ModelEvent>) => events],
		[', also while the next frame is awaited', coalesce],
	])('ends the HTTP stream when the reader leaves%s', async (_title, read) => {
		raw = await rawServer((response) => sse(response, frames.begin, frames.word('Half')))
		for await (const event of read(model(vendor, raw.url).stream(ask('hello'), new AbortController().signal)))
			if (event.type === 'text') break
		await raw.dropped
	})
})

describe('a server that speaks as OpenAI does', () => {
	it('is asked without stream_options once it has refused them, and is not asked with them again', async () => {
		raw = await rawServer((response, body) => {
			if (body.includes('stream_options')) {
				response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"Unknown parameter: stream_options"}}')
				return
			}
			sse(response, wire.openai.word('Fine.'), wire.openai.finish('stop'), wire.openai.end)
			response.end()
		})
		const compatible = model('openai', raw.url)
		const forever = new AbortController().signal
		expect(await hear(compatible.stream(ask('a'), forever))).toMatchObject({ text: 'Fine.', finish: { usage: { estimated: true } } })
		expect((await hear(compatible.stream(ask('b'), forever))).text).toBe('Fine.')
		expect(raw.bodies.map((body) => body.includes('stream_options'))).toEqual([true, false, false])
	})

	it('needs no key', async () => {
		mock.onMessage('hello', { content: 'Hi.' })
		expect((await hearAll('openai', mock.url, 'hello', { apiKey: undefined })).text).toBe('Hi.')
	})
})
