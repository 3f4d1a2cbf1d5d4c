import type { Embedder } from './embedder.ts'

/** Questions of one chat, asked again by search, regenerate, edit. */
const KEPT_QUERIES = 256

/** The same embedder; a query that was asked before is not embedded again. */
export function keepingQueries(embedder: Embedder): Embedder {
	const kept = new Map<string, Float32Array>() // the one used longest ago first

	function keep(query: string, vector: Float32Array): void {
		kept.delete(query)
		kept.set(query, vector)
		const [oldest] = kept.keys()
		if (kept.size > KEPT_QUERIES && oldest !== undefined) kept.delete(oldest)
	}

	return {
		...embedder,
		async embed(texts, kind, signal) {
			const [query, ...others] = texts
			if (kind !== 'query' || query === undefined || others.length > 0) return embedder.embed(texts, kind, signal)
			const [vector] = kept.has(query) ? [kept.get(query)] : await embedder.embed(texts, kind, signal)
			if (!vector) return []
			keep(query, vector)
			return [vector]
		},
	}
}
