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

/** From the chunks to their documents, one by one: the planner, which knows nothing of new tables, would rather go through all documents. */
const CHUNKS_SQL = `
	WITH chunk AS MATERIALIZED (SELECT * FROM "Chunk" WHERE id = ANY ($2::int[]) AND "workspaceId" = $1)
	SELECT chunk.id AS "chunkId", chunk."documentId", document.filename AS document, chunk.text, chunk.start, chunk."end", chunk.page, chunk.heading
	FROM chunk CROSS JOIN LATERAL (
		SELECT filename FROM "Document" WHERE id = chunk."documentId" AND status = 'processed' LIMIT 1
	) AS document`

/** Of this workspace and of processed documents: what the index still holds of a deleted one, or of one in the making, does not show. */
export async function readChunks(pool: pg.Pool, workspaceId: number, chunkIds: number[]): Promise<StoredChunk[]> {
	return (await pool.query<StoredChunk>(CHUNKS_SQL, [workspaceId, chunkIds])).rows
}
