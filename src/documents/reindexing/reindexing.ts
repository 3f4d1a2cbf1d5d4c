import { Prisma, type PrismaClient } from '../../database/database.ts'
import { AppError } from '../../errors.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { Generations } from '../../retrieval/generations.ts'
import { type Estimate, estimate } from './estimate.ts'

/** The queue of the one that builds: no data. */
export const REINDEX = 'reindex'

/** The queue that removes generations which served, or were abandoned: `{ generationId }`. */
export const DROP_GENERATION = 'drop-generation'

/** Others may still search what served, or hear of the new one late; what was abandoned may be wanted again. */
export const DROP_AFTER_SECONDS = 300

/** The only row. */
export const REINDEXING = 1

type Tx = Prisma.TransactionClient

const RUNNING = { status: 'running', errorProblem: Prisma.DbNull }

interface Dependencies {
	prisma: PrismaClient
	jobs: Pick<Jobs, 'enqueue' | 'enqueueLater'>
	generations: Pick<Generations, 'close' | 'abandon' | 'retired'>
	/** Other processes are to read the settings again. */
	announce(): Promise<void>
}

/** An index in the making, as admins see it. */
export interface Reindexing {
	/** Of the embedder: provider/model. */
	embedder: string
	status: 'running' | 'paused' | 'failed'
	/** Chunks that are in it, and how many there are. */
	done: number
	total: number
	/** Null while that is not known. */
	secondsLeft: number | null
	/** Of all texts, estimated; null until they are counted. */
	tokens: number | null
	error: AppError | null
	startedAt: Date
}

interface StoredProblem {
	problem: AppError['problem']
	params: object[]
}

/** How the index is made anew for another embedder while the old one serves. Building itself is a job, see `building.ts`. */
export function createReindexing({ prisma, jobs, generations, announce }: Dependencies) {
	async function end(tx: Tx): Promise<string | null> {
		const [gone] = await tx.$queryRaw<{ embedder: string; generationId: number | null }[]>`
			DELETE FROM "Reindexing" RETURNING embedder, "generationId"`
		if (!gone) return null
		if (gone.generationId !== null) {
			await generations.abandon(tx, gone.generationId)
			await jobs.enqueueLater(tx, DROP_GENERATION, { generationId: gone.generationId }, DROP_AFTER_SECONDS)
		}
		await generations.close(tx, false)
		return gone.embedder
	}

	async function shown(): Promise<Reindexing | null> {
		const row = await prisma.reindexing.findUnique({ where: { id: REINDEXING } })
		if (!row) return null
		const { embedder, done, total, rate, tokens, startedAt } = row
		const stored = row.errorProblem as unknown as StoredProblem | null
		return {
			...{ embedder, done, total, startedAt },
			status: row.status as Reindexing['status'],
			secondsLeft: rate && row.status === 'running' ? Math.ceil(Math.max(0, total - done) / rate) : null,
			tokens: tokens === null ? null : Number(tokens),
			error: stored && new AppError(stored.problem, ...(stored.params as [])),
		}
	}

	return {
		/** Locks what decides who serves: it comes before any lock of documents. */
		async lock(tx: Tx): Promise<void> {
			await tx.$queryRaw`SELECT FROM "Reindexing" FOR UPDATE`
			await tx.$queryRaw`SELECT FROM "Generation" WHERE status IN ('active', 'closing') FOR UPDATE`
		},

		/** Makes the index anew, instead of for whomever that goes on. `embedding`: how the embedder is stored when it serves; null: as it is. */
		async begin(tx: Tx, embedder: string, embedding: object | null): Promise<void> {
			await end(tx)
			await tx.reindexing.create({ data: { id: REINDEXING, embedder, embedding: embedding ?? Prisma.DbNull } })
			await jobs.enqueue(tx, REINDEX, {})
		},

		end,

		/** Sees that what nobody asks for goes. */
		async dropRetired(): Promise<void> {
			for (const generationId of await generations.retired())
				await prisma.$transaction((tx) => jobs.enqueueLater(tx, DROP_GENERATION, { generationId }, DROP_AFTER_SECONDS))
		},

		/** For the embedder that serves, where the index was made by an earlier version of this product; once more where that failed, unless it is being made anyway. */
		async beginAnew(embedder: string): Promise<void> {
			await prisma.$transaction(async (tx) => {
				const begun = await tx.reindexing.createMany({ data: { id: REINDEXING, embedder }, skipDuplicates: true })
				const again = await tx.reindexing.updateMany({ where: { status: 'failed', embedding: { equals: Prisma.DbNull } }, data: RUNNING })
				if (begun.count + again.count > 0) await jobs.enqueue(tx, REINDEX, {})
			})
		},

		shown,

		/** What it would be to embed all that is here. */
		estimate: (): Promise<Estimate> => estimate(prisma),

		/** @returns null where there was nothing to pause. */
		async pause(): Promise<Reindexing | null> {
			await prisma.$transaction(async (tx) => {
				const paused = await tx.reindexing.updateMany({ where: { status: 'running' }, data: { status: 'paused', rate: null } })
				if (paused.count > 0) await generations.close(tx, false)
			})
			return shown()
		},

		/** Goes on where it was left. @returns null where there was nothing to resume. */
		async resume(): Promise<Reindexing | null> {
			await prisma.$transaction(async (tx) => {
				const resumed = await tx.reindexing.updateMany({ where: { status: { not: 'running' } }, data: RUNNING })
				if (resumed.count > 0) await jobs.enqueue(tx, REINDEX, {})
			})
			return shown()
		},

		/** The settings are those of before. @returns the embedder that it was for; null where there was nothing to cancel. */
		async cancel(): Promise<string | null> {
			const embedder = await prisma.$transaction(async (tx) => {
				const ended = await end(tx)
				if (ended !== null) await tx.settings.updateMany({ data: { version: { increment: 1 } } })
				return ended
			})
			await announce()
			return embedder
		},
	}
}
