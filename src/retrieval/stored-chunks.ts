import type pg from 'pg'
import { prepared } from '../database/prepared.ts'

/** A chunk as it is stored, with its document's file name. */
export interface StoredChunk {
	chunkId: number
	documentId: number
	workspaceId: number
	/** File name. */
	document: string
	text: string
	/** Offsets into the document's text. */
	start: number
	end: number
	page: number | null
	heading: string | null
}

/** What is read of a chunk that may be an answer. */
export interface ChunkText extends Pick<StoredChunk, 'chunkId' | 'documentId' | 'workspaceId' | 'text' | 'start' | 'end'> {
	/** Its place among the chunks of its document. */
	ordinal: number
}

const TEXTS_SQL = `
	SELECT id AS "chunkId", "documentId", "workspaceId", ordinal, start, "end", text FROM "Chunk"
	WHERE id = ANY ($2::int[]) AND "workspaceId" = ANY ($1::int[])`

/** Of these workspaces. Whether their documents may be searched is not asked here: that takes three times as long. */
export async function readTexts(pool: pg.Pool, workspaceIds: readonly number[], chunkIds: readonly number[]): Promise<ChunkText[]> {
	if (chunkIds.length === 0) return []
	return (await pool.query<ChunkText>(prepared(TEXTS_SQL, [workspaceIds, chunkIds]))).rows
}

/** A chunk of a document, null while it may not be shown, and whether a new version of the document has come. Its text never changes: {@link readTexts}. */
export interface ReadChunk extends Pick<StoredChunk, 'chunkId' | 'documentId' | 'workspaceId' | 'page' | 'heading'> {
	document: string | null
	isNew: boolean
	/** What was asked for with {@link Span}. */
	passage: string | null
}

/** A stretch of the text of a chunk's document. */
export interface Span {
	chunkId: number
	start: number
	end: number
}

/** From the chunks to their documents, one by one: the planner, which knows nothing of new tables, would rather go through all documents. */
const chunksSql = (passage: string): string => `
	SELECT chunk.id AS "chunkId", chunk."documentId", chunk."workspaceId", document.filename AS document, chunk.page, chunk.heading,
		coalesce(version > 1 AND "processedAt" > clock_timestamp() - $3 * interval '1 ms', false) AS "isNew", ${passage} AS passage
	FROM "Chunk" AS chunk LEFT JOIN LATERAL (
		SELECT filename, version, "processedAt" FROM "Document" WHERE id = chunk."documentId" AND status = 'processed' LIMIT 1
	) AS document ON true
	WHERE chunk.id = ANY ($2::int[]) AND chunk."workspaceId" = ANY ($1::int[])`

const CHUNKS_SQL = chunksSql('NULL')
/** PostgreSQL counts characters, offsets UTF-16 units: where there are characters of two units before it, this is another stretch. */
const CHUNKS_WITH_PASSAGES_SQL = chunksSql(`(
	SELECT substr("DocumentText".text, "from" + 1, "to" - "from") FROM unnest($4::int[], $5::int[], $6::int[]) AS span (id, "from", "to")
	JOIN "DocumentText" ON "DocumentText"."documentId" = chunk."documentId" WHERE span.id = chunk.id)`)

/**
 * Of these workspaces, in one state of the database: those that are there, with null for a document that is in the making. `isNew`: its version came
 * within the last `sinceMs`.
 */
export async function readChunks(
	pool: pg.Pool,
	workspaceIds: readonly number[],
	chunkIds: readonly number[],
	sinceMs: number,
	spans: readonly Span[] = [],
): Promise<ReadChunk[]> {
	const values = [workspaceIds, chunkIds, sinceMs]
	if (spans.length === 0) return (await pool.query<ReadChunk>(prepared(CHUNKS_SQL, values))).rows
	const columns = [spans.map(({ chunkId }) => chunkId), spans.map(({ start }) => start), spans.map(({ end }) => end)]
	return (await pool.query<ReadChunk>(prepared(CHUNKS_WITH_PASSAGES_SQL, [...values, ...columns]))).rows
}

/** The whole text of a document; null where it is no longer there. */
export async function readText(pool: pg.Pool, documentId: number): Promise<string | null> {
	const { rows } = await pool.query<{ text: string }>('SELECT text FROM "DocumentText" WHERE "documentId" = $1', [documentId])
	return rows[0]?.text ?? null
}
