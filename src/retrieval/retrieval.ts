import type pg from 'pg'
import type { Embedder } from '../embedding/embedder.ts'
import { countTerms, queryTerms } from '../text/terms.ts'
import type { ChunkIndex, Generation, Hit } from './chunk-index.ts'
import { type Candidate, fuse, type Scored } from './fusion.ts'
import { readChunks, readTexts, type StoredChunk } from './stored-chunks.ts'

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
	/** Null while nothing is indexed. */
	serving(): Promise<Serving | null>
}

/** Who embeds, and the state of the index with its vectors. */
export interface Serving {
	embedder: Embedder
	generation: Generation
}

interface Read extends Candidate {
	chunkId: number
}

/** Of each kind. */
const CANDIDATES = 50
/** Of both kinds together, the best: those whose text is read and scored. */
const READ = 64
/** Longer than the embedder takes to start on most machines; then the words have to do. */
const EMBEDDING_MS = 3_000
/** A question is not longer; a pasted book must not cost a search minutes. */
const MAX_QUERY_CHARACTERS = 8_000

export type Retrieval = ReturnType<typeof createRetrieval>

/** Finds the chunks of a workspace that answer a query: by words and, where the embedder reads the query, by meaning. */
export function createRetrieval({ pool, index, serving }: Dependencies) {
	/** Null when the embedder does not read the query or does not answer: the search goes on without. */
	async function embed(embedder: Embedder, text: string, signal: AbortSignal | undefined): Promise<Float32Array | null> {
		if (!embedder.reads(text)) return null
		const timeout = AbortSignal.timeout(EMBEDDING_MS)
		try {
			const [vector] = await embedder.embed([text], 'query', signal ? AbortSignal.any([signal, timeout]) : timeout)
			return vector ?? null
		} catch {
			signal?.throwIfAborted()
			return null
		}
	}

	/** Reads in order until there are enough: what is deleted, or still in the making, does not count. */
	async function readBest(workspaceId: number, ranked: readonly Scored<Read>[], limit: number): Promise<Found[]> {
		const best: Found[] = []
		for (let from = 0; from < ranked.length && best.length < limit; from += limit) {
			const next = ranked.slice(from, from + limit)
			const ids = next.map(({ candidate }) => candidate.chunkId)
			const stored = new Map((await readChunks(pool, workspaceId, ids)).map((chunk) => [chunk.chunkId, chunk]))
			for (const { candidate, ...scores } of next) {
				const chunk = stored.get(candidate.chunkId)
				if (chunk && best.length < limit) best.push({ ...chunk, ...scores })
			}
		}
		return best
	}

	return {
		async search({ workspaceId, query, limit, signal }: Search): Promise<Found[]> {
			signal?.throwIfAborted()
			const served = await serving()
			if (!served) return []
			const { embedder, generation } = served
			const text = query.slice(0, MAX_QUERY_CHARACTERS)
			const vector = embed(embedder, text, signal).then((made) => (made?.length === generation.dimensions ? made : null))
			vector.catch(() => undefined) // an abort, which the index hears of too
			const { lexical, dense } = await index.search(generation.id, { workspaceId, text, vector, limit: CANDIDATES })
			const texts = await readTexts(pool, workspaceId, interleaved(lexical, dense).slice(0, READ))
			signal?.throwIfAborted()
			const asked = queryTerms(text)
			const wanted = new Set(asked)
			const cosines = new Map(dense.map(({ chunkId, score }) => [chunkId, score]))
			const candidates = texts.map(({ chunkId, text }) => ({
				chunkId,
				terms: countTerms(text, wanted),
				cosine: cosines.get(chunkId) ?? null,
			}))
			return readBest(workspaceId, fuse(asked, candidates, embedder), limit)
		},
	}
}

/** The chunks of both lists, the best of each first. */
function interleaved(lexical: readonly Hit[], dense: readonly Hit[]): number[] {
	const ids = new Set<number>()
	for (let rank = 0; rank < CANDIDATES; rank++) for (const hit of [lexical[rank], dense[rank]]) if (hit) ids.add(hit.chunkId)
	return [...ids]
}
