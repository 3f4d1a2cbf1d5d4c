import { z } from 'zod'
import { AppError } from '../errors.ts'
import { explain } from '../providers/failures.ts'
import { openAIClient } from '../providers/openai-client.ts'
import type { Embedder } from './embedder.ts'

interface Options {
	model: string
	apiKey?: string | undefined
	/** Of a compatible server; default: OpenAI's own. */
	baseUrl?: string | undefined
}

const TIMEOUT_MS = 30_000
const RETRIES = 2

const Answer = z.object({ data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()).min(1) })) })

/**
 * Embeddings of OpenAI and of whoever speaks the same: Ollama, vLLM, Jina, DashScope … by their `baseUrl`. Nothing optional is sent but the
 * encoding, which the SDK would choose by itself.
 */
export function createOpenAIEmbedder({ model, apiKey, baseUrl }: Options): Embedder {
	const client = openAIClient({ apiKey, baseUrl, maxRetries: RETRIES, timeout: TIMEOUT_MS })
	const asked = { role: 'embedding', provider: 'openai', apiKey } as const

	return {
		id: `openai/${model}`,
		dimensions: null,
		weight: 0.5,
		unrelated: UNRELATED.find(([models]) => models.test(model))?.[1] ?? 0,
		reads: () => true,

		async embed(texts, _kind, signal) {
			if (texts.length === 0) return []
			if (!apiKey && !baseUrl) throw new AppError('providerKey', asked)
			try {
				const answer = await client.embeddings.create({ model, input: [...texts], encoding_format: 'float' }, { signal })
				return vectorsOf(answer, texts.length)
			} catch (error) {
				signal.throwIfAborted()
				throw passing(explain(error, asked))
			}
		},

		stop: async () => undefined,
	}
}

/** The cosine of unrelated texts, as the vendor's models are known to answer; of others nothing is known, so nothing is taken off. */
const UNRELATED: readonly [RegExp, number][] = [
	[/^text-embedding-3-/, 0.1],
	[/^text-embedding-ada-/, 0.7],
]

/** Of length 1, in the order of the texts. @throws AppError `embedderBroke` for anything else than a vector each, all of the same length. */
function vectorsOf(answer: unknown, count: number): Float32Array[] {
	const { data = [] } = Answer.safeParse(answer).data ?? {}
	const vectors = data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => ofLengthOne(Float32Array.from(embedding)))
	const isWhole = vectors.length === count && data.every(({ embedding }) => embedding.length === data[0]?.embedding.length)
	if (!isWhole || vectors.some((vector) => !Number.isFinite(vector[0]))) throw new AppError('embedderBroke', { provider: 'openai' })
	return vectors
}

/** Not a number where the length is none. */
function ofLengthOne(vector: Float32Array): Float32Array {
	const length = Math.hypot(...vector)
	return vector.map((component) => component / length)
}

/** A rate limit passes, and documents wait for it. */
const passing = (failure: AppError): AppError =>
	failure.problem === 'providerQuota' ? new AppError('providerOverloaded', { provider: 'openai' }) : failure
