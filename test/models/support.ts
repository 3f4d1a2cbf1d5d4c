import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '../../src/errors.ts'
import { createAnthropicModel } from '../../src/models/anthropic.ts'
import type { ModelEvent, Prompt } from '../../src/models/model.ts'
import { createOpenAIModel } from '../../src/models/openai.ts'
import type { RemoteOptions } from '../../src/models/remote.ts'

export const vendors = ['openai', 'anthropic'] as const
export type Vendor = (typeof vendors)[number]

/** A prompt of one question and nothing else. */
export const ask = (question: string): Prompt => ({
	question,
	language: 'en',
	mode: 'chat',
	sources: [],
	system: 'Answer.',
	messages: [{ role: 'user', content: question }],
})

export const model = (provider: Vendor, url: string, config: Partial<RemoteOptions> = {}) =>
	(provider === 'openai' ? createOpenAIModel : createAnthropicModel)({
		model: 'some-model',
		apiKey: 'sk-secret-0123456789',
		baseUrl: provider === 'openai' ? `${url}/v1` : url,
		firstTokenTimeoutMs: 60_000,
		idleTimeoutMs: 30_000,
		maxRetries: 0,
		...config,
	})

const forever = new AbortController().signal

export interface Told {
	text: string
	finish: Extract<ModelEvent, { type: 'finish' }> | undefined
	failure: AppError | undefined
}

/** Everything a model said, and how it ended. */
export async function hear(events: AsyncIterable<ModelEvent>): Promise<Told> {
	const told: Told = { text: '', finish: undefined, failure: undefined }
	try {
		for await (const event of events) {
			if (event.type === 'text') told.text += event.text
			else told.finish = event
		}
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		told.failure = error
	}
	return told
}

export const hearAll = (provider: Vendor, url: string, question: string, config: Partial<RemoteOptions> = {}) =>
	hear(model(provider, url, config).stream(ask(question), forever))

export interface RawServer {
	url: string
	/** Bodies of the requests, in order. */
	bodies: string[]
	/** Resolves when a client has closed its side of a request that was not answered to the end. */
	dropped: Promise<void>
	stop(): Promise<void>
}

/** A server that answers what the test says, for what no mock sends. */
export async function rawServer(answer: (response: ServerResponse, body: string, request: IncomingMessage) => void): Promise<RawServer> {
	const dropped = Promise.withResolvers<void>()
	const bodies: string[] = []
	const server = createServer(async (request, response) => {
		response.on('close', () => {
			if (!response.writableFinished) dropped.resolve()
		})
		let body = ''
		for await (const part of request) body += part
		bodies.push(body)
		answer(response, body, request)
	})
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		bodies,
		dropped: dropped.promise,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve())
				server.closeAllConnections()
			}),
	}
}

export const sse = (response: ServerResponse, ...frames: string[]) => {
	if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
	for (const frame of frames) response.write(`${frame}\n\n`)
}

/** The frames with which each vendor begins, says a word, and ends. */
export const wire = {
	openai: {
		begin: 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
		word: (word: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: word }, finish_reason: null }] })}`,
		finish: (reason: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })}`,
		end: 'data: [DONE]',
		garbage: 'data: {"choices": [{"del',
		nonsense: 'data: {"choices": "none"}',
		error: (type: string) => `data: ${JSON.stringify({ error: { type, message: 'It happened.' } })}`,
	},
	anthropic: {
		begin: 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":0,"output_tokens":0}}}',
		word: (word: string) =>
			`event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } })}`,
		finish: (reason: string) => `event: message_delta\ndata: ${JSON.stringify({ type: 'message_delta', delta: { stop_reason: reason } })}`,
		end: 'event: message_stop\ndata: {"type":"message_stop"}',
		garbage: 'event: content_block_delta\ndata: {"type": "content_bl',
		nonsense: 'event: content_block_delta\ndata: {"type": 7}',
		error: (type: string) => `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message: 'It happened.' } })}`,
	},
}
