import { AppError } from '../errors.ts'
import { FINISHED, type RedisStreams } from './redis-streams.ts'

/** A stream that this process writes, until the server has all of it. */
interface Written<E> {
	name: string
	events: E[]
	/** How many of them the server has. */
	stored: number
	endedAt: number | null
	/** The server was told of the end, and perhaps did it. */
	isEndSent: boolean
	isSending: boolean
	/** Settles when what was there is stored or could not be. */
	sent: Promise<void>
	/** When the server was last told anything. */
	toldAt: number
}

interface Options<E extends object> {
	streams: RedisStreams<E>
	/** Another process finished the stream, because it took this one for dead. */
	onFinished(name: string): void
	report(problem: string): void
}

const BATCH_SIZE = 500
/** A writer that has nothing to tell says so often that it lives. */
const SIGN_OF_LIFE_MS = 15_000
/** Ended streams that the server has not got yet wait for it so long, and so many of their events. The database has those runs. */
const [MAX_WAIT_MS, MAX_WAITING_EVENTS] = [10 * 60_000, 200_000]

/**
 * Brings streams to the server, in order and once, whatever happens in between: each is held until the server has all of it, and the server
 * says what it has. One message of a stream is on its way at a time, so what is added meanwhile goes together.
 */
export function createRedisWriter<E extends object>({ streams, onFinished, report }: Options<E>) {
	const writing = new Map<string, Written<E>>()
	let isRefused = false

	/** Never rejects: what could not be sent is tried again by {@link resume}. */
	async function send(stream: Written<E>): Promise<void> {
		stream.isSending = true
		try {
			while (!(await sendBatch(stream)));
		} catch (error) {
			const reason = error instanceof AppError ? error.cause : error
			if (reason === undefined) return // whoever keeps the connection tells that there is none
			if (!isRefused) report(`Redis does not take the events of runs: ${reason instanceof Error ? reason.message : String(reason)}`)
			isRefused = true
		} finally {
			stream.isSending = false
		}
	}

	/** @returns whether that was all. */
	async function sendBatch(stream: Written<E>): Promise<boolean> {
		const { name, events, stored } = stream
		const batch = events.slice(stored, stored + BATCH_SIZE)
		const ends = stream.endedAt !== null && stored + batch.length === events.length
		const wasEndSent = stream.isEndSent
		stream.isEndSent ||= ends
		const answer = await streams.append(name, stored + 1, batch, ends)
		stream.toldAt = performance.now()
		if (answer === FINISHED && !wasEndSent) onFinished(name)
		if (answer === FINISHED || (ends && answer === stored + batch.length)) {
			writing.delete(name)
			return true
		}
		if (batch.length > 0) isRefused = false
		stream.stored = answer
		return stream.stored === events.length && stream.endedAt === null
	}

	function start(stream: Written<E>): Promise<void> {
		if (!stream.isSending) stream.sent = send(stream)
		return stream.sent
	}

	function drop(): void {
		let events = 0
		for (const stream of [...writing.values()].reverse()) {
			if (stream.endedAt === null) continue
			events += stream.events.length
			if (events > MAX_WAITING_EVENTS || performance.now() - stream.endedAt > MAX_WAIT_MS) writing.delete(stream.name)
		}
	}

	return {
		/** Returns when the stream is on the server, or cannot be now; that is its first event. Later ones do not wait. */
		async append(name: string, event: E): Promise<void> {
			const known = writing.get(name)
			const stream = known ?? {
				name,
				events: [],
				stored: 0,
				endedAt: null,
				isEndSent: false,
				isSending: false,
				sent: Promise.resolve(),
				toldAt: 0,
			}
			stream.events.push(event)
			writing.set(name, stream)
			const sent = start(stream)
			if (!known) await sent
		},

		/** Returns when the server has all of it, or cannot have it now. @returns whether it is written here. */
		async finish(name: string): Promise<boolean> {
			const stream = writing.get(name)
			if (!stream) return false
			stream.endedAt ??= performance.now()
			await start(stream)
			return true
		},

		/** Sends what is waiting, and signs of life: to be called now and then. */
		resume(): void {
			drop()
			for (const stream of writing.values()) {
				const isBehind = stream.stored < stream.events.length || stream.endedAt !== null
				if (isBehind || performance.now() - stream.toldAt > SIGN_OF_LIFE_MS) void start(stream)
			}
		},

		/** The server was away: asks what it still has of each stream, and sends the rest. */
		recover(): void {
			for (const stream of writing.values()) void start(stream)
		},

		/** Settles when everything that is finished is on the server, or could not be brought there. */
		async flush(): Promise<void> {
			await Promise.all([...writing.values()].filter(({ endedAt }) => endedAt !== null).map(start))
		},
	}
}
