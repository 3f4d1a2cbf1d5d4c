import { AppError, publicError } from '../errors.ts'
import type { EventLog } from '../events/event-log.ts'
import { createRounds } from '../leases.ts'
import type { Logger } from '../log.ts'
import type { RunEvent, RunEventBody } from './events.ts'
import type { RunRows } from './runs.ts'

interface Dependencies {
	rows: RunRows
	events: EventLog<RunEventBody>
	/** The runs of this process. */
	mine: () => Iterable<string>
	log: Logger
}

/** The sequence of the terminal event of a run that died with its process: past any that somebody may have seen. */
const AFTER_CRASH = 1_000_000_000
/** After the database was away, or at the start, everybody has so many rounds to renew what is theirs. */
const SETTLED = 2
/** Longest time that reading what a dead run has told may take. */
const READ_MS = 10_000

/**
 * A run holds a lease that its process renews; any process fails a run whose lease has ended. So a run ends even when its process
 * was killed, and while it is alive it is left alone.
 */
export function createLeases({ rows, events, mine, log }: Dependencies) {
	/** Rounds that the database has been there for. */
	let settled = 0

	async function round(): Promise<void> {
		const ids = [...mine()]
		await rows.renew(ids)
		if (settled++ >= SETTLED) await failExpired()
	}

	async function failExpired(): Promise<void> {
		for (;;) {
			const expired = await rows.takeExpired()
			if (expired.length === 0) return
			for (const run of expired) await fail(run)
		}
	}

	/** With the partial answer that its log has. A process that comes back finds the log finished and the row ended. */
	async function fail({ id, threadId }: { id: string; threadId: string }): Promise<void> {
		await events.finish(id)
		const read = await toldBy(id)
		const last = read.at(-1)
		if (last?.type === 'failed') return store(id, read) // told, but not stored
		const told = read.length > 0 ? read : [{ sequence: 1, type: 'started', runId: id, threadId } as const]
		const partial = told.map((event) => (event.type === 'delta' ? event.text : '')).join('')
		const error = new AppError('interrupted')
		const failed: RunEvent = { sequence: AFTER_CRASH, type: 'failed', code: error.code, error: error.in('zh'), partial }
		await store(id, [...told, failed])
		log.warn({ runId: id }, 'a run has ended with its process')
	}

	async function store(id: string, told: readonly RunEvent[]): Promise<void> {
		await rows.end(id, { status: 'failed', usage: null, events: told, chat: null }).catch((error: unknown) => {
			if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error // it ended meanwhile, or is gone
		})
	}

	async function toldBy(id: string): Promise<RunEvent[]> {
		const signal = AbortSignal.timeout(READ_MS)
		const told: RunEvent[] = []
		for await (const { sequence, event } of (await events.read(id, 0, signal)) ?? []) told.push({ sequence, ...event })
		signal.throwIfAborted()
		return told
	}

	const rounds = createRounds(round, (error) => {
		settled = 0
		// what is away is told by whoever keeps the connection
		if (publicError(error).code !== 'UNAVAILABLE') log.warn({ err: error }, 'leases of runs are renewed later')
	})

	return {
		/** Renews and takes over until it is stopped. As the sole process of a database it first fails what a dead one left. */
		async start({ isAlone }: { isAlone: boolean }): Promise<void> {
			if (isAlone) {
				settled = SETTLED
				await rows.expireAll()
				await failExpired()
			}
			rounds.start()
		},
		stop: rounds.stop,
	}
}
