import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { adapters } from './adapters.ts'
import { harden } from './hardening.ts'
import { failureOf, type Job, type Reply, type Success } from './job.ts'
import { read } from './read.ts'

/**
 * The process that reads files: `node child.ts <parent's pid> <memory limit in bytes>`, one job at a time over IPC. It may hang, crash or eat memory;
 * a thread of its own ends it then, and when the server is gone.
 */
const [parent = '0', maxMemoryBytes = '0'] = process.argv.slice(2)
harden()
const watchdog = new Worker(new URL('./watchdog.ts', import.meta.url), {
	workerData: { parent: Number(parent), maxMemoryBytes: Number(maxMemoryBytes) },
	resourceLimits: { maxOldGenerationSizeMb: 16 },
})

process.on('disconnect', () => process.exit())
watchdog.once('message', () => process.on('message', (job: Job) => void answer(job)))

/** More headings than this are no outline, and too much for a message. */
const MAX_HEADINGS = 10_000

async function answer(job: Job): Promise<void> {
	const outcome = await parse(job).catch((error: unknown) => failureOf(error, adapters[job.format].name))
	const reply: Reply = { ...outcome, rss: process.memoryUsage.rss() }
	process.send?.(reply)
}

async function parse({ path, format, maxCharacters, output }: Job): Promise<Success> {
	const { text, pages, headings } = await read({ path, format, maxCharacters, folder: dirname(output) })
	await writeFile(output, text)
	return { pages, headings: headings.slice(0, MAX_HEADINGS) }
}
