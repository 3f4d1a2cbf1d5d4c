import type pg from 'pg'

/** A chunk as it is stored, with its document's file name. */
export interface StoredChunk {
	chunkId: number
	documentId: number
	/** File name. */
	document: string
	text: string
	/** Offsets into the document's text. */
	start: number
	end: number
	page: number | null
	heading: string | null
}

const TEXTS_SQL = 'SELECT id AS "chunkId", text FROM "Chunk" WHERE id = ANY ($2::int[]) AND "workspaceId" = $1'

/** Of this workspace. Whether their documents may be searched is not asked here: that takes three times as long. */
export async function readTexts(pool: pg.Pool, workspaceId: number, chunkIds: number[]): Promise<{ chunkId: number; text: string }[]> {
	if (chunkIds.length === 0) return []
	return (await pool.query<{ chunkId: number; text: string }>(TEXTS_SQL, [workspaceId, chunkIds])).rows
}

/** A chunk of a document, null while it may not be shown, and whether a new version of the document has come. */
interface ReadChunk extends Omit<StoredChunk, 'document'> {
	document: string | null
	isNew: boolean
}

/** From the chunks to their documents, one by one: the planner, which knows nothing of new tables, would rather go through all documents. */
const CHUNKS_SQL = `
	WITH chunk AS MATERIALIZED (SELECT * FROM "Chunk" WHERE id = ANY ($2::int[]) AND "workspaceId" = $1)
	SELECT chunk.id AS "chunkId", chunk."documentId", document.filename AS document, chunk.text, chunk.start, chunk."end", chunk.page, chunk.heading,
		coalesce(version > 1 AND "processedAt" > clock_timestamp() - $3 * interval '1 ms', false) AS "isNew"
	FROM chunk LEFT JOIN LATERAL (
		SELECT filename, version, "processedAt" FROM "Document" WHERE id = chunk."documentId" AND status = 'processed' LIMIT 1
	) AS document ON true`

/**
 * Of this workspace, in one state of the database: those that are there, with null for a document that is in the making. `isNew`: its version came within the last `sinceMs`.
 */
export async function readChunks(pool: pg.Pool, workspaceId: number, chunkIds: number[], sinceMs: number): Promise<ReadChunk[]> {
	return (await pool.query<ReadChunk>(CHUNKS_SQL, [workspaceId, chunkIds, sinceMs])).rows
}
