import { DIMENSIONS } from './minilm.ts'
import type { ChildOptions, FromChild, ToChild } from './protocol.ts'
import { openSession, type Session } from './session.ts'
import { groupsOf, type Window, windowsOf } from './windows.ts'

/** A call that is being worked on. */
interface Job {
	id: number
	urgent: boolean
	groups: Window[][]
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
	jobs.set(id, { id, urgent: kind === 'query', groups: groupsOf(windows), sums: new Float32Array(texts.length * DIMENSIONS) })
	if (!working) void work(session)
}

/** One group after the other, so that a question waits for no more than one group of a document. */
async function work(session: Session): Promise<void> {
	working = true
	for (let job = next(); job; job = next()) {
		try {
			const group = job.groups.pop() ?? []
			if (group.length > 0) addTo(job.sums, group, await session.run(group))
			if (job.groups.length > 0 || !jobs.delete(job.id)) continue
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

function addTo(sums: Float32Array, group: readonly Window[], vectors: Float32Array): void {
	for (const [row, { text, ids }] of group.entries()) {
		for (let i = 0; i < DIMENSIONS; i++) {
			const at = text * DIMENSIONS + i
			sums[at] = (sums[at] ?? 0) + ids.length * (vectors[row * DIMENSIONS + i] ?? 0)
		}
	}
}

function normalise(sums: Float32Array): void {
	for (let from = 0; from < sums.length; from += DIMENSIONS) {
		const vector = sums.subarray(from, from + DIMENSIONS)
		const length = Math.hypot(...vector) || 1
		for (let i = 0; i < DIMENSIONS; i++) vector[i] = (vector[i] ?? 0) / length
	}
}
