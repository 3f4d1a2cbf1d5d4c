import type pg from 'pg'
import { prepared } from '../database/prepared.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'
import type { ChunkDraft } from './chunking.ts'

/** A stored chunk, with its vector while one waits to be indexed. */
export interface ChunkRow {
	id: number
	text: string
	vector: Float32Array | null
}

/** A document, and the attempt that works on it: once another one has claimed it, this one changes nothing more. */
export type Claimed = Pick<DocumentModel, 'id' | 'claim'>

/** $1 the document: nobody else takes it until the statement has ended. `claim` is the number of that parameter. */
export const isClaimed = (claim: number) =>
	`(SELECT true FROM "Document" WHERE id = $1 AND claim IS NOT DISTINCT FROM $${claim}::uuid FOR SHARE)`

/** The chunks of a document in bulk: what goes through Prisma one by one goes through arrays here. */
export function createChunkRows(pool: pg.Pool) {
	return {
		/** Those that are there already stay as they are: chunking gives the same every time. Nothing, once another attempt has the document. */
		async insert({ id, claim }: Claimed, workspaceId: number, drafts: readonly ChunkDraft[]): Promise<void> {
			await pool.query(
				prepared(
					`INSERT INTO "Chunk" ("documentId", "workspaceId", ordinal, start, "end", text, page, heading)
				SELECT $1, $2, * FROM unnest($3::int[], $4::int[], $5::int[], $6::text[], $7::int[], $8::text[]) WHERE ${isClaimed(9)}
				ON CONFLICT ("documentId", ordinal) DO NOTHING`,
					[
						id,
						workspaceId,
						drafts.map(({ ordinal }) => ordinal),
						drafts.map(({ start }) => start),
						drafts.map(({ end }) => end),
						drafts.map(({ text }) => text),
						drafts.map(({ page }) => page),
						drafts.map(({ headings }) => headings.join(' > ') || null),
						claim,
					],
				),
			)
		},

		/** Nothing, once another attempt has the document. */
		async clear({ id, claim }: Claimed): Promise<void> {
			await pool.query(prepared(`DELETE FROM "Chunk" WHERE "documentId" = $1 AND ${isClaimed(2)}`, [id, claim]))
		},

		/** From an ordinal on, in order. */
		async read(documentId: number, ordinal: number, limit: number): Promise<ChunkRow[]> {
			const { rows } = await pool.query<{ id: number; text: string; vector: Buffer | null }>(
				prepared(
					`SELECT c.id, c.text, v.vector FROM "Chunk" c LEFT JOIN "ChunkVector" v ON v."chunkId" = c.id
				WHERE c."documentId" = $1 AND c.ordinal >= $2 ORDER BY c.ordinal LIMIT $3`,
					[documentId, ordinal, limit],
				),
			)
			return rows.map(({ id, text, vector }) => ({ id, text, vector: vector && floats(vector) }))
		},

		async clearVectors(documentId: number): Promise<void> {
			await pool.query(
				prepared('DELETE FROM "ChunkVector" USING "Chunk" AS c WHERE c.id = "chunkId" AND c."documentId" = $1', [documentId]),
			)
		},

		async keepVectors(chunkIds: readonly number[], vectors: readonly Float32Array[]): Promise<void> {
			await pool.query(
				prepared(
					`INSERT INTO "ChunkVector" ("chunkId", vector) SELECT * FROM unnest($1::int[], $2::bytea[])
				ON CONFLICT ("chunkId") DO UPDATE SET vector = EXCLUDED.vector`,
					[chunkIds, vectors.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))],
				),
			)
		},
	}
}

/** A copy, since a view of floats must be aligned. */
const floats = (bytes: Buffer): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)
