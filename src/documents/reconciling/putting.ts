import type pg from 'pg'
import type { Embedder } from '../../embedding/embedder.ts'
import type { ChunkIndex, Generation } from '../../retrieval/chunk-index.ts'

/** A chunk of a processed document. */
export interface ProcessedChunk {
	id: number
	documentId: number
	workspaceId: number
	text: string
}

export interface Into {
	embedder: Embedder
	/** The generation, once the length of the vectors is known; undefined where the embedder reads none of the chunks and does not tell it. */
	generation(dimensions: number | undefined): Promise<Generation | null>
}

const KEPT_SQL = `
	SELECT chunk.id FROM "Chunk" AS chunk JOIN "Document" AS document ON document.id = "documentId"
	WHERE chunk.id = ANY ($1::int[]) AND status = 'processed'`

/** Embeds chunks and puts them into a generation of the index; those that were deleted, or are made anew, meanwhile are taken out again. */
export async function putChunks(
	{ pool, index }: { pool: pg.Pool; index: ChunkIndex },
	chunks: readonly ProcessedChunk[],
	{ embedder, generation: generationOf }: Into,
	signal: AbortSignal,
): Promise<void> {
	const readable = chunks.filter(({ text }) => embedder.reads(text))
	const texts = readable.map(({ text }) => text)
	const made = texts.length > 0 ? await embedder.embed(texts, 'passage', signal) : []
	const vectors = new Map(readable.map(({ id }, at) => [id, made[at] ?? null]))
	const generation = await generationOf(embedder.dimensions ?? made[0]?.length)
	if (!generation) throw new Error('no chunk has a vector')
	await index.upsert(
		generation.id,
		chunks.map(({ id, text, documentId, workspaceId }) => ({
			chunkId: id,
			documentId,
			workspaceId,
			text,
			vector: vectors.get(id) ?? null,
		})),
	)
	const ids = chunks.map(({ id }) => id)
	const { rows } = await pool.query<{ id: number }>(KEPT_SQL, [ids])
	const kept = new Set(rows.map(({ id }) => id))
	const gone = ids.filter((id) => !kept.has(id))
	if (gone.length > 0) await index.removeChunks(gone)
}
