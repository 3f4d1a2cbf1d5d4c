import { Unavailable } from '../../errors.ts'
import type { Connection } from './connection.ts'
import { isMissing } from './failures.ts'

/** So many rows that were written one after the other are a bulk load. */
const BULK_ROWS = 200
const AFTER_MS = 1_000
/** Milvus allows a collection one flush in ten seconds. */
const BETWEEN_MS = 11_000
const FLUSH_MS = 60_000

/**
 * After bulk loads: what was written is put into the form in which it is searched quickly, and searched once, so that it is in memory.
 * Searches find it without; they take longer.
 */
export function createSettling({ call }: Connection, report: (problem: string) => void) {
	const written = new Map<string, number>()
	const timers = new Map<string, NodeJS.Timeout>()
	const flushedAt = new Map<string, number>()
	let settling = Promise.resolve()
	let isStopped = false

	async function settle(name: string): Promise<void> {
		const rows = written.get(name) ?? 0
		flushedAt.set(name, performance.now())
		try {
			await call(FLUSH_MS, (client, timeout) => client.flush({ collection_names: [name], timeout }))
			written.set(name, (written.get(name) ?? 0) - rows)
			const words = { anns_field: 'sparse', metric_type: 'BM25', data: 'none' }
			await call(FLUSH_MS, (client, timeout) => client.search({ collection_name: name, ...words, limit: 1, timeout }))
		} catch (error) {
			if (isStopped || isMissing(error) || error instanceof Unavailable) return // with the next rows, if any
			report(`Milvus could not flush: ${error instanceof Error ? error.message : error}`)
		}
	}

	return {
		/** Rows were written to a collection. */
		wrote(name: string, rows: number): void {
			const total = (written.get(name) ?? 0) + rows
			written.set(name, total)
			if (total < BULK_ROWS || timers.has(name) || isStopped) return
			const againMs = (flushedAt.get(name) ?? -BETWEEN_MS) + BETWEEN_MS - performance.now()
			const due = () => {
				timers.delete(name)
				settling = settling.then(() => settle(name))
			}
			timers.set(name, setTimeout(due, Math.max(AFTER_MS, againMs)).unref())
		},
		/** Begins nothing new. */
		stop(): Promise<void> {
			isStopped = true
			for (const timer of timers.values()) clearTimeout(timer)
			return settling
		},
	}
}
