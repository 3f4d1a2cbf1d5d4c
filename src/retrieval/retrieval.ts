import type pg from 'pg'
import type { Embedder } from '../embedding/embedder.ts'
import type { Reranked, Reranking } from '../reranking/reranking.ts'
import { countTerms, queryTerms } from '../text/terms.ts'
import type { ChunkIndex, Generation, Hit } from './chunk-index.ts'
import { type Candidate, fuse, type Scored } from './fusion.ts'
import { createReordering } from './reordering.ts'
import { informationOf } from './score.ts'
import { type ChunkText, type ReadChunk, readChunks, readText, readTexts, type Span, type StoredChunk } from './stored-chunks.ts'

interface Scores extends Pick<Scored<Candidate>, 'score' | 'lexicalScore' | 'denseScore' | 'fusedScore'> {
	/** As the reranker says, good for this search's order; null where it was not asked, or did not answer. */
	rerankScore: number | null
}

/** A chunk that answers a query; scores as in `fusion.ts`. */
export interface Found extends StoredChunk, Scores {}

/** One that may be an answer, before it is known whether it may be shown. */
export interface Ranked extends ChunkText, Scores {
	/** How often it has each term of the query. */
	counts: ReadonlyMap<string, number>
}

/** What is shown as one result. */
export interface Group<Chunk> {
	lead: Chunk
	/** Its neighbours in the document, which are part of the result. */
	joined: Chunk[]
	/** Those that say the same. */
	duplicates: Chunk[]
}

export interface FoundGroup extends Group<Found> {
	/** The terms of the query that the lead has. */
	counts: ReadonlyMap<string, number>
	/** From the first of the joined chunks to the last. */
	passage: Pick<StoredChunk, 'text' | 'start' | 'end'>
}

export interface Search {
	/** In which the chunks are; with the share that vectors have in the order, 0 to 1, where it is not the embedder's. */
	workspaces: readonly { id: number; denseWeight?: number | null }[]
	/** Only chunks of these documents; of all where it is not given. */
	documentIds?: readonly number[] | null | undefined
	query: string
	limit: number
	signal?: AbortSignal
}

/** What is shown, and in which groups, of the chunks that were found, the best first. */
export type Arrange = (ranked: readonly Ranked[], limit: number) => Group<Ranked>[]

export interface FoundGroups {
	groups: FoundGroup[]
	/** What each term of the query tells; see `score.ts`. */
	information: ReadonlyMap<string, number>
	/** Whether a reranker made the order. */
	reranking: Reranked['status']
}

interface Dependencies {
	pool: pg.Pool
	index: ChunkIndex
	/** Null while nothing is indexed. */
	serving(): Promise<Serving | null>
	/** Without it nobody reranks. */
	rerank?: Reranking['rerank']
}

/** Who embeds, and the state of the index with its vectors. */
export interface Serving {
	embedder: Embedder
	generation: Generation
}

interface Read extends Candidate {
	chunk: ChunkText
}

/** `ofEach`: of each kind. `read`: of both kinds together, the best: those whose text is read and scored. */
const CANDIDATES = { ofEach: 50, read: 64 }
/** Of several workspaces: the index does not rank one's words against another's. */
const CANDIDATES_OF_SEVERAL = { ofEach: 200, read: 256 }
/** Searches, while documents are deleted or replaced under it. */
const MAX_ATTEMPTS = 4
/** Longer than the embedder takes to start on most machines; then the words have to do. */
const EMBEDDING_MS = 3_000
/** A question is not longer; a pasted book must not cost a search minutes. */
const MAX_QUERY_CHARACTERS = 8_000

export type Retrieval = ReturnType<typeof createRetrieval>

/** Finds the chunks of a workspace that answer a query: by words and, where the embedder reads the query, by meaning. */
export function createRetrieval({ pool, index, serving, rerank }: Dependencies) {
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
	 * The groups, read by one statement, so that a document is seen in one version. Chunks of documents in the making are left out, and the others
	 * arranged anew. `hasChanged`: one of them was deleted, or has got a new version, since the search began.
	 */
	async function readGroups(workspaceIds: readonly number[], ranked: readonly Ranked[], limit: number, arrange: Arrange, begin: number) {
		let shown = ranked
		let hasChanged = false
		for (let attempt = 1; ; attempt++) {
			const groups = arrange(shown, limit)
			const wanted = attempt === 1 ? groups.flatMap(({ lead, joined, duplicates }) => [lead, ...joined, ...duplicates]) : shown
			const ids = wanted.map(({ chunkId }) => chunkId)
			const read = ids.length === 0 ? [] : await readChunks(pool, workspaceIds, ids, performance.now() - begin, spansOf(groups))
			hasChanged ||= read.length < ids.length || read.some(({ isNew }) => isNew)
			const stored = new Map(read.flatMap((chunk) => (isShown(chunk) ? [[chunk.chunkId, chunk]] : [])))
			if (stored.size === ids.length) {
				const texts = wholeTexts()
				return { groups: await Promise.all(groups.map((group) => filled(group, stored, texts))), hasChanged }
			}
			const gone = new Set(ids.filter((id) => !stored.has(id)))
			shown = shown.filter(({ chunkId }) => !gone.has(chunkId))
		}
	}

	async function filled(group: Group<Ranked>, stored: ReadonlyMap<number, ShownChunk>, texts: WholeTexts): Promise<FoundGroup> {
		const found = ({ ordinal: _, counts: __, ...chunk }: Ranked): Found => {
			const { documentId, document, page, heading } = stored.get(chunk.chunkId) as ShownChunk
			return { ...chunk, documentId, document, page, heading }
		}
		const { lead, joined, duplicates } = group
		return {
			lead: found(lead),
			joined: joined.map(found),
			duplicates: duplicates.map(found),
			counts: lead.counts,
			passage: await passageOf(group, stored, texts),
		}
	}

	/** The lead alone where what stands between the chunks is not to be had. */
	async function passageOf(
		{ lead, joined }: Group<Ranked>,
		stored: ReadonlyMap<number, ShownChunk>,
		texts: WholeTexts,
	): Promise<FoundGroup['passage']> {
		const { start, end } = spanOf({ lead, joined })
		if (joined.length === 0) return { text: lead.text, start, end }
		const chunks = [lead, ...joined]
		const has = (text: string, from: number) => chunks.every((chunk) => text.startsWith(chunk.text, chunk.start - from))
		const stitched = stitch(chunks)
		if (stitched !== null) return { text: stitched, start, end }
		const read = stored.get(lead.chunkId)?.passage
		if (read?.length === end - start && has(read, start)) return { text: read, start, end }
		const whole = await texts.of(lead.documentId)
		if (whole === null || !has(whole, 0)) return { text: lead.text, start: lead.start, end: lead.end }
		return { text: copyOf(whole.slice(start, end)), start, end }
	}

	/** Of few documents, one after the other: they may be long. */
	function wholeTexts(): WholeTexts {
		const known = new Map<number, Promise<string | null>>()
		return {
			of(documentId) {
				const text = known.get(documentId) ?? (known.size < MAX_WHOLE_TEXTS ? readText(pool, documentId) : Promise.resolve(null))
				if (known.size < MAX_WHOLE_TEXTS) known.set(documentId, text)
				return text
			},
		}
	}

	async function find({ workspaces, documentIds = null, query, limit, signal }: Search, arrange: Arrange): Promise<FoundGroups> {
		signal?.throwIfAborted()
		const served = await serving()
		const text = query.slice(0, MAX_QUERY_CHARACTERS)
		const asked = queryTerms(text)
		if (!served) return { groups: [], information: new Map(), reranking: 'off' }
		const { embedder, generation } = served
		const vector = embed(embedder, text, signal).then((made) => (made?.length === generation.dimensions ? made : null))
		vector.catch(() => undefined) // an abort, which the index hears of too
		const wanted = new Set(asked)
		const workspaceIds = workspaces.map(({ id }) => id)
		const weights = new Map(workspaces.map(({ id, denseWeight }) => [id, denseWeight ?? null]))
		const candidates = workspaces.length > 1 ? CANDIDATES_OF_SEVERAL : CANDIDATES
		const reordering = createReordering(rerank, { workspaceIds, query: text, limit, signal })
		let gone = new Set<number>()
		for (let attempt = 1; ; attempt++) {
			const begin = performance.now()
			const { lexical, dense } = await index.search(generation.id, { workspaceIds, documentIds, text, vector, limit: candidates.ofEach })
			const hits = interleaved(lexical, dense, candidates.ofEach).slice(0, candidates.read)
			const texts = await readTexts(pool, workspaceIds, hits)
			signal?.throwIfAborted()
			const cosines = new Map(dense.map(({ chunkId, score }) => [chunkId, score]))
			const read: Read[] = texts.map((chunk) => ({
				chunk,
				terms: countTerms(chunk.text, wanted),
				cosine: cosines.get(chunk.chunkId) ?? null,
				denseWeight: weights.get(chunk.workspaceId) ?? null,
			}))
			const there = new Set(texts.map(({ chunkId }) => chunkId))
			const before = gone
			gone = new Set(hits.filter((id) => !there.has(id)))
			const ranked = fuse(asked, read, embedder).map(
				({ candidate, ...scores }): Ranked => ({ ...candidate.chunk, counts: candidate.terms.counts, ...scores, rerankScore: null }),
			)
			const ordered = await reordering.apply(ranked)
			const { groups, hasChanged } = await readGroups(workspaceIds, ordered, limit, arrange, begin)
			// what is gone since may have been replaced by what this search did not see
			const isWhole = !hasChanged && [...gone].every((id) => before.has(id))
			if (!isWhole && attempt < MAX_ATTEMPTS) continue
			const counted = read.map(({ terms }) => terms)
			return { groups, information: informationOf(asked, counted), reranking: reordering.status() }
		}
	}

	return {
		/** The best chunks, the best first. */
		async search(search: Search): Promise<Found[]> {
			return (await find(search, eachAlone)).groups.map(({ lead }) => lead)
		},
		/** What `arrange` makes of the chunks that were found. */
		find,
	}
}

/** Texts of documents, for the passages of one search. */
interface WholeTexts {
	/** Null for those that are gone, and for one too many. */
	of(documentId: number): Promise<string | null>
}

/** Read whole for one search, at most: where PostgreSQL counts otherwise than we do. */
const MAX_WHOLE_TEXTS = 3

/** A part of a long text that does not keep the rest in memory. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

const eachAlone: Arrange = (ranked, limit) => ranked.slice(0, limit).map((lead) => ({ lead, joined: [], duplicates: [] }))

interface ShownChunk extends ReadChunk {
	document: string
}

const isShown = (chunk: ReadChunk): chunk is ShownChunk => chunk.document !== null

/** Of those that are not in their chunks: something stands between two of them. */
const spansOf = (groups: readonly Group<Ranked>[]): Span[] =>
	groups.filter(({ lead, joined }) => joined.length > 0 && stitch([lead, ...joined]) === null).map(spanOf)

/** The text from the first to the last of some chunks of a document; null where something stands between two of them. */
function stitch(chunks: readonly Pick<Ranked, 'start' | 'end' | 'text'>[]): string | null {
	let text = ''
	let reached: number | undefined
	for (const chunk of chunks.toSorted((a, b) => a.start - b.start)) {
		reached ??= chunk.start
		if (chunk.start > reached) return null
		text += chunk.text.slice(reached - chunk.start)
		reached = Math.max(reached, chunk.end)
	}
	return text
}

function spanOf({ lead, joined }: Pick<Group<Ranked>, 'lead' | 'joined'>): Span {
	const chunks = [lead, ...joined]
	return { chunkId: lead.chunkId, start: Math.min(...chunks.map(({ start }) => start)), end: Math.max(...chunks.map(({ end }) => end)) }
}

/** The chunks of both lists, the best of each first. */
function interleaved(lexical: readonly Hit[], dense: readonly Hit[], length: number): number[] {
	const ids = new Set<number>()
	for (let rank = 0; rank < length; rank++) for (const hit of [lexical[rank], dense[rank]]) if (hit) ids.add(hit.chunkId)
	return [...ids]
}
