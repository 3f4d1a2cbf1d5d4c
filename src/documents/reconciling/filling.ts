import type pg from 'pg'
import type { PrismaClient } from '../../database/database.ts'
import type { Embedders } from '../../embedding/embedders.ts'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { ChunkIndex } from '../../retrieval/chunk-index.ts'
import type { Generations } from '../../retrieval/generations.ts'
import { type ChunkRow, createChunkRows } from '../chunk-rows.ts'
import { putChunks } from './putting.ts'

interface Dependencies {
	prisma: PrismaClient
	pool: pg.Pool
	embedders: Pick<Embedders, 'current'>
	index: ChunkIndex
	generations: Pick<Generations, 'ensure' | 'find'>
	log: Logger
}

/** Chunks embedded and indexed at a time. */
const BATCH = 32

/** Puts what the index lacks of a processed document into it again. The document stays as it is, and is found by what is there. */
export function createFilling({ prisma, pool, embedders, index, generations, log }: Dependencies) {
	const rows = createChunkRows(pool)

	async function lacking(batch: readonly ChunkRow[]): Promise<ChunkRow[]> {
		const generation = await generations.find(await embedders.current(true))
		if (!generation) return [...batch]
		const ids = batch.map(({ id }) => id)
		const held = await index.list(generation.id, Math.min(...ids), Math.max(...ids) + 1)
		const there = new Set(held.map(({ chunkId }) => chunkId))
		return batch.filter(({ id }) => !there.has(id))
	}

	/** With the embedder that serves; another one's index is filled by whoever builds it. */
	async function put(documentId: number, workspaceId: number, chunks: readonly ChunkRow[], signal: AbortSignal): Promise<void> {
		const embedder = await embedders.current(true)
		const missing = chunks.map(({ id, text }) => ({ id, text, documentId, workspaceId }))
		const generation = (dimensions: number | undefined) =>
			dimensions === undefined ? generations.find(embedder) : generations.ensure(embedder, dimensions)
		await putChunks({ pool, index }, missing, { embedder, generation }, signal)
	}

	async function fillAll(documentId: number, signal: AbortSignal): Promise<void> {
		const document = await prisma.document.findUnique({ where: { id: documentId }, select: { status: true, workspaceId: true } })
		if (!document) return index.removeDocument(documentId) // what a killed process put there after the deletion
		if (document.status !== 'processed') return
		for (let ordinal = 0; ; ordinal += BATCH) {
			signal.throwIfAborted()
			const batch = await rows.read(documentId, ordinal, BATCH)
			if (batch.length === 0) return
			const missing = await lacking(batch)
			if (missing.length > 0) await put(documentId, document.workspaceId, missing, signal)
		}
	}

	return {
		/** Work of the queue `fill-index`. An error hands the job back for later; what another try would not change is left to the next run of the reconciler. */
		async fill({ documentId }: { documentId: number }, signal: AbortSignal): Promise<void> {
			try {
				await fillAll(documentId, signal)
			} catch (error) {
				if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error
				log.warn({ err: error, documentId }, 'the index cannot be filled')
			}
		},
	}
}
