import { AppError } from '../../errors.ts'
import { pendingJobsSql } from '../../jobs/pending.ts'
import { PROCESS_DOCUMENT } from '../queues.ts'
import type { Dependencies } from './dependencies.ts'
import type { Tell } from './findings.ts'

/** Documents of a page. */
const DOCUMENTS = 100
/** Rows removed by one statement. */
const REMOVED = 1_000

/** A processed document, and what there is of it. */
interface Held {
	id: number
	workspaceId: number
	storageKey: string
	chunkCount: number
	chunks: number
	hasText: boolean
}

const HELD_SQL = `
	SELECT id, "workspaceId", "storageKey", "chunkCount",
		(SELECT count(*) FROM "Chunk" WHERE "documentId" = document.id)::int AS chunks,
		EXISTS (SELECT FROM "DocumentText" WHERE "documentId" = document.id) AS "hasText"
	FROM "Document" AS document WHERE status = 'processed' AND id > $1 ORDER BY id LIMIT ${DOCUMENTS}`

const WITHOUT_JOB_SQL = `
	SELECT id, "workspaceId" FROM "Document" AS document
	WHERE status NOT IN ('processed', 'failed') AND NOT EXISTS (${pendingJobsSql('$1', "data->>'documentId' = document.id::text")})
	ORDER BY id LIMIT ${DOCUMENTS}`

const CHUNKS_LEFT_SQL = `
	DELETE FROM "Chunk" WHERE id IN (
		SELECT chunk.id FROM "Document" AS document JOIN "Chunk" AS chunk ON "documentId" = document.id WHERE status = 'failed' LIMIT ${REMOVED}
	) RETURNING id`

const VECTORS_LEFT_SQL = `
	DELETE FROM "ChunkVector" WHERE "chunkId" IN (
		SELECT "chunkId" FROM "ChunkVector" JOIN "Chunk" AS chunk ON chunk.id = "chunkId" JOIN "Document" AS document ON document.id = "documentId"
		WHERE status IN ('processed', 'failed') LIMIT ${REMOVED}
	) RETURNING "chunkId" AS id`

/** Documents against their chunks, texts, files and jobs. A job without its document ends by itself when its turn comes. */
export function createRowChecks({ prisma, pool, storage, jobs }: Omit<Dependencies, 'watcher' | 'log'>) {
	/** The file of a row that is still as it was read. */
	async function hasFile({ id, storageKey }: Held): Promise<boolean> {
		try {
			const firstByte = await storage.open(storageKey, { start: 0, end: 0 })
			firstByte.destroy()
			return true
		} catch (error) {
			if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error
			return (await prisma.document.count({ where: { id, storageKey } })) === 0
		}
	}

	async function checkProcessed(tell: Tell, signal: AbortSignal): Promise<void> {
		for (let last = 0; ; ) {
			signal.throwIfAborted()
			const { rows: page } = await pool.query<Held>(HELD_SQL, [last])
			for (const document of page) {
				signal.throwIfAborted()
				const isWhole = document.chunks === document.chunkCount && document.hasText
				const isStored = await hasFile(document)
				if (!isStored) tell('row_without_file', 1, [document.id])
				if (!isWhole && (await redo(document, isStored))) tell('document_incomplete', 1, [document.id])
			}
			const end = page.at(-1)
			if (!end || page.length < DOCUMENTS) return
			last = end.id
		}
	}

	/** From the first stage whose result is lost; one that has all its chunks but nothing to make them from again stays. @returns whether anything is done. */
	async function redo({ id, workspaceId, chunkCount, chunks, hasText }: Held, isStored: boolean): Promise<boolean> {
		if (!hasText && !isStored && chunks === chunkCount) return false
		const lost = new AppError('fileMissing')
		const failed = { status: 'failed', errorCode: lost.code, errorProblem: { problem: lost.problem, params: [] } } as const
		const begin = hasText ? { status: 'chunking' as const } : isStored ? { status: 'parsing' as const } : failed
		return prisma.$transaction(async (tx) => {
			const stages = begin.status === 'failed' ? [] : [{ stage: begin.status, startedAt: new Date().toISOString(), endedAt: null }]
			const fresh = { stages, stageRate: null, stageDone: 0, stageTotal: 0, attempts: 0, chunkCount: 0, claim: null, processedAt: null }
			const { count } = await tx.document.updateMany({ where: { id, status: 'processed', chunkCount }, data: { ...fresh, ...begin } })
			if (count === 0) return false // somebody was faster
			await tx.chunk.deleteMany({ where: { documentId: id } })
			if (begin.status !== 'failed') await jobs.enqueue(tx, PROCESS_DOCUMENT, { documentId: id }, String(workspaceId))
			return true
		})
	}

	async function checkUnfinished(tell: Tell, signal: AbortSignal): Promise<void> {
		for (;;) {
			signal.throwIfAborted()
			const { rows: page } = await pool.query<Pick<Held, 'id' | 'workspaceId'>>(WITHOUT_JOB_SQL, [PROCESS_DOCUMENT])
			const ids = page.map(({ id }) => id)
			await prisma.$transaction(async (tx) => {
				for (const { id, workspaceId } of page) await jobs.enqueue(tx, PROCESS_DOCUMENT, { documentId: id }, String(workspaceId))
			})
			tell('document_without_job', ids.length, ids)
			if (page.length < DOCUMENTS) return
		}
	}

	async function remove(sql: string, removed: (ids: number[]) => void, signal: AbortSignal): Promise<void> {
		for (;;) {
			signal.throwIfAborted()
			const { rows } = await pool.query<{ id: number }>(sql)
			removed(rows.map(({ id }) => id))
			if (rows.length < REMOVED) return
		}
	}

	return {
		async check(tell: Tell, signal: AbortSignal): Promise<void> {
			await checkProcessed(tell, signal)
			await checkUnfinished(tell, signal)
			await remove(CHUNKS_LEFT_SQL, (ids) => tell('chunk_left', ids.length, ids), signal)
			await remove(VECTORS_LEFT_SQL, (ids) => tell('vector_left', ids.length, ids), signal)
		},
	}
}
