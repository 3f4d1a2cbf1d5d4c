import { AppError } from '../errors.ts'
import { explain } from '../providers/failures.ts'
import { createGate } from '../providers/gate.ts'
import { callJson, isQuotaUsedUp, Refused, Unreadable } from '../providers/json-call.ts'
import { type Piece, piecesOf } from '../text/pieces.ts'
import { estimateTokens } from '../text/tokens.ts'
import { vectorsIn } from './answer.ts'
import { pooled, requestsOf } from './batches.ts'
import type { Embedder, EmbedderLimits, EmbeddingKind } from './embedder.ts'
import { modelAt, type Preset } from './presets.ts'
import { isLatin } from './reads.ts'

interface Options {
	/** Its name in the settings, and in words for people. */
	provider: string
	preset: Preset
	model: string
	apiKey?: string | undefined
	/** Of another server than the vendor's that speaks the same. */
	baseUrl?: string | undefined
	/** Of a request that failed in a way that may pass; 2. */
	maxRetries?: number
}

/** Of one try. A server on the same machine may need a minute for a batch. */
const TIMEOUT_MS: Record<EmbeddingKind, number> = { query: 20_000, passage: 120_000 }
const RETRIES = 2
/** Requests under way at once, of documents and of questions each, so that a question waits for no document. */
const PLACES = 4
/** Our estimate is made for another vocabulary: what a model counts may be a fifth more. */
const ESTIMATE_SHARE = 0.8
/** A text is not cut further than this, whatever the provider says of its length. */
const LEAST_TOKENS = 32
/** As JSON a number takes 25 at most, and a vector has 8,192. */
const BYTES_OF_A_VECTOR = 25 * 8_192
const BYTES_OF_AN_ANSWER = 2 ** 20

/**
 * Embeddings of whoever speaks OpenAI's protocol. Nothing optional is sent but what the preset says. A text that is too long is embedded in parts;
 * where a provider takes less than is known of it, it is asked for less from then on.
 */
export function createRemoteEmbedder({ provider, preset, model, apiKey, baseUrl, maxRetries = RETRIES }: Options): Embedder {
	const known = modelAt(preset, model)
	const { prefixes = { query: '', passage: '' }, queryModel = model, languages } = known
	const asked = { role: 'embedding', provider, apiKey } as const
	const url = `${(baseUrl || preset.baseUrl).replace(/\/+$/, '')}/embeddings`
	const gates = { query: createGate(PLACES), passage: createGate(PLACES) }
	const limits: EmbedderLimits = {
		maxTokens: Math.max(
			LEAST_TOKENS,
			Math.floor(known.maxTokens * ESTIMATE_SHARE) - Math.max(...Object.values(prefixes).map((prefix) => estimateTokens(prefix))),
		),
		maxTexts: preset.maxTexts,
		maxRequestTokens: preset.maxRequestTokens,
	}

	/** A vector for each, in one request or, where that is too much, in several. */
	async function embedPieces(pieces: readonly Piece[], kind: EmbeddingKind, signal: AbortSignal): Promise<Float32Array[]> {
		try {
			const body = {
				model: kind === 'query' ? queryModel : model,
				input: pieces.map(({ text }) => prefixes[kind] + text),
				...preset.extra?.(model, kind),
			}
			const maxBytes = BYTES_OF_AN_ANSWER + pieces.length * BYTES_OF_A_VECTOR
			const gate = gates[kind] // what documents have used up, questions may still have
			const answer = await gate.run(
				() => callJson({ url, apiKey, body, timeoutMs: TIMEOUT_MS[kind], maxRetries, maxBytes, gate }, signal),
				signal,
			)
			return vectorsIn(answer, pieces.length, provider)
		} catch (error) {
			signal.throwIfAborted()
			const failure = explained(error)
			const smaller = asLess(failure, pieces)
			if (!smaller) throw failure
			const made = await Promise.all(smaller.map((part) => embedPieces(part, kind, signal)))
			return pieces.length > 1
				? made.flat()
				: [pooled(made.flat().map((vector, at) => ({ vector, tokens: smaller[at]?.[0]?.tokens ?? 1 })))]
		}
	}

	/** What to ask for instead when it was too much; undefined when that was not the reason, or nothing is left to cut. */
	function asLess(failure: AppError, pieces: readonly Piece[]): Piece[][] | undefined {
		if (failure.problem !== 'textTooLong' && !TOO_MANY.test(failure.message)) return undefined
		const half = Math.ceil(pieces.length / 2)
		if (pieces.length > 1) {
			if (failure.problem !== 'textTooLong') limits.maxTexts = Math.min(limits.maxTexts, half)
			return [pieces.slice(0, half), pieces.slice(half)]
		}
		const [piece] = pieces
		if (failure.problem !== 'textTooLong' || !piece || piece.tokens < 2 * LEAST_TOKENS) return undefined
		limits.maxTokens = Math.min(limits.maxTokens, Math.ceil(piece.tokens / 2))
		return piecesOf(piece.text, limits.maxTokens).map((part) => [part])
	}

	function explained(error: unknown): AppError {
		if (error instanceof Unreadable) return new AppError('embedderBroke', { provider, what: error.what })
		const failure = explain(error, asked)
		// a rate limit passes, and documents wait for it
		if (failure.problem === 'providerQuota' && error instanceof Refused && !isQuotaUsedUp(error))
			return new AppError('providerOverloaded', { provider })
		return failure.problem === 'providerContext' ? new AppError('textTooLong', { provider }) : failure
	}

	return {
		id: `${provider}/${model}`,
		dimensions: baseUrl ? null : known.dimensions,
		languages,
		limits,
		weight: known.weight ?? 0.5,
		unrelated: known.unrelated ?? 0,
		reads: languages?.every((language) => language === 'en') ? isLatin : (text) => /\S/.test(text),

		async embed(texts, kind, signal) {
			if (texts.length === 0) return []
			if (preset.needsKey && !apiKey && !baseUrl) throw new AppError('providerKey', asked)
			const cut = texts.map((text) => piecesOf(text.toWellFormed(), limits.maxTokens))
			const failed = new AbortController()
			const ended = AbortSignal.any([signal, failed.signal])
			const requests = requestsOf(cut.flat(), limits).map((pieces) => embedPieces(pieces, kind, ended))
			const made = await Promise.all(requests).catch((error: unknown) => {
				failed.abort(error)
				throw error
			})
			const vectors = made.flat().values()
			return cut.map((pieces) => pooled(pieces.map(({ tokens }) => ({ tokens, vector: vectors.next().value ?? new Float32Array() }))))
		},

		stop: async () => undefined,
	}
}

/** How servers say that a request has too many texts. */
const TOO_MANY = /batch.?size|too many inputs|more batches|(input|array).{0,30}(at most|larger than|exceed|maximum|max) ?\d*/i
