import { leavable, ring } from './leave.ts'

/** An event and its place in its stream: 1, 2, 3 … */
export interface LogEntry<E> {
	sequence: number
	event: E
}

/** The stream is finished. */
export class StreamFinished extends Error {
	override name = 'StreamFinished'
	constructor(stream: string) {
		super(`The stream "${stream}" is finished.`)
	}
}

/**
 * Ordered streams of events, each written by one producer and read by any number of readers, from any place, live or ended.
 * Events are values: whoever appended one must not change it.
 */
export interface EventLog<E> {
	/**
	 * Adds an event; the first one makes the stream. What keeps others from reading it keeps nobody from adding.
	 * @returns its sequence.
	 * @throws StreamFinished
	 */
	append(stream: string, event: E): Promise<number>
	/**
	 * Everything after the sequence `after` (0: from the first): what is there, then what comes, until the stream is finished
	 * or the signal aborts (both end the iteration without an error, and so does a stream that is lost with its producer).
	 * A reader holds a place in the shared log and no events, so a slow one costs nothing.
	 * @returns null when the stream is unknown or was dropped: replay what the database stored at its end.
	 * @throws AppError UNAVAILABLE, also from the iteration: read again from where it broke off.
	 */
	read(stream: string, after: number, signal: AbortSignal): Promise<AsyncIterable<LogEntry<E>> | null>
	/**
	 * Ends the stream and, when they have seen the rest, its readers. A stream may be finished twice; an unknown one is none. Another process may
	 * finish it too, when it takes the producer for dead: what is there then is all, and if the producer lives, its next `append` throws.
	 * @throws AppError UNAVAILABLE, for another's stream: it is not finished.
	 */
	finish(stream: string): Promise<void>
	/** Ends every reader. */
	stop(): Promise<void>
}

/** How long ended streams stay for late readers; the first bound that is passed drops the oldest. */
export interface Retention {
	/** Default 1,000. */
	maxStreams?: number
	/** Events in all ended streams together. Default 200,000, some 40 MB of short deltas. */
	maxEvents?: number
	/** Default 10 minutes. */
	maxAgeMs?: number
	/** Milliseconds, never going back. */
	now?: () => number
}

interface Stream<E> {
	events: E[]
	/** When it was finished. */
	endedAt: number | null
	/** Readers that have seen everything. */
	waiting: Set<() => void>
}

/** The log of one process. */
export function createMemoryEventLog<E extends object>(retention: Retention = {}): EventLog<E> {
	const { maxStreams = 1_000, maxEvents = 200_000, maxAgeMs = 600_000, now = () => performance.now() } = retention
	const streams = new Map<string, Stream<E>>()
	/** In the order in which they ended. */
	const ended = new Map<string, Stream<E>>()
	let endedEvents = 0

	function end(name: string, stream: Stream<E>): void {
		if (stream.endedAt !== null) return
		stream.endedAt = now()
		ended.set(name, stream)
		endedEvents += stream.events.length
		wakeAll(stream)
	}

	function drop(): void {
		for (const [name, stream] of ended) {
			const old = now() - (stream.endedAt ?? 0) > maxAgeMs
			if (!old && ended.size <= maxStreams && endedEvents <= maxEvents) return
			ended.delete(name)
			streams.delete(name)
			endedEvents -= stream.events.length
		}
	}

	return {
		async append(name, event) {
			const stream = streams.get(name) ?? { events: [], endedAt: null, waiting: new Set() }
			if (stream.endedAt !== null) throw new StreamFinished(name)
			streams.set(name, stream)
			const sequence = stream.events.push(event)
			wakeAll(stream)
			return sequence
		},
		async read(name, after, signal) {
			drop()
			const stream = streams.get(name)
			return stream ? leavable(signal, (leaving) => follow(stream, after, leaving)) : null
		},
		async finish(name) {
			const stream = streams.get(name)
			if (stream) end(name, stream)
			drop()
		},
		async stop() {
			for (const [name, stream] of streams) end(name, stream)
		},
	}
}

async function* follow<E extends object>(stream: Stream<E>, after: number, signal: AbortSignal): AsyncGenerator<LogEntry<E>, void, void> {
	let sequence = Math.max(0, after)
	while (!signal.aborted) {
		const event = stream.events[sequence]
		if (event) yield { sequence: ++sequence, event }
		else if (stream.endedAt === null) await ring(stream.waiting, signal)
		else return
	}
}

function wakeAll<E>({ waiting }: Stream<E>): void {
	for (const wake of [...waiting]) wake()
}
