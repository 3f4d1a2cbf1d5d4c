import { AppError } from '../errors.ts'
import { createMemoryEventLog, type EventLog, type LogEntry } from './event-log.ts'
import { leavable, ring } from './leave.ts'
import type { Redis } from './redis.ts'
import { createRedisStreams, type Page } from './redis-streams.ts'
import { createRedisWriter } from './redis-writer.ts'

interface Options {
	redis: Redis
	/** Hears when the server refuses what is written, once until it takes it again. */
	report(problem: string): void
	/** How long a reader waits for a server, or for a stream, that has gone away. Default 10 seconds. */
	patienceMs?: number
}

/** What is waiting to be sent is looked after so often. */
const TICK_MS = 1_000
/** A writer that has not been heard of for so long is dead, or cannot write. It says four times as often that it lives. */
const SILENCE_MS = 60_000
/** A stopping server waits so long for its last events to reach the others. */
const FLUSH_MS = 3_000

/**
 * The log of several processes. A stream is in the memory of the process that writes it, where it costs no round trip and needs no server, and in
 * Redis for the others, within milliseconds. While Redis is away writers go on, and their own readers; readers elsewhere wait for a while and then
 * fail. What Redis lost is brought again.
 */
export function createRedisEventLog<E extends object>({ redis, report, patienceMs = 10_000 }: Options): EventLog<E> {
	const local = createMemoryEventLog<E>()
	const streams = createRedisStreams<E>(redis)
	const writer = createRedisWriter<E>({ streams, report, onFinished: (name) => void local.finish(name) })
	const readers = new Set<Bell>()
	const stopping = new AbortController()
	const wakeAll = () => readers.forEach((bell) => void bell.ring())
	const forget = redis.onReturn(() => {
		writer.recover()
		wakeAll()
	})
	const ticking = setInterval(writer.resume, TICK_MS)
	const looking = setInterval(wakeAll, patienceMs / 2) // a writer that died wakes nobody

	/**
	 * A page, from a server that may be away for a while, and may have lost the stream until its writer brings it again.
	 * @returns null when nothing more is to be expected. @throws AppError UNAVAILABLE
	 */
	async function page(name: string, after: number, bell: Bell, signal: AbortSignal): Promise<Page<E> | null> {
		const startedAt = performance.now()
		for (;;) {
			const isPatient = performance.now() - startedAt < patienceMs
			const found = await streams.page(name, after).catch((error: unknown) => {
				if (isPatient && error instanceof AppError) return null
				throw error
			})
			if (found && found.silentMs < SILENCE_MS) return found
			if (found || !isPatient) return null
			await bell.heard(signal)
			if (signal.aborted) return null
		}
	}

	/** Pages as long as there are any, then each time when the bell rings. What a reader holds is one page. */
	async function* follow(name: string, after: number, first: Page<E>, signal: AbortSignal): AsyncGenerator<LogEntry<E>, void, void> {
		const bell = createBell()
		let place = after
		let found: Page<E> | null = first
		let subscription: ReturnType<typeof streams.subscribe> | undefined
		readers.add(bell)
		try {
			while (found) {
				for (const entry of found.entries) {
					if (signal.aborted) return
					yield entry
					place = entry.sequence
				}
				if (found.isLast || signal.aborted) return
				if (!subscription) {
					subscription = streams.subscribe(name, bell.ring)
					await subscription.active
				} else if (!found.isFull) await bell.heard(signal)
				if (signal.aborted) return
				found = await page(name, place, bell, signal)
			}
		} finally {
			readers.delete(bell)
			subscription?.leave()
		}
	}

	return {
		async append(name, event) {
			const sequence = await local.append(name, event)
			const sent = writer.append(name, event)
			if (sequence === 1) await sent // who hears of the stream finds it
			return sequence
		},
		async read(name, after, signal) {
			const own = await local.read(name, after, signal)
			if (own) return own
			const place = Math.max(0, Math.trunc(after))
			const first = await streams.page(name, place)
			if (!first) return null
			return leavable(AbortSignal.any([signal, stopping.signal]), (leaving) => follow(name, place, first, leaving))
		},
		async finish(name) {
			await local.finish(name)
			if (!(await writer.finish(name))) await streams.finish(name)
		},
		async stop() {
			forget()
			clearInterval(ticking)
			clearInterval(looking)
			let timer: NodeJS.Timeout | undefined
			const late = new Promise((resolve) => {
				timer = setTimeout(resolve, FLUSH_MS)
			})
			await Promise.race([writer.flush(), late])
			clearTimeout(timer)
			stopping.abort()
			await local.stop()
		},
	}
}

/** Rings for one reader; one that does not listen finds that it rang. */
interface Bell {
	ring(): void
	heard(signal: AbortSignal): Promise<void>
}

function createBell(): Bell {
	const waiting = new Set<() => void>()
	let hasRung = false
	return {
		ring() {
			hasRung = true
			for (const wake of [...waiting]) wake()
		},
		async heard(signal) {
			if (!hasRung) await ring(waiting, signal)
			hasRung = false
		},
	}
}
