import type pg from 'pg'
import {
	type ChunkIndex,
	type Generation,
	type GenerationId,
	type HeldChunk,
	type Hit,
	type IndexedChunk,
	type IndexQuery,
	LISTED_CHUNKS,
} from './chunk-index.ts'
import {
	createSql,
	dropSql,
	FORGET_STATE_SQL,
	listSql,
	removeChunksSql,
	removeDocumentSql,
	removeWorkspaceSql,
	searchInSql,
	searchSql,
	upsertSql,
	type WorkspaceState,
} from './embedded-sql.ts'
import { queryLexemes, textLexemes } from './lexemes.ts'
import { createVectorSearch } from './vectors/vector-search.ts'
import { quantise } from './vectors/vector-set.ts'

/** A statement holds the embedded database, which has one session: this many chunks take some 50 ms. */
const UPSERT_ROWS = 50
const REMOVE_ROWS = 1_000
const VECTOR_MEMORY_BYTES = 256 * 1024 * 1024

export interface EmbeddedIndexOptions {
	pool: pg.Pool
	/** Of the vectors kept in memory; 256 MiB. */
	vectorMemoryBytes?: number
}

/** Whether this PostgreSQL can hold the index. */
export async function hasTextSearch(pool: pg.Pool): Promise<boolean> {
	const { rowCount } = await pool.query("SELECT FROM pg_available_extensions WHERE name = 'pg_textsearch'")
	return rowCount === 1
}

/**
 * The chunk index in the database that holds the chunks: BM25 by pg_textsearch, and vectors that are scanned exactly in a thread's memory.
 * Everything is in the schema `chunk_index`: one table a generation, and `states`, which says per workspace what was last written and removed.
 */
export function createEmbeddedIndex({ pool, vectorMemoryBytes = VECTOR_MEMORY_BYTES }: EmbeddedIndexOptions): ChunkIndex {
	const vectors = createVectorSearch(pool, vectorMemoryBytes)
	const dimensionsOf = new Map<GenerationId, number | null>()

	async function dimensions(generation: GenerationId): Promise<number | null> {
		const known = dimensionsOf.get(generation)
		if (known !== undefined) return known
		const { rows } = await pool.query<{ dimensions: number | null }>('SELECT dimensions FROM chunk_index.generations WHERE id = $1', [
			generation,
		])
		const [found] = rows
		if (!found) throw new RangeError(`no generation ${generation} in the index`)
		dimensionsOf.set(generation, found.dimensions)
		return found.dimensions
	}

	/** The hits, and the states in which the workspaces' vectors must be for a search that begins now. */
	async function searchWords(generation: GenerationId, { workspaceIds, documentIds, text, limit }: IndexQuery) {
		const values = [queryLexemes(workspaceIds, text), limit, generation, workspaceIds]
		const { rows } = await (documentIds
			? pool.query<SearchRow>(searchInSql(generation), [...values, documentIds])
			: pool.query<SearchRow>(searchSql(generation), values))
		const hits: Hit[] = []
		const states: (WorkspaceState & { workspaceId: number })[] = []
		for (const row of rows) {
			if (row.workspace_id !== null) states.push({ workspaceId: row.workspace_id, revision: row.revision, removals: row.removals })
			else hits.push({ chunkId: row.chunk_id, documentId: row.document_id, score: row.score })
		}
		return { hits: hits.sort(byScore), states }
	}

	async function generations(): Promise<GenerationId[]> {
		const { rows } = await pool.query<{ id: number }>('SELECT id FROM chunk_index.generations')
		return rows.map(({ id }) => id)
	}

	return {
		async create({ id, dimensions }: Generation) {
			await pool.query(createSql(id, dimensions))
			dimensionsOf.set(id, dimensions)
		},

		async drop(generation) {
			await pool.query(dropSql(generation))
			dimensionsOf.delete(generation)
		},

		async upsert(generation, chunks) {
			const length = await dimensions(generation)
			const distinct = [...new Map(chunks.map((chunk) => [chunk.chunkId, chunk])).values()]
			for (let from = 0; from < distinct.length; from += UPSERT_ROWS) {
				await pool.query(upsertSql(generation), [generation, ...columnsOf(distinct.slice(from, from + UPSERT_ROWS), length)])
			}
		},

		async list(generation, from, to) {
			const { rows } = await pool.query<HeldChunk>(listSql(generation), [from, to, LISTED_CHUNKS])
			return rows
		},

		async removeChunks(chunkIds) {
			for (const generation of await generations()) await pool.query(removeChunksSql(generation), [generation, chunkIds])
		},

		async removeDocument(documentId) {
			for (const generation of await generations()) await pool.query(removeDocumentSql(generation), [generation, documentId])
		},

		async removeWorkspace(workspaceId) {
			for (const generation of await generations()) {
				let removed = REMOVE_ROWS
				while (removed === REMOVE_ROWS) {
					const { rows } = await pool.query<{ removed: number }>(removeWorkspaceSql(generation), [generation, workspaceId, REMOVE_ROWS])
					removed = rows[0]?.removed ?? 0
				}
				await pool.query(FORGET_STATE_SQL, [generation, workspaceId])
			}
		},

		async search(generation, query) {
			if (query.workspaceIds.length === 0 || query.documentIds?.length === 0) return { lexical: [], dense: [] }
			const [{ hits, states }, vector] = await Promise.all([searchWords(generation, query), query.vector])
			const dense: Hit[] = []
			for (let from = 0; vector && from < states.length; from += SEARCHED_AT_ONCE) {
				const some = states.slice(from, from + SEARCHED_AT_ONCE)
				dense.push(...(await Promise.all(some.map((state) => vectors.search(generation, state, vector, query)))).flat())
			}
			return { lexical: hits, dense: states.length > 1 ? dense.sort(byScore).slice(0, query.limit) : dense }
		},

		close: () => vectors.close(),
	}
}

/** Workspaces of one search: each may have to be read first, and others want the database too. */
const SEARCHED_AT_ONCE = 2

const byScore = (a: Hit, b: Hit): number => b.score - a.score || a.chunkId - b.chunkId

type SearchRow =
	| { workspace_id: number; revision: number; removals: number }
	| { workspace_id: null; chunk_id: number; document_id: number; score: number }

function columnsOf(chunks: readonly IndexedChunk[], dimensions: number | null): unknown[] {
	return [
		chunks.map(({ chunkId }) => chunkId),
		chunks.map(({ documentId }) => documentId),
		chunks.map(({ workspaceId }) => workspaceId),
		chunks.map(({ workspaceId, text }) => textLexemes(workspaceId, text)),
		chunks.map(({ vector }) => (vector && dimensions ? bytesOf(vector, dimensions) : null)),
	]
}

function bytesOf(vector: Float32Array | Int8Array, dimensions: number): Buffer {
	if (vector.length !== dimensions) throw new RangeError(`a vector of ${vector.length} dimensions in a generation of ${dimensions}`)
	const bytes = vector instanceof Int8Array ? vector : quantise(vector)
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
