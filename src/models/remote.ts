import { AppError } from '../errors.ts'
import { leavable } from '../events/leave.ts'
import { explain } from '../providers/failures.ts'
import { estimateTokens } from '../text/tokens.ts'
import type { ChatModel, ModelEvent, Prompt, Usage } from './model.ts'
import { watch } from './watch.ts'

/** What one frame of a provider's stream says; one that says nothing is still a sign of life. */
export interface Frame {
	text?: string | undefined
	finish?: 'stop' | 'length' | undefined
	usage?: { promptTokens?: number | undefined; completionTokens?: number | undefined } | undefined
}

/** A model behind HTTP, as its vendor's folder describes it. */
export interface RemoteModel {
	provider: string
	model: string
	apiKey: string | undefined
	/** Silence longer than this ends the request: until the first text, and after it. */
	firstTokenTimeoutMs: number
	idleTimeoutMs: number
	/** Sends the request. Leaving the frames is the signal's business. */
	open(prompt: Prompt, signal: AbortSignal): Promise<AsyncIterable<Frame>>
}

/** What a vendor needs to know. */
export type RemoteOptions = Pick<RemoteModel, 'model' | 'apiKey' | 'firstTokenTimeoutMs' | 'idleTimeoutMs'> & {
	/** The vendor's own address when absent. */
	baseUrl: string | undefined
	/** Of the request, before the first frame; the wait is the provider's `Retry-After` or grows from 0.5 s. */
	maxRetries: number
}

/** What a vendor needs to know to list its models. */
export type ListOptions = Pick<RemoteOptions, 'apiKey' | 'baseUrl'>

/** A model as its provider lists it. */
export interface Listed {
	id: string
	name: string | undefined
	/** Its context window, in tokens. */
	maxTokens: number | undefined
}

export const LIST_TIMEOUT_MS = 4_000

/** What every remote model shares: deadlines, an end that must be told, tokens that must be counted, errors in our words. */
export function createRemoteModel(remote: RemoteModel): ChatModel {
	return {
		provider: remote.provider,
		model: remote.model,
		stream: (prompt, signal) => leavable(signal, (leaving) => answer(remote, prompt, leaving)),
	}
}

async function* answer(remote: RemoteModel, prompt: Prompt, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
	let text = ''
	let reason: Frame['finish']
	let counted: NonNullable<Frame['usage']> = {}
	const timeoutMs = () => (text === '' ? remote.firstTokenTimeoutMs : remote.idleTimeoutMs)
	try {
		for await (const frame of watch((stop) => remote.open(prompt, stop), timeoutMs, signal)) {
			reason = frame.finish ?? reason
			counted = { ...counted, ...frame.usage }
			if (!frame.text) continue
			text += frame.text
			yield { type: 'text', text: frame.text }
		}
	} catch (error) {
		signal.throwIfAborted()
		// Cut after its last word an answer is whole; only its usage is missing.
		if (!reason) throw explain(error, { role: 'llm', ...remote })
	}
	if (!reason || text === '') throw new AppError('providerBroke', { provider: remote.provider })
	yield { type: 'finish', reason, usage: usageOf(counted, prompt, text) }
}

function usageOf(counted: NonNullable<Frame['usage']>, prompt: Prompt, answer: string): Usage {
	const estimated = !counted.promptTokens || !counted.completionTokens
	const promptTokens = counted.promptTokens || estimatePromptTokens(prompt)
	const completionTokens = counted.completionTokens || estimateTokens(answer)
	return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens, estimated }
}

const estimatePromptTokens = ({ system, messages }: Prompt): number =>
	messages.reduce((sum, { content }) => sum + estimateTokens(content), estimateTokens(system))
