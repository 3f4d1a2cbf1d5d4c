import { PROCESS_DOCUMENT, REMOVE_DOCUMENT } from './documents/documents.ts'
import type { createProcessing } from './documents/processing.ts'
import type { createFilling } from './documents/reconciling/filling.ts'
import { type createReconciler, RECONCILE } from './documents/reconciling/reconciler.ts'
import { FILL_INDEX } from './documents/reconciling/vectors.ts'
import type { createBuilding } from './documents/reindexing/building.ts'
import { DROP_GENERATION, REINDEX } from './documents/reindexing/reindexing.ts'
import type { Engines } from './engines.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Logger } from './log.ts'
import { REMOVE_WORKSPACE } from './workspaces/workspaces.ts'

export const QUEUES = [PROCESS_DOCUMENT, REMOVE_DOCUMENT, REMOVE_WORKSPACE, FILL_INDEX, RECONCILE, REINDEX, DROP_GENERATION]
/** Of these one job waits and one runs at a time, in whichever process. */
export const SINGLE_QUEUES = [RECONCILE, REINDEX]

/** Documents that a process works on side by side: those whose files are being read, those that are embedded, and one of another workspace. */
const WORKERS = 4
const EVERY_NIGHT = '17 3 * * *'
/** No upload takes so long: what is older and belongs to nothing was left by a dead process. */
const ABANDONED_MS = 24 * 3_600_000
const DAY_MS = 24 * 3_600_000

interface Options {
	engines: Engines
	jobs: Jobs
	processing: ReturnType<typeof createProcessing>
	filling: ReturnType<typeof createFilling>
	building: ReturnType<typeof createBuilding>
	reconciler: ReturnType<typeof createReconciler>
	role: 'all' | 'api' | 'worker'
	log: Logger
}

/** Takes up what a dead process left, and does what is queued, as the role says. @returns what ends the part of it that is no job. */
export async function startWork({
	engines,
	jobs,
	processing,
	filling,
	building,
	reconciler,
	role,
	log,
}: Options): Promise<{ stop(): void }> {
	const { isAlone, storage, database, milvus } = engines
	const startedAt = Date.now() - process.uptime() * 1_000
	/** What is older belongs to no upload that is under way. */
	const abandonedBefore = () => (isAlone ? Math.max(startedAt, Date.now() - ABANDONED_MS) : Date.now() - ABANDONED_MS)
	const reconcileSoon = () =>
		database.prisma
			.$transaction((tx) => jobs.enqueue(tx, RECONCILE, {}))
			.catch((error: unknown) => log.error({ err: error }, 'the reconciler'))
	if (isAlone) {
		await Promise.all([
			jobs.replace(PROCESS_DOCUMENT, await processing.unfinished()),
			jobs.replace(RECONCILE, [{ data: {}, group: RECONCILE }]),
			...[REMOVE_DOCUMENT, REMOVE_WORKSPACE, FILL_INDEX, REINDEX, DROP_GENERATION].map(jobs.takeOver),
			storage.removeTemporariesBefore(startedAt),
		])
	}
	const daily = isAlone ? setInterval(() => void reconcileSoon(), DAY_MS).unref() : undefined
	milvus?.onEmpty(() => void reconcileSoon())
	if (role !== 'api') {
		await jobs.work(PROCESS_DOCUMENT, WORKERS, processing.process)
		await jobs.work(REMOVE_DOCUMENT, 1, processing.removeDocument)
		await jobs.work(REMOVE_WORKSPACE, 1, processing.removeWorkspace)
		await jobs.work(FILL_INDEX, 1, filling.fill)
		await jobs.work(REINDEX, 1, building.build)
		await jobs.work(DROP_GENERATION, 1, building.drop)
		await jobs.work(RECONCILE, 1, async (_data, signal) => {
			await storage.removeTemporariesBefore(abandonedBefore())
			await reconciler.run(abandonedBefore(), signal)
		})
		if (!isAlone) await Promise.all([reconcileSoon(), jobs.schedule(RECONCILE, EVERY_NIGHT)])
	}
	return { stop: () => clearInterval(daily) }
}
