export type GenerationId = number

/** One state of the index: the vectors of one embedder. A new embedder gets a new generation. */
export interface Generation {
	id: GenerationId
	/** The embedder's id. */
	embedder: string
	/** Of its vectors; null where there is no embedder and the search is lexical only. */
	dimensions: number | null
}

export interface IndexedChunk {
	chunkId: number
	documentId: number
	workspaceId: number
	text: string
	/** Of length 1 (an Int8Array: up to its scale); null where the embedder cannot read the text. */
	vector: Float32Array | Int8Array | null
}

/** What an index says that it holds. */
export type HeldChunk = Pick<IndexedChunk, 'chunkId' | 'documentId'>

/** Milvus answers no more than 16,384 rows to a query. */
export const LISTED_CHUNKS = 10_000

export interface IndexQuery {
	/** Different ones. */
	workspaceIds: readonly number[]
	/** Only chunks of these documents; of all where null. */
	documentIds: readonly number[] | null
	text: string
	/** Of length 1; null where the embedder cannot read the query. While it is being made, the words are searched. */
	vector: Float32Array | null | Promise<Float32Array | null>
	/** Of each list. */
	limit: number
}

export interface Hit {
	chunkId: number
	documentId: number
	/** More is better. Lexical: BM25 as the body computes it, good for this list's order only. Dense: the cosine. */
	score: number
}

/** The best first. */
export interface Candidates {
	lexical: Hit[]
	dense: Hit[]
}

/**
 * Finds chunks by words and by vectors, inside the workspaces that are named. Derived data: it can be built again from the chunks, and it answers ids only.
 * Every method may be repeated with the same effect.
 */
export interface ChunkIndex {
	/** Makes what the generation needs, where it is not there yet. */
	create(generation: Generation): Promise<void>
	drop(generation: GenerationId): Promise<void>
	/** Writes chunks, or replaces those of the same id; found by any search that starts afterwards. */
	upsert(generation: GenerationId, chunks: readonly IndexedChunk[]): Promise<void>
	/** What a generation holds among the chunks with these ids, `to` not included: in no order, and no more than {@link LISTED_CHUNKS} of them. */
	list(generation: GenerationId, from: number, to: number): Promise<HeldChunk[]>
	/** From every generation. */
	removeChunks(chunkIds: readonly number[]): Promise<void>
	/** From every generation. */
	removeDocument(documentId: number): Promise<void>
	/** From every generation. */
	removeWorkspace(workspaceId: number): Promise<void>
	/** Any text is a query; one without letters or digits finds nothing by words. */
	search(generation: GenerationId, query: IndexQuery): Promise<Candidates>
	/** Lets go of memory and threads; the database stays open. */
	close(): Promise<void>
}
