import Anthropic from '@anthropic-ai/sdk'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { impatientFetch } from '../providers/impatient-fetch.ts'
import type { ChatModel, Prompt } from './model.ts'
import { createRemoteModel, type Frame, LIST_TIMEOUT_MS, type Listed, type ListOptions, type RemoteOptions } from './remote.ts'

/** Must be said; every model takes this much (the smallest limit, that of Claude 3). */
const MAX_ANSWER_TOKENS = 4_096

/** The messages API of Anthropic, or of whoever speaks the same at `baseUrl`. */
export function createAnthropicModel(options: RemoteOptions): ChatModel {
	const { model, apiKey, baseUrl, maxRetries, firstTokenTimeoutMs } = options
	const client = clientOf({ apiKey, baseUrl, maxRetries, timeout: firstTokenTimeoutMs + 1_000 })

	async function open({ system, messages }: Prompt, signal: AbortSignal): Promise<AsyncIterable<Frame>> {
		if (!apiKey && !baseUrl) throw new AppError('providerKey', { role: 'llm', provider: 'anthropic' })
		return frames(await client.messages.create({ model, max_tokens: MAX_ANSWER_TOKENS, stream: true, system, messages }, { signal }))
	}

	return createRemoteModel({ provider: 'anthropic', ...options, open })
}

/** All of them. @throws what the SDK throws. */
export async function listAnthropicModels({ apiKey, baseUrl }: ListOptions, signal: AbortSignal): Promise<Listed[]> {
	const client = clientOf({ apiKey, baseUrl, maxRetries: 0, timeout: LIST_TIMEOUT_MS })
	const { data } = await client.models.list({ limit: MAX_LISTED }, { signal })
	return Entries.parse(data).map(({ id, display_name, max_input_tokens }) => ({
		id,
		name: display_name ?? undefined,
		maxTokens: max_input_tokens ?? undefined,
	}))
}

/** Of one page, and more than there are. */
const MAX_LISTED = 1_000
const Entries = z.array(
	z.object({ id: z.string(), display_name: z.string().nullish(), max_input_tokens: z.int().positive().nullish().catch(null) }),
)

/** Every setting is given: the SDK would read what is missing from the environment and from profiles on the disk. */
const clientOf = ({ apiKey, baseUrl, ...options }: ListOptions & { maxRetries: number; timeout: number }): Anthropic =>
	new Anthropic({
		apiKey: apiKey || 'none',
		baseURL: baseUrl || 'https://api.anthropic.com',
		webhookKey: null,
		logLevel: 'off',
		fetch: impatientFetch,
		...options,
	})

const Tokens = z.object({
	input_tokens: z.number().nullish(),
	cache_read_input_tokens: z.number().nullish(),
	cache_creation_input_tokens: z.number().nullish(),
	output_tokens: z.number().nullish(),
})
const StreamEvent = z.object({
	type: z.string(),
	message: z.object({ usage: Tokens.nullish() }).nullish(),
	delta: z.object({ type: z.string().nullish(), text: z.string().nullish(), stop_reason: z.string().nullish() }).nullish(),
	usage: Tokens.nullish(),
})

async function* frames(events: AsyncIterable<unknown>): AsyncGenerator<Frame, void, void> {
	for await (const event of events) {
		const { type, message, delta, usage } = StreamEvent.parse(event)
		if (type === 'message_start') yield { usage: { promptTokens: promptTokens(message?.usage) } }
		else if (type === 'content_block_delta') yield { text: delta?.type === 'text_delta' ? (delta.text ?? undefined) : undefined }
		else if (type === 'message_delta')
			yield { finish: finishOf(delta?.stop_reason), usage: { completionTokens: usage?.output_tokens ?? undefined } }
		else yield {}
	}
}

/** What was read from a cache or written to one is counted beside `input_tokens`, not in it. */
const promptTokens = (usage: z.infer<typeof Tokens> | null | undefined): number =>
	(usage?.input_tokens ?? 0) + (usage?.cache_read_input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0)

function finishOf(reason: string | null | undefined): Frame['finish'] {
	if (!reason) return undefined
	if (reason === 'refusal') throw new AppError('providerRefused', { provider: 'anthropic', reason })
	return reason === 'max_tokens' || reason === 'model_context_window_exceeded' ? 'length' : 'stop'
}
