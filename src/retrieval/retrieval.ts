import type pg from 'pg'
import type { Embedder } from '../embedding/embedder.ts'
import { countTerms, queryTerms } from '../text/terms.ts'
import type { ChunkIndex, Generation, Hit } from './chunk-index.ts'
import { fuse, type Scored } from './fusion.ts'
import { readChunks, type StoredChunk } from './stored-chunks.ts'

/** A chunk that answers a query; scores as in `fusion.ts`. */
export interface Found extends StoredChunk {
	score: number
	lexicalScore: number
	denseScore: number | null
}

export interface Search {
	workspaceId: number
	query: string
	limit: number
	signal?: AbortSignal
}

interface Dependencies {
	pool: pg.Pool
	index: ChunkIndex
	/** Null: words only. */
	embedder: Embedder | null
	generation: Generation
}

/** Of each kind. */
const CANDIDATES = 50
/** Of both kinds together, the best: those whose text is read and scored. */
const READ = 64
/** Longer than the embedder takes to start on most machines; then the words have to do. */
const EMBEDDING_MS = 3_000
const WORDS_ALONE = { weight: 0, unrelated: 0 }
/** A question is not longer; a pasted book must not cost a search minutes. */
const MAX_QUERY_CHARACTERS = 8_000

export type Retrieval = ReturnType<typeof createRetrieval>

/** Finds the chunks of a workspace that answer a query: by words and, where the embedder reads the query, by meaning. */
export function createRetrieval({ pool, index, embedder, generation }: Dependencies) {
	/** Null when the embedder does not read the query or does not answer: the search goes on without. */
	async function embed(text: string, signal: AbortSignal | undefined): Promise<Float32Array | null> {
		if (!embedder?.reads(text)) return null
		const timeout = AbortSignal.timeout(EMBEDDING_MS)
		try {
			const [vector] = await embedder.embed([text], 'query', signal ? AbortSignal.any([signal, timeout]) : timeout)
			return vector ?? null
		} catch {
			signal?.throwIfAborted()
			return null
		}
	}

	async function searchVectors(workspaceId: number, text: string, signal: AbortSignal | undefined): Promise<Hit[]> {
		const vector = await embed(text, signal)
		if (!vector) return []
		return (await index.search(generation.id, { workspaceId, text: '', vector, limit: CANDIDATES })).dense
	}

	async function searchWords(workspaceId: number, text: string): Promise<Hit[]> {
		return (await index.search(generation.id, { workspaceId, text, vector: null, limit: CANDIDATES })).lexical
	}

	return {
		async search({ workspaceId, query, limit, signal }: Search): Promise<Found[]> {
			signal?.throwIfAborted()
			const text = query.slice(0, MAX_QUERY_CHARACTERS)
			const [lexical, dense] = await Promise.all([searchWords(workspaceId, text), searchVectors(workspaceId, text, signal)])
			const cosines = new Map(dense.map(({ chunkId, score }) => [chunkId, score]))
			const ids = interleaved(lexical, dense).slice(0, READ)
			if (ids.length === 0) return []
			const stored = await readChunks(pool, workspaceId, ids)
			signal?.throwIfAborted()
			const asked = queryTerms(text)
			const askedFor = new Set(asked)
			const candidates = stored.map((chunk) => ({ terms: countTerms(chunk.text, askedFor), cosine: cosines.get(chunk.chunkId) ?? null }))
			return fuse(asked, candidates, embedder ?? WORDS_ALONE)
				.slice(0, limit)
				.flatMap((scored) => found(stored[scored.candidate], scored))
		},
	}
}

/** The chunks of both lists, the best of each first. */
function interleaved(lexical: readonly Hit[], dense: readonly Hit[]): number[] {
	const ids = new Set<number>()
	for (let rank = 0; rank < CANDIDATES; rank++) for (const hit of [lexical[rank], dense[rank]]) if (hit) ids.add(hit.chunkId)
	return [...ids]
}

const found = (chunk: StoredChunk | undefined, { score, lexicalScore, denseScore }: Scored): Found[] =>
	chunk ? [{ ...chunk, score, lexicalScore, denseScore }] : []
