import type { Embedder } from '../embedder.ts'
import { createModelProcess } from './model-process.ts'
import { DIMENSIONS } from './protocol.ts'
import { isLatin } from './reads.ts'

export interface LocalEmbedderOptions {
	/** Where the model's file is kept; it is made when first needed. */
	directory: string
	/** Of the processor; 1. More is faster only where the others are free. */
	threads?: number
	/** Without a call for so long, the model leaves memory; a minute. It is back in half a second. */
	idleMs?: number
	/** Hears of children that crashed, hung or grew too large. */
	report?(problem: string): void
}

/** Questions of one chat, asked again by search, regenerate, edit. */
const KEPT_QUERIES = 256

/** all-MiniLM-L6-v2 in a child process, for English. Needs no network and no key. */
export function createLocalEmbedder({ directory, threads = 1, idleMs = 60_000, report = () => undefined }: LocalEmbedderOptions): Embedder {
	const model = createModelProcess({ directory, threads, idleMs, report })
	const queries = new Map<string, Float32Array>() // the one used longest ago first

	return {
		id: 'local/all-MiniLM-L6-v2',
		dimensions: DIMENSIONS,
		weight: 0.3,
		unrelated: 0,
		reads: isLatin,
		async embed(texts, kind, signal) {
			const [query] = texts
			if (query === undefined) return []
			const kept = kind === 'query' && texts.length === 1 ? queries.get(query) : undefined
			const vectors = kept ? [kept] : split(await model.embed([...texts], kind, signal))
			const [vector] = vectors
			if (kind === 'query' && texts.length === 1 && vector) keep(query, vector)
			return vectors
		},
		stop: () => model.stop(),
	}

	function keep(query: string, vector: Float32Array): void {
		queries.delete(query)
		queries.set(query, vector)
		const [oldest] = queries.keys()
		if (queries.size > KEPT_QUERIES && oldest !== undefined) queries.delete(oldest)
	}
}

const split = (vectors: Float32Array): Float32Array[] =>
	Array.from({ length: vectors.length / DIMENSIONS }, (_, row) => vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS))
