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

/** From the chunks to their documents, one by one: the planner, which knows nothing of new tables, would rather go through all documents. */
const SQL = `
	WITH chunk AS MATERIALIZED (SELECT * FROM "Chunk" WHERE id = ANY ($2::int[]) AND "workspaceId" = $1)
	SELECT chunk.id AS "chunkId", chunk."documentId", document.filename AS document, chunk.text, chunk.start, chunk."end", chunk.page, chunk.heading
	FROM chunk CROSS JOIN LATERAL (
		SELECT filename FROM "Document" WHERE id = chunk."documentId" AND status = 'processed' LIMIT 1
	) AS document`

/** Reads chunks back under the caller's workspace: what the index still holds of a deleted document, or of one in the making, does not show. */
export async function readChunks(pool: pg.Pool, workspaceId: number, chunkIds: number[]): Promise<StoredChunk[]> {
	return (await pool.query<StoredChunk>({ name: 'read-chunks', text: SQL, values: [workspaceId, chunkIds] })).rows
}
