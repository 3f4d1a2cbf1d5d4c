import type pg from 'pg'
import { prepared } from '../database/prepared.ts'
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
	createPartSql,
	createSql,
	dropSql,
	FORGET_STATE_SQL,
	IS_MADE_SQL,
	IS_WHOLE_SQL,
	lastOfPart,
	listSql,
	partOf,
	removeChunksSql,
	removeDocumentSql,
	removeWorkspaceSql,
	searchSql,
	upsertSql,
	WHOLE,
	type WorkspaceState,
	wholeIndexOf,
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
	const isWhole = new Map<GenerationId, boolean>()
	const made = new Set<string>()

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
		const all = [...Map.groupBy(workspaceIds, await partsOf(generation))].sort(([a], [b]) => a - b)
		const areMade = await Promise.all(all.map(([part]) => isMade(generation, part)))
		const byPart = all.filter((_, at) => areMade[at])
		if (byPart.length === 0) {
			await dimensions(generation)
			return { hits: [], states: [] } // nothing was ever written there
		}
		const lexemes = byPart.map(([, some]) => queryLexemes(some, text, workspaceIds.length))
		const sql = searchSql(
			generation,
			byPart.map(([part]) => part),
			documentIds !== null,
		)
		const values = [generation, workspaceIds, limit, ...lexemes, ...(documentIds ? [documentIds] : [])]
		// those of one workspace come again and again
		const { rows } = await pool.query<SearchRow>(byPart.length === 1 ? prepared(sql, values) : { text: sql, values })
		const hits = new Map<number, Hit[]>()
		const states: (WorkspaceState & { workspaceId: number })[] = []
		for (const row of rows) {
			if (row.workspace_id !== null) states.push({ workspaceId: row.workspace_id, revision: row.revision, removals: row.removals })
			else {
				const ofPart = hits.get(row.revision) ?? []
				hits.set(row.revision, ofPart)
				ofPart.push({ chunkId: row.chunk_id, documentId: row.document_id, score: row.score })
			}
		}
		return { hits: inTurns([...hits.values()].map((some) => some.sort(byScore))).slice(0, limit), states }
	}

	/** Whether there is an index for the words of a part. It is made with its first chunks, as that takes some time, and most installations have few workspaces. */
	async function isMade(generation: GenerationId, part: number): Promise<boolean> {
		const name = `${generation}:${part}`
		if (part === WHOLE || made.has(name)) return true
		const { rows } = await pool.query<{ isMade: boolean }>(IS_MADE_SQL, [lastOfPart(generation, part)])
		if (!rows[0]?.isMade) return false
		made.add(name)
		return true
	}

	async function makeParts(generation: GenerationId, workspaceIds: ReadonlySet<number>): Promise<void> {
		const part = await partsOf(generation)
		for (const each of new Set([...workspaceIds].map(part))) {
			if (!(await isMade(generation, each))) await pool.query(createPartSql(generation, each))
		}
	}

	async function partsOf(generation: GenerationId): Promise<(workspaceId: number) => number> {
		const known = isWhole.get(generation)
		if (known === undefined) {
			const { rows } = await pool.query<{ isWhole: boolean }>(IS_WHOLE_SQL, [wholeIndexOf(generation)])
			isWhole.set(generation, rows[0]?.isWhole ?? false)
		}
		return isWhole.get(generation) ? () => WHOLE : partOf
	}

	/** What was known of it; another process may have dropped it. */
	function forget(generation: GenerationId): void {
		dimensionsOf.delete(generation)
		isWhole.delete(generation)
		for (const name of made) if (name.startsWith(`${generation}:`)) made.delete(name)
	}

	async function generations(): Promise<GenerationId[]> {
		const { rows } = await pool.query<{ id: number }>('SELECT id FROM chunk_index.generations')
		return rows.map(({ id }) => id)
	}

	/** One that is dropped meanwhile is passed over. */
	async function inEach(work: (generation: GenerationId) => Promise<unknown>): Promise<void> {
		for (const generation of await generations()) {
			try {
				await work(generation)
			} catch (error) {
				if (!(error instanceof Error && 'code' in error && error.code === NO_SUCH_TABLE)) throw error
				if ((await generations()).includes(generation)) throw error
			}
		}
	}

	return {
		async create({ id, dimensions }: Generation) {
			forget(id)
			await pool.query(createSql(id, dimensions))
			dimensionsOf.set(id, dimensions)
		},

		async drop(generation) {
			await pool.query(dropSql(generation))
			forget(generation)
		},

		async upsert(generation, chunks) {
			const length = await dimensions(generation)
			const distinct = [...new Map(chunks.map((chunk) => [chunk.chunkId, chunk])).values()]
			await makeParts(generation, new Set(distinct.map(({ workspaceId }) => workspaceId)))
			for (let from = 0; from < distinct.length; from += UPSERT_ROWS) {
				await pool.query(upsertSql(generation), [generation, ...columnsOf(distinct.slice(from, from + UPSERT_ROWS), length)])
			}
		},

		async list(generation, from, to) {
			const { rows } = await pool.query<HeldChunk>(listSql(generation), [from, to, LISTED_CHUNKS])
			return rows
		},

		async removeChunks(chunkIds) {
			await inEach((generation) => pool.query(removeChunksSql(generation), [generation, chunkIds]))
		},

		async removeDocument(documentId) {
			await inEach((generation) => pool.query(removeDocumentSql(generation), [generation, documentId]))
		},

		async removeWorkspace(workspaceId) {
			await inEach(async (generation) => {
				let removed = REMOVE_ROWS
				while (removed === REMOVE_ROWS) {
					const { rows } = await pool.query<{ removed: number }>(removeWorkspaceSql(generation), [generation, workspaceId, REMOVE_ROWS])
					removed = rows[0]?.removed ?? 0
				}
				await pool.query(FORGET_STATE_SQL, [generation, workspaceId])
			})
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

/** The first of each list, then the second of each: scores of different parts, each with document frequencies of its own, say nothing beside one another. */
function inTurns(lists: Hit[][]): Hit[] {
	const [only = []] = lists
	if (lists.length < 2) return only
	const merged: Hit[] = []
	for (let rank = 0; merged.length < lists.reduce((sum, { length }) => sum + length, 0); rank++)
		merged.push(...lists.flatMap((list) => list[rank] ?? []).sort(byScore))
	return merged
}

/** SQLSTATE undefined_table. */
const NO_SUCH_TABLE = '42P01'

const byScore = (a: Hit, b: Hit): number => b.score - a.score || a.chunkId - b.chunkId

type SearchRow =
	| { workspace_id: number; revision: number; removals: number }
	| { workspace_id: null; revision: number; chunk_id: number; document_id: number; score: number }

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
