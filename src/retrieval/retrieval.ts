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
/** Searches, while documents are deleted or replaced under it. */
const MAX_ATTEMPTS = 4
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

	/**
	 * The first ones or, where some of those are still in the making, all: by one statement, so that a document is seen in one version.
	 * `hasChanged`: one of them was deleted, or has got a new version, since the search began.
	 */
	async function readBest(workspaceId: number, ranked: readonly Scored<Read>[], limit: number, begin: number) {
		for (let count = limit; ; count = ranked.length) {
			const next = ranked.slice(0, count)
			const ids = next.map(({ candidate }) => candidate.chunkId)
			const read = ids.length === 0 ? [] : await readChunks(pool, workspaceId, ids, performance.now() - begin)
			const hasChanged = read.length < ids.length || read.some(({ isNew }) => isNew)
			const stored = new Map(read.map((chunk) => [chunk.chunkId, chunk]))
			const best = next.flatMap(({ candidate, ...scores }): Found[] => {
				const { document = null, isNew: _, ...chunk } = stored.get(candidate.chunkId) ?? {}
				return document === null ? [] : [{ ...(chunk as StoredChunk), document, ...scores }]
			})
			if (best.length >= limit || count >= ranked.length) return { best: best.slice(0, limit), hasChanged }
		}
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
			const asked = queryTerms(text)
			const wanted = new Set(asked)
			let gone = new Set<number>()
			for (let attempt = 1; ; attempt++) {
				const begin = performance.now()
				const { lexical, dense } = await index.search(generation.id, { workspaceId, text, vector, limit: CANDIDATES })
				const hits = interleaved(lexical, dense).slice(0, READ)
				const texts = await readTexts(pool, workspaceId, hits)
				signal?.throwIfAborted()
				const cosines = new Map(dense.map(({ chunkId, score }) => [chunkId, score]))
				const candidates = texts.map(({ chunkId, text }) => ({
					chunkId,
					terms: countTerms(text, wanted),
					cosine: cosines.get(chunkId) ?? null,
				}))
				const there = new Set(texts.map(({ chunkId }) => chunkId))
				const before = gone
				gone = new Set(hits.filter((id) => !there.has(id)))
				const { best, hasChanged } = await readBest(workspaceId, fuse(asked, candidates, embedder), limit, begin)
				// what is gone since may have been replaced by what this search did not see
				const isWhole = !hasChanged && [...gone].every((id) => before.has(id))
				if (isWhole || attempt === MAX_ATTEMPTS) return best
			}
		},
	}
}

/** The chunks of both lists, the best of each first. */
function interleaved(lexical: readonly Hit[], dense: readonly Hit[]): number[] {
	const ids = new Set<number>()
	for (let rank = 0; rank < CANDIDATES; rank++) for (const hit of [lexical[rank], dense[rank]]) if (hit) ids.add(hit.chunkId)
	return [...ids]
}
