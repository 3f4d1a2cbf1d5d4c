import { PROCESS_DOCUMENT, REMOVE_DOCUMENT } from './documents/documents.ts'
import type { createProcessing } from './documents/processing.ts'
import type { Engines } from './engines.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Logger } from './log.ts'
import { removeOrphans } from './storage/orphans.ts'
import { REMOVE_WORKSPACE } from './workspaces/workspaces.ts'

const SWEEP_FILES = 'sweep-files'
export const QUEUES = [PROCESS_DOCUMENT, REMOVE_DOCUMENT, REMOVE_WORKSPACE, SWEEP_FILES]

/** Documents that a process works on side by side: those whose files are being read, those that are embedded, and one of another workspace. */
const WORKERS = 4
const EVERY_NIGHT = '17 3 * * *'
/** No upload takes so long: what is older and belongs to nothing was left by a dead process. */
const ABANDONED_MS = 24 * 3_600_000

interface Options {
	engines: Engines
	jobs: Jobs
	processing: ReturnType<typeof createProcessing>
	role: 'all' | 'api' | 'worker'
	log: Logger
}

/** Takes up what a dead process left, and does what is queued, as the role says. @returns what ends the part of it that is no job. */
export async function startWork({ engines, jobs, processing, role, log }: Options): Promise<{ stop(): Promise<void> }> {
	const { isAlone, storage, database } = engines
	const stopping = new AbortController()
	const sweep = (before: number) => removeOrphans({ storage, prisma: database.prisma, before, signal: stopping.signal })
	let sweeping: Promise<void> | undefined
	if (isAlone) {
		const startedAt = Date.now() - process.uptime() * 1_000
		await Promise.all([
			jobs.replace(PROCESS_DOCUMENT, await processing.unfinished()),
			jobs.takeOver(REMOVE_DOCUMENT),
			jobs.takeOver(REMOVE_WORKSPACE),
			storage.removeTemporariesBefore(startedAt),
		])
		sweeping = sweep(startedAt).catch((error: unknown) => log.error({ err: error }, 'orphaned files'))
	}
	if (role !== 'api') {
		await jobs.work(PROCESS_DOCUMENT, WORKERS, processing.process)
		await jobs.work(REMOVE_DOCUMENT, 1, processing.removeDocument)
		await jobs.work(REMOVE_WORKSPACE, 1, processing.removeWorkspace)
		if (!isAlone) {
			await jobs.work(SWEEP_FILES, 1, async () => {
				const before = Date.now() - ABANDONED_MS
				await storage.removeTemporariesBefore(before)
				await sweep(before)
			})
			await jobs.schedule(SWEEP_FILES, EVERY_NIGHT)
		}
	}
	return {
		async stop() {
			stopping.abort()
			await sweeping
		},
	}
}
