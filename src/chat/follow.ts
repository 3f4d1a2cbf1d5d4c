import { setTimeout as delay } from 'node:timers/promises'
import type { PrismaClient } from '../database/database.ts'
import { publicError } from '../errors.ts'
import type { EventLog } from '../events/event-log.ts'
import { leavable } from '../events/leave.ts'
import { isTerminal, type RunEvent, type RunEventBody } from './events.ts'

/** How often a follower asks whether a dead process's run has been ended. */
const TAKEOVER_MS = 500

/** The events of a run behind the sequence `after` (0: from the first) to its last, live or ended. */
export type Follow = (runId: string, after: number, signal: AbortSignal) => AsyncIterable<RunEvent>

export function createFollow({ prisma, events }: { prisma: PrismaClient; events: EventLog<RunEventBody> }): Follow {
	/**
	 * From the log while it has them, else from the row. A log that ends without a terminal event is that of a dead process:
	 * whoever takes the run over writes its end into the row.
	 */
	async function* eventsOf(runId: string, after: number, signal: AbortSignal): AsyncGenerator<RunEvent, void, void> {
		let last = after
		while (!signal.aborted) {
			let isAway: unknown
			try {
				for await (const { sequence, event } of (await events.read(runId, last, signal)) ?? []) {
					yield { sequence, ...event }
					if (isTerminal(event)) return
					last = sequence
				}
			} catch (error) {
				if (publicError(error).code !== 'UNAVAILABLE') throw error
				isAway = error
			}
			const stored = await prisma.run.findUnique({ where: { id: runId }, select: { events: true } })
			if (!stored) return
			if (stored.events) {
				const told = stored.events as unknown as RunEvent[]
				yield* told.filter((event) => event.sequence > last || (isTerminal(event) && event.sequence > after))
				return
			}
			if (isAway) throw isAway
			await delay(TAKEOVER_MS, undefined, { signal }).catch(() => undefined)
		}
	}

	return (runId, after, signal) => leavable(signal, (leaving) => eventsOf(runId, after, leaving))
}
