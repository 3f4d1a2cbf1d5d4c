import { type ChildOptions, DIMENSIONS, type FromChild, type ToChild } from './protocol.ts'
import { openSession, type Session } from './session.ts'
import { type Window, windowsOf } from './windows.ts'

/** A call that is being worked on. */
interface Job {
	id: number
	urgent: boolean
	windows: Window[]
	/** The sum of the windows' vectors, a text after the other. */
	sums: Float32Array
}

const jobs = new Map<number, Job>()
let working = false

// The parent's end is the child's: however it ends, the channel closes.
process.on('disconnect', () => process.exit())

const options: ChildOptions = JSON.parse(process.argv[2] ?? '{}')
const session = await openSession(options).catch((error) => fail(error))
process.on('message', (message: ToChild) => {
	if ('cancel' in message) jobs.delete(message.cancel.id)
	else accept(session, message.embed)
})
send({ ready: true })

function send(message: FromChild): void {
	process.send?.(message, () => undefined) // a parent that is gone needs no answer; 'disconnect' follows
}

function fail(error: unknown): never {
	send({ failed: error instanceof Error ? error.message : String(error) })
	process.exit(1)
}

function accept(session: Session, { id, texts, kind }: Extract<ToChild, { embed: unknown }>['embed']): void {
	const windows = texts.flatMap((text, at) => windowsOf(at, session.tokens(text)))
	jobs.set(id, { id, urgent: kind === 'query', windows, sums: new Float32Array(texts.length * DIMENSIONS) })
	if (!working) void work(session)
}

/** One window after the other, so that a question waits for no more than one of a document. */
async function work(session: Session): Promise<void> {
	working = true
	for (let job = next(); job; job = next()) {
		try {
			const window = job.windows.pop()
			if (window) addTo(job.sums, window, await session.run(window))
			if (job.windows.length > 0 || !jobs.delete(job.id)) continue
			normalise(job.sums)
			send({ id: job.id, vectors: job.sums, rss: process.memoryUsage.rss() })
		} catch (error) {
			jobs.delete(job.id)
			send({ id: job.id, error: String(error), rss: process.memoryUsage.rss() })
		}
	}
	working = false
}

function next(): Job | undefined {
	const waiting = [...jobs.values()]
	return waiting.find(({ urgent }) => urgent) ?? waiting[0]
}

/** Longer windows count more. */
function addTo(sums: Float32Array, { text, ids }: Window, vector: Float32Array): void {
	for (const [i, component] of vector.entries()) {
		const at = text * DIMENSIONS + i
		sums[at] = (sums[at] ?? 0) + ids.length * component
	}
}

function normalise(sums: Float32Array): void {
	for (let from = 0; from < sums.length; from += DIMENSIONS) {
		const vector = sums.subarray(from, from + DIMENSIONS)
		const length = Math.hypot(...vector) || 1
		for (let i = 0; i < DIMENSIONS; i++) vector[i] = (vector[i] ?? 0) / length
	}
}
