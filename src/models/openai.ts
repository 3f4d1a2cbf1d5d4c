import { BadRequestError, UnprocessableEntityError } from 'openai'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { openAIClient } from '../providers/openai-client.ts'
import type { ChatModel, Prompt } from './model.ts'
import { createRemoteModel, type Frame, LIST_TIMEOUT_MS, type Listed, type ListOptions, type RemoteOptions } from './remote.ts'

/**
 * Chat completions of OpenAI and of whoever speaks the same: Ollama, vLLM, DeepSeek, Qwen, OpenRouter … by their `baseUrl`.
 * Nothing optional is sent, because what one server takes the next refuses.
 */
export function createOpenAIModel(options: RemoteOptions): ChatModel {
	const { model, apiKey, baseUrl, maxRetries, firstTokenTimeoutMs } = options
	const client = openAIClient({ apiKey, baseUrl, maxRetries, timeout: firstTokenTimeoutMs + 1_000 })
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
		if (!apiKey && !baseUrl) throw new AppError('providerKey', { role: 'llm', provider: 'openai' })
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

/** What can chat at OpenAI, or whatever a compatible server lists that is not plainly something else. @throws what the SDK throws. */
export async function listOpenAIModels({ apiKey, baseUrl }: ListOptions, signal: AbortSignal): Promise<Listed[]> {
	const client = openAIClient({ apiKey, baseUrl, maxRetries: 0, timeout: LIST_TIMEOUT_MS })
	const { data } = await client.models.list({ signal })
	return Entries.parse(data)
		.filter(({ id }) => !NO_CHAT.test(id) && (baseUrl || OPENAI_CHAT.test(id)))
		.map(({ id, name, ...sizes }) => ({
			id,
			name: name ?? undefined,
			maxTokens: Object.values(sizes).find((size) => size != null) ?? undefined,
		}))
}

const OPENAI_CHAT = /^(gpt-|chatgpt-|o\d)/
const NO_CHAT = /embed|whisper|tts|transcribe|audio|realtime|image|dall-e|moderation|sora|rerank|davinci|babbage|instruct$/i
const size = z.int().positive().nullish().catch(null)
/** The context window under the names of OpenRouter and Together, vLLM, Groq, Mistral; OpenAI does not tell. */
const Entries = z.array(
	z.object({
		id: z.string(),
		name: z.string().nullish().catch(null),
		context_length: size,
		max_model_len: size,
		context_window: size,
		max_context_length: size,
	}),
)

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
