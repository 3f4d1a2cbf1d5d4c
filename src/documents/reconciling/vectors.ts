import { pendingJobsSql } from '../../jobs/pending.ts'
import { type HeldChunk, LISTED_CHUNKS } from '../../retrieval/chunk-index.ts'
import type { Dependencies } from './dependencies.ts'
import type { Tell } from './findings.ts'

/** The queue of documents whose chunks the index lacks: `{ documentId }`. */
export const FILL_INDEX = 'fill-index'

/** Chunks of a page: few beside what an index lists, so that a page of it which is cut off holds entries to remove. */
const CHUNKS = 2_000
/** No chunk has such an id. */
const END = 2 ** 31

interface Row extends HeldChunk {
	isProcessed: boolean
}

const CHUNKS_SQL = `
	SELECT chunk.id AS "chunkId", "documentId", status = 'processed' AS "isProcessed"
	FROM "Chunk" AS chunk JOIN "Document" AS document ON document.id = "documentId" WHERE chunk.id >= $1 ORDER BY chunk.id LIMIT ${CHUNKS}`

const UNKNOWN_SQL = 'SELECT id FROM unnest($1::int[]) AS id WHERE NOT EXISTS (SELECT FROM "Chunk" AS chunk WHERE chunk.id = id.id)'

const UNQUEUED_SQL = `
	SELECT document.id, "workspaceId" FROM unnest($2::int[]) AS id JOIN "Document" AS document ON document.id = id.id
	WHERE NOT EXISTS (${pendingJobsSql('$1', "data->>'documentId' = document.id::text")})`

/** Chunks against the entries of the index that serves, page by page of their ids. */
export function createVectorChecks({ prisma, pool, jobs, index, serving }: Omit<Dependencies, 'watcher' | 'log'>) {
	/** Asked again, as chunks may be written and indexed after the page was read. */
	async function removeUnknown(held: readonly HeldChunk[], known: ReadonlySet<number>, tell: Tell): Promise<number> {
		const suspects = held.flatMap(({ chunkId }) => (known.has(chunkId) ? [] : [chunkId]))
		if (suspects.length === 0) return 0
		const { rows } = await pool.query<{ id: number }>(UNKNOWN_SQL, [suspects])
		const ids = rows.map(({ id }) => id)
		if (ids.length > 0) await index.removeChunks(ids)
		tell('vector_without_chunk', ids.length, ids)
		return ids.length
	}

	/** What was processed when its page was read, and was not in the index afterwards. */
	async function fillMissing(page: readonly Row[], held: readonly HeldChunk[], tell: Tell): Promise<void> {
		const there = new Set(held.map(({ chunkId }) => chunkId))
		const missing = page.filter(({ chunkId, isProcessed }) => isProcessed && !there.has(chunkId))
		if (missing.length === 0) return
		const documents = [...new Set(missing.map(({ documentId }) => documentId))]
		const { rows } = await pool.query<{ id: number; workspaceId: number }>(UNQUEUED_SQL, [FILL_INDEX, documents])
		const ids = new Set(rows.map(({ id }) => id))
		tell('chunk_without_vector', missing.filter(({ documentId }) => ids.has(documentId)).length, [...ids])
		await prisma.$transaction(async (tx) => {
			for (const { id, workspaceId } of rows) await jobs.enqueue(tx, FILL_INDEX, { documentId: id }, String(workspaceId))
		})
	}

	return {
		async check(tell: Tell, signal: AbortSignal): Promise<void> {
			const generation = (await serving())?.generation
			for (let from = 0; from < END; ) {
				signal.throwIfAborted()
				const { rows: page } = await pool.query<Row>(CHUNKS_SQL, [from])
				const last = page.length < CHUNKS ? undefined : page.at(-1)
				const to = last ? last.chunkId + 1 : END
				const held = generation ? await index.list(generation.id, from, to) : []
				const removed = await removeUnknown(held, new Set(page.map(({ chunkId }) => chunkId)), tell)
				if (held.length === LISTED_CHUNKS && removed > 0) continue // there may be more
				await fillMissing(page, held, tell)
				from = to
			}
		},
	}
}
