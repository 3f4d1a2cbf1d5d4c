import OpenAI, { BadRequestError, UnprocessableEntityError } from 'openai'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { ChatModel, Prompt } from './model.ts'
import { createRemoteModel, type Frame, impatientFetch, type RemoteOptions } from './remote.ts'

/**
 * Chat completions of OpenAI and of whoever speaks the same: Ollama, vLLM, DeepSeek, Qwen, OpenRouter … by their `baseUrl`.
 * Nothing optional is sent, because what one server takes the next refuses.
 */
export function createOpenAIModel(options: RemoteOptions): ChatModel {
	const { model, apiKey, baseUrl, maxRetries, firstTokenTimeoutMs } = options
	// Every setting is given: the SDK would read what is missing from the environment.
	const client = new OpenAI({
		apiKey: apiKey || 'none',
		baseURL: baseUrl || 'https://api.openai.com/v1',
		organization: null,
		project: null,
		maxRetries,
		timeout: firstTokenTimeoutMs + 1_000,
		logLevel: 'off',
		fetch: impatientFetch,
	})
	let countsTokens = true

	const request = (prompt: Prompt, signal: AbortSignal) =>
		client.chat.completions.create(
			{
				model,
				stream: true,
				messages: [{ role: 'system', content: prompt.system }, ...prompt.messages],
				...(countsTokens && { stream_options: { include_usage: true } }),
			},
			{ signal },
		)

	async function open(prompt: Prompt, signal: AbortSignal): Promise<AsyncIterable<Frame>> {
		if (!apiKey && !baseUrl) throw new AppError('providerKey', { provider: 'openai' })
		try {
			return frames(await request(prompt, signal))
		} catch (error) {
			if (!countsTokens || !refusesStreamOptions(error)) throw error
			countsTokens = false
			return frames(await request(prompt, signal))
		}
	}

	return createRemoteModel({ provider: 'openai', ...options, open })
}

/** Some compatible servers know no `stream_options`, and say so. */
const refusesStreamOptions = (error: unknown): boolean =>
	(error instanceof BadRequestError || error instanceof UnprocessableEntityError) &&
	/stream_options|include_usage/.test(`${error.message} ${JSON.stringify(error.error)}`)

const Chunk = z.object({
	choices: z
		.array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish(), finish_reason: z.string().nullish() }))
		.nullish(),
	usage: z.object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
})

async function* frames(chunks: AsyncIterable<unknown>): AsyncGenerator<Frame, void, void> {
	for await (const chunk of chunks) {
		const { choices, usage } = Chunk.parse(chunk)
		const choice = choices?.[0]
		yield {
			text: choice?.delta?.content ?? undefined,
			finish: finishOf(choice?.finish_reason),
			usage: usage ? { promptTokens: usage.prompt_tokens ?? undefined, completionTokens: usage.completion_tokens ?? undefined } : undefined,
		}
	}
}

function finishOf(reason: string | null | undefined): Frame['finish'] {
	if (!reason) return undefined
	if (reason === 'content_filter') throw new AppError('providerRefused', { provider: 'openai', reason })
	return reason === 'length' ? 'length' : 'stop'
}
