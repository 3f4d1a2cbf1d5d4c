import { AppError } from '../errors.ts'
import { explain } from '../providers/failures.ts'
import { createGate } from '../providers/gate.ts'
import { callJson, isQuotaUsedUp, Refused, Unreadable } from '../providers/json-call.ts'
import { piecesOf } from '../text/pieces.ts'
import { estimateTokens, fitTokens } from '../text/tokens.ts'
import { scoresIn } from './answer.ts'
import type { Preset } from './presets.ts'
import type { Reranker } from './reranker.ts'

interface Options {
	/** Its name in the settings, and in words for people. */
	provider: string
	preset: Preset
	model: string
	apiKey?: string | undefined
	/** Of another server than the vendor's that speaks the same. */
	baseUrl?: string | undefined
}

/** Somebody waits for the search; it has an order without. */
const TIMEOUT_MS = 10_000
/** Requests under way at once. */
const PLACES = 8
/** The smallest limit in use. */
const UNKNOWN_TOKENS = 512
/** Our estimate is made for another vocabulary: what a model counts may be a fifth more. */
const ESTIMATE_SHARE = 0.8
/** What is left for a document: a question is cut where it would leave less. */
const LEAST_TOKENS = 128
const BYTES_OF_A_SCORE = 16_384
const BYTES_OF_AN_ANSWER = 2 ** 20

/** A reranker behind HTTP. A document that is too long for it is sent in parts, and has the score of its best one. It is asked once: who waits for a search does not wait for a second try. */
export function createRemoteReranker({ provider, preset, model, apiKey, baseUrl }: Options): Reranker {
	const { path = '/rerank', topN = 'top_n', extra } = preset
	const url = (baseUrl || preset.baseUrl).replace(/\/+$/, '') + path
	const asked = { role: 'reranking', provider, apiKey } as const
	const maxTokens = Math.floor(((Object.hasOwn(preset.maxTokens, model) && preset.maxTokens[model]) || UNKNOWN_TOKENS) * ESTIMATE_SHARE)
	const gate = createGate(PLACES)

	function explained(error: unknown): AppError {
		if (error instanceof Unreadable) return new AppError('rerankerBroke', { provider, what: error.what })
		const failure = explain(error, asked)
		if (failure.problem === 'providerQuota' && error instanceof Refused && !isQuotaUsedUp(error))
			return new AppError('providerOverloaded', { provider })
		return failure.problem === 'providerContext' ? new AppError('providerRefused', { provider, reason: 'too long' }) : failure
	}

	return {
		id: `${provider}/${model}`,

		async rerank(query, documents, signal) {
			if (documents.length === 0) return []
			if (preset.needsKey && !apiKey && !baseUrl) throw new AppError('providerKey', asked)
			const question = query.slice(0, fitTokens(query, 0, query.length, maxTokens - LEAST_TOKENS)).toWellFormed()
			const room = Math.max(LEAST_TOKENS, maxTokens - Math.ceil(estimateTokens(question)))
			const parts = documents.flatMap((document, at) => piecesOf(document.toWellFormed(), room).map(({ text }) => ({ at, text })))
			const body = { model, query: question, documents: parts.map(({ text }) => text), [topN]: parts.length, ...extra }
			const maxBytes = BYTES_OF_AN_ANSWER + parts.length * BYTES_OF_A_SCORE
			try {
				const call = () => callJson({ url, apiKey, body, timeoutMs: TIMEOUT_MS, maxRetries: 0, maxBytes, gate }, signal)
				const scores = scoresIn(await gate.run(call, signal), parts.length, provider)
				const best = documents.map(() => Number.NEGATIVE_INFINITY)
				for (const [part, { at }] of parts.entries()) best[at] = Math.max(best[at] ?? 0, scores[part] ?? 0)
				return best
			} catch (error) {
				signal.throwIfAborted()
				throw explained(error)
			}
		},
	}
}
