import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const INTERVAL_MS = 50
const STDERR = 2

/** A thread, since the main one may be busy without end. Says "memory" on the way out, so that the server knows why. */
const { parent, maxMemoryBytes } = workerData as { parent: number; maxMemoryBytes: number }

setInterval(() => {
	if (process.ppid !== parent) end()
	if (process.memoryUsage.rss() > maxMemoryBytes) {
		writeSync(STDERR, 'memory')
		end()
	}
}, INTERVAL_MS)

parentPort?.postMessage('watching')

function end(): void {
	process.kill(process.pid, 'SIGKILL')
}
