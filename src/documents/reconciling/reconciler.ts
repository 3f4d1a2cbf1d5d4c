import { removeOrphans } from '../../storage/orphans.ts'
import type { Dependencies } from './dependencies.ts'
import type { Finding, Tell } from './findings.ts'
import { createRowChecks } from './rows.ts'
import { createVectorChecks } from './vectors.ts'

/** The queue of runs of the reconciler: no data, and one at a time. */
export const RECONCILE = 'reconcile'

/** Of each finding in the log. */
const EXAMPLES = 10

/**
 * Checks rows, files, jobs and the index against each other, and mends what a crash, a lost service or a restored backup has left. It goes by pages, leaves
 * alone what is under way, and may be interrupted and repeated at any moment.
 */
export function createReconciler({ watcher, log, ...parts }: Dependencies) {
	const rows = createRowChecks(parts)
	const vectors = createVectorChecks(parts)

	return {
		/** Files that were kept after `before` (milliseconds since 1970) may belong to an upload that is under way. @returns how often each finding was made. */
		async run(before: number, signal: AbortSignal): Promise<Partial<Record<Finding, number>>> {
			const startedAt = performance.now()
			const counts: Partial<Record<Finding, number>> = {}
			const examples: Partial<Record<Finding, (number | string)[]>> = {}
			const tell: Tell = (finding, count, some) => {
				if (count === 0) return
				counts[finding] = (counts[finding] ?? 0) + count
				examples[finding] = [...(examples[finding] ?? []), ...some].slice(0, EXAMPLES)
				watcher.found(finding, count)
			}
			try {
				await rows.check(tell, signal)
				await vectors.check(tell, signal)
				await removeOrphans({ ...parts, before, signal, removed: (keys) => tell('file_without_row', keys.length, keys) })
				watcher.reconciled()
			} finally {
				const seconds = Math.round(performance.now() - startedAt) / 1_000
				if (Object.keys(counts).length > 0) log.warn({ found: counts, examples, seconds }, 'what is stored did not agree')
				else if (!signal.aborted) log.debug({ seconds }, 'what is stored agrees')
			}
			return counts
		},
	}
}
