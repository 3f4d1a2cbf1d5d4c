import type { Prisma } from '../database/database.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'

type Stage = DocumentModel['status']

/** Of documents that have not ended. */
export const UNDER_WAY = { notIn: ['processed', 'failed'] } satisfies Prisma.EnumDocumentStatusFilter

/** As the row stores it: ISO 8601. */
interface StoredStage {
	stage: Stage
	startedAt: string
	endedAt: string | null
}

/** The time that a document was in a stage. */
export interface StageTime {
	stage: Stage
	startedAt: Date
	/** Null while it is in it. */
	endedAt: Date | null
	/** Milliseconds; null while it is in it. */
	duration: number | null
}

/** What the row stores once the document has gone on to another stage. What is processed again begins a new list. */
export function movedTo(document: Pick<DocumentModel, 'stages' | 'status' | 'createdAt'>, stage: Stage, now = new Date()): object[] {
	const before = document.stages as unknown as StoredStage[]
	const at = now.toISOString()
	const waitedSince = before.length === 0 ? document.createdAt.toISOString() : at
	const begun: StoredStage[] =
		document.status === 'uploaded' ? [{ stage: 'uploaded', startedAt: waitedSince, endedAt: null }] : before.map((each) => ({ ...each }))
	const last = begun.at(-1)
	if (last) last.endedAt ??= at
	if (stage !== 'processed' && stage !== 'failed') begun.push({ stage, startedAt: at, endedAt: null })
	return begun
}

export const stageTimes = ({ stages }: Pick<DocumentModel, 'stages'>): StageTime[] =>
	(stages as unknown as StoredStage[]).map(({ stage, startedAt, endedAt }) => ({
		stage,
		startedAt: new Date(startedAt),
		endedAt: endedAt === null ? null : new Date(endedAt),
		duration: endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
	}))

/** Milliseconds from the upload to the end; null until it is processed. */
export function processingTime(document: Pick<DocumentModel, 'stages' | 'status' | 'createdAt' | 'processedAt'>): number | null {
	if (document.status !== 'processed' || !document.processedAt) return null
	const startedAt = stageTimes(document)[0]?.startedAt ?? document.createdAt
	return Math.max(0, document.processedAt.getTime() - startedAt.getTime())
}

/** Of the stage that a document is in, at the rate of the attempt that works on it; null where that is not known, 0 once it is processed. */
export function secondsLeft({
	status,
	stageDone,
	stageTotal,
	stageRate,
}: Pick<DocumentModel, 'status' | 'stageDone' | 'stageTotal' | 'stageRate'>) {
	if (status === 'processed') return 0
	return stageRate ? Math.ceil((stageTotal - stageDone) / stageRate) : null
}
