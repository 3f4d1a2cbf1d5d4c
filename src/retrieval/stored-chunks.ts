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

const SQL = `
	SELECT chunk.id AS "chunkId", chunk."documentId", document.filename AS document, chunk.text, chunk.start, chunk."end", chunk.page, chunk.heading
	FROM "Chunk" AS chunk JOIN "Document" AS document ON document.id = chunk."documentId"
	WHERE chunk.id = ANY ($2::int[]) AND document."workspaceId" = $1 AND document.status = 'processed'`

/** Reads chunks back under the caller's workspace: what the index still holds of a deleted document, or of one in the making, does not show. */
export async function readChunks(pool: pg.Pool, workspaceId: number, chunkIds: number[]): Promise<StoredChunk[]> {
	return (await pool.query<StoredChunk>(SQL, [workspaceId, chunkIds])).rows
}
