import type pg from 'pg'
import type { Prisma, PrismaClient } from '../../database/database.ts'
import type { Embedder } from '../../embedding/embedder.ts'
import { AppError, Unavailable } from '../../errors.ts'
import type { ReindexingModel } from '../../generated/prisma/models.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { Logger } from '../../log.ts'
import type { ChunkIndex, Generation } from '../../retrieval/chunk-index.ts'
import type { Generations } from '../../retrieval/generations.ts'
import { type ProcessedChunk, putChunks } from '../reconciling/putting.ts'
import { countChunks, estimate } from './estimate.ts'
import { DROP_AFTER_SECONDS, DROP_GENERATION, REINDEXING } from './reindexing.ts'

interface Dependencies {
	prisma: PrismaClient
	pool: pg.Pool
	jobs: Pick<Jobs, 'enqueueLater' | 'retryNow'>
	index: ChunkIndex
	generations: Pick<Generations, 'prepare' | 'close' | 'replace' | 'drop'>
	settings: {
		/** Makes the embedder that is to serve. */
		nextEmbedder(): Promise<Embedder>
		/** It serves from now on. */
		takeOver(tx: Prisma.TransactionClient, embedding: ReindexingModel['embedding']): Promise<void>
		/** All processes hear of that. */
		announce(): Promise<void>
	}
	log: Logger
}

/** Chunks of a page of the walk, and of those, chunks embedded and put at a time. */
const PAGE = 500
const BATCH = 32
/** Walks before documents have to wait for the last one: each finds what was processed during the one before. */
const MAX_WALKS = 5
/** What a walk found so little of may as well be waited for. */
const FEW = 64

const CHUNKS_SQL = `
	SELECT chunk.id, "documentId", chunk."workspaceId", text
	FROM "Chunk" AS chunk JOIN "Document" AS document ON document.id = "documentId"
	WHERE chunk.id >= $1 AND status = 'processed' ORDER BY chunk.id LIMIT ${PAGE}`

/** It was paused or cancelled, or begun anew. */
class Left extends Error {}

/**
 * Fills the next generation with the chunks of all processed documents, then lets it serve. What is in it already is not embedded again, so
 * it goes on after a crash where it was. New documents go to the one that serves, and are found by the next walk; in the last one, a short one, they wait.
 */
export function createBuilding({ prisma, pool, jobs, index, generations, settings, log }: Dependencies) {
	async function run(begun: ReindexingModel, signal: AbortSignal): Promise<void> {
		const { startedAt } = begun
		const mine = { id: REINDEXING, startedAt, status: 'running' }
		/** @throws Left */
		async function keep(data: Prisma.ReindexingUpdateManyMutationInput, db: Prisma.TransactionClient = prisma): Promise<void> {
			signal.throwIfAborted()
			if ((await db.reindexing.updateMany({ where: mine, data })).count === 0) throw new Left()
		}

		/** One text is embedded where only an answer tells how long the vectors are. */
		async function prepared(embedder: Embedder): Promise<Generation> {
			const dimensions = embedder.dimensions ?? (await embedder.embed(['a'], 'passage', signal))[0]?.length
			if (!dimensions) throw new AppError('embedderBroke', { provider: embedder.id })
			const generation = await generations.prepare(embedder.id, dimensions)
			await keep({ generationId: generation.id })
			return generation
		}

		async function missing(generation: Generation, page: readonly ProcessedChunk[]): Promise<ProcessedChunk[]> {
			const last = page.at(-1)
			if (!last) return []
			const held = await index.list(generation.id, page[0]?.id ?? 0, last.id + 1)
			const there = new Set(held.map(({ chunkId }) => chunkId))
			return page.filter(({ id }) => !there.has(id))
		}

		/** @returns how many chunks it had to put. */
		async function walk(embedder: Embedder, generation: Generation): Promise<number> {
			async function ofLength(dimensions = generation.dimensions): Promise<Generation> {
				if (dimensions === generation.dimensions) return generation
				throw new AppError('otherDimensions', { provider: embedder.id, expected: generation.dimensions ?? 0, got: dimensions ?? 0 })
			}
			const into = { embedder, generation: ofLength }
			const begin = performance.now()
			const total = await countChunks(prisma)
			let done = 0
			let put = 0
			for (let from = 0; ; ) {
				const { rows: page } = await pool.query<ProcessedChunk>(CHUNKS_SQL, [from])
				const lacking = await missing(generation, page)
				done += page.length - lacking.length
				await keep({ done, total: Math.max(total, done) })
				for (let at = 0; at < lacking.length; at += BATCH) {
					const batch = lacking.slice(at, at + BATCH)
					await putChunks({ pool, index }, batch, into, signal)
					put += batch.length
					done += batch.length
					await keep({ done, total: Math.max(total, done), rate: put / ((performance.now() - begin) / 1_000) })
				}
				const last = page.at(-1)
				if (page.length < PAGE || !last) return put
				from = last.id + 1
			}
		}

		async function takeOver(generation: Generation): Promise<void> {
			await prisma.$transaction(async (tx) => {
				if ((await tx.reindexing.deleteMany({ where: mine })).count === 0) throw new Left()
				for (const generationId of await generations.replace(tx, generation.id))
					await jobs.enqueueLater(tx, DROP_GENERATION, { generationId }, DROP_AFTER_SECONDS)
				await settings.takeOver(tx, begun.embedding)
			})
			await settings.announce()
			await jobs.retryNow() // documents that waited
		}

		const embedder = await settings.nextEmbedder()
		try {
			if (embedder.id !== begun.embedder) await keep({ embedder: embedder.id }) // the environment's, which has changed
			await generations.close(prisma, false) // by a try before this one
			if (begun.tokens === null) await keep({ tokens: (await estimate(prisma)).tokens })
			const generation = await prepared(embedder)
			for (let walks = 1; walks < MAX_WALKS && (await walk(embedder, generation)) > FEW; walks++);
			await prisma.$transaction(async (tx) => {
				await keep({}, tx)
				await generations.close(tx, true)
			})
			await walk(embedder, generation)
			await takeOver(generation)
		} finally {
			await embedder.stop()
		}
	}

	async function fail({ startedAt }: ReindexingModel, error: AppError): Promise<void> {
		const errorProblem = { problem: error.problem, params: error.params as object[] }
		await prisma.reindexing.updateMany({
			where: { id: REINDEXING, startedAt, status: 'running' },
			data: { status: 'failed', rate: null, errorProblem },
		})
	}

	return {
		/** Work of the queue `reindex`. An error hands the job back for later. */
		async build(_data: object, signal: AbortSignal): Promise<void> {
			const begun = await prisma.reindexing.findUnique({ where: { id: REINDEXING } })
			if (!begun) return void (await settings.announce()) // perhaps what a killed process could not any more
			if (begun.status !== 'running') return
			try {
				await run(begun, signal)
			} catch (error) {
				if (error instanceof Left) return
				await generations.close(prisma, false)
				if (signal.aborted || error instanceof Unavailable) throw error
				const known = error instanceof AppError ? error : new AppError('internal')
				if (known.code === 'UNAVAILABLE') throw error
				log.warn({ err: error }, 'the index is not made anew')
				await fail(begun, known)
			}
		},

		/** Work of the queue `drop-generation`. */
		drop: ({ generationId }: { generationId: number }): Promise<void> => generations.drop(generationId, DROP_AFTER_SECONDS - 1),
	}
}
