import { AppError } from '../errors.ts'
import { leavable } from '../events/leave.ts'
import { estimateTokens } from '../text/tokens.ts'
import { explain } from './failures.ts'
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
		if (!reason) throw explain(error, remote.provider, remote.apiKey)
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

/** The SDKs wait as long as `Retry-After` says (one of them for days); past this the caller hears of it instead. */
const MAX_RETRY_AFTER_MS = 20_000

/**
 * `fetch` for the SDKs: an answer that asks for a long wait is not retried (`x-should-retry` is what both obey), and no redirect is followed, which
 * would take the key along.
 */
export async function impatientFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
	const response = await fetch(input, { ...init, redirect: 'error' })
	if (response.ok || retryAfterMs(response.headers.get('retry-after')) <= MAX_RETRY_AFTER_MS) return response
	const headers = new Headers(response.headers)
	headers.set('x-should-retry', 'false')
	return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

/** Seconds or a date; 0 when it says nothing. */
function retryAfterMs(header: string | null): number {
	const seconds = Number(header ?? 0)
	return Number.isNaN(seconds) ? Date.parse(header ?? '') - Date.now() || 0 : seconds * 1_000
}
