import type { LogEntry } from './event-log.ts'
import { type Redis, type Subscription, scriptOf } from './redis.ts'

/** Some entries of a stream that follow each other. */
export interface Page<E> {
	entries: LogEntry<E>[]
	/** There may be more. */
	isFull: boolean
	/** The stream was finished, and nothing comes after these. */
	isLast: boolean
	/** Milliseconds since its writer was heard of; 0 when there are entries. */
	silentMs: number
}

/** What the server answers to whoever writes to a finished stream. */
export const FINISHED = -1

/** How long what a stream holds stays after it ended, for late readers. */
const ENDED_MS = 10 * 60_000
/** And after its writer was last heard of, when it did not end. */
const UNENDED_MS = 60 * 60_000
const PAGE_SIZE = 100

/*
 * A stream is a Redis stream. The entry `1-<sequence>` is an event, `2-0` the end: so the server itself takes neither the same event twice nor any
 * after the end. Nothing is trimmed, so that the length says what is there; a stream is as long as what its writer holds, and expires.
 */

/**
 * Adds what is missing of the events from `first` on, and the end; without either, only shows that the writer lives.
 * @returns how many events are there: fewer than first - 1 when the server lost some, and then nothing was added. -1: the stream is finished.
 */
const APPEND = scriptOf(`
	local key, channel, first, ends, ttl = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
	if redis.call('XRANGE', key, '2-0', '2-0')[1] then return -1 end
	local length = redis.call('XLEN', key)
	if length < first - 1 then return length end
	local count = #ARGV - 4
	for i = length - first + 2, count do redis.call('XADD', key, '1-' .. (first + i - 1), 'e', ARGV[4 + i]) end
	if ends == '1' then redis.call('XADD', key, '2-0', 'end', '') end
	redis.call('PEXPIRE', key, ttl)
	if count > 0 or ends == '1' then redis.call('PUBLISH', channel, '') end
	return math.max(length, first - 1 + count)`)

/** Ends a stream of another writer; a finished one, and one that is not there, stay as they are. */
const FINISH = scriptOf(`
	local key, channel, ttl = KEYS[1], ARGV[1], ARGV[2]
	if redis.call('EXISTS', key) == 0 or redis.call('XRANGE', key, '2-0', '2-0')[1] then return end
	redis.call('XADD', key, '2-0', 'end', '')
	redis.call('PEXPIRE', key, ttl)
	redis.call('PUBLISH', channel, '')`)

/** As the server gives it: its id, and a field with its value. */
type Entry = [id: string, [field: string, value: string]]

export type RedisStreams<E extends object> = ReturnType<typeof createRedisStreams<E>>

/** How the streams of a log lie in Redis. Everything may throw AppError UNAVAILABLE. */
export function createRedisStreams<E extends object>(redis: Redis) {
	const keyOf = (name: string): string => redis.name(`stream:${name}`)

	return {
		/** @returns how many events are there now, or {@link FINISHED}. When it is less than it should be, the server lost some: send from there. */
		async append(name: string, first: number, events: readonly E[], ends: boolean): Promise<number> {
			const key = keyOf(name)
			const ttl = String(ends ? ENDED_MS : UNENDED_MS)
			return (await redis.run(APPEND, key, [
				key,
				String(first),
				ends ? '1' : '0',
				ttl,
				...events.map((event) => JSON.stringify(event)),
			])) as number
		},

		/** Ends the stream of another writer, should there be one. */
		async finish(name: string): Promise<void> {
			const key = keyOf(name)
			await redis.run(FINISH, key, [key, String(ENDED_MS)])
		},

		/** What follows the sequence, as much as fits in a page. @returns null when there is no such stream. */
		async page(name: string, after: number): Promise<Page<E> | null> {
			const key = keyOf(name)
			const read = () => redis.send('XRANGE', key, `(1-${after}`, '+', 'COUNT', String(PAGE_SIZE)) as Promise<Entry[]>
			const some = await read()
			if (some.length > 0) return pageOf(some)
			const [ttl, more] = await Promise.all([redis.send('PTTL', key) as Promise<number>, read()]) // in this order: an end changes both
			if (more.length > 0) return pageOf(more)
			return ttl === -2 ? null : { entries: [], isFull: false, isLast: false, silentMs: UNENDED_MS - ttl }
		},

		/** Calls back when there may be more to read. */
		subscribe: (name: string, wake: () => void): Subscription => redis.subscribe(`stream:${name}`, { hear: wake, resync: wake }),
	}
}

function pageOf<E>(entries: Entry[]): Page<E> {
	const isLast = entries.at(-1)?.[0] === '2-0'
	const events = (isLast ? entries.slice(0, -1) : entries).map(([id, [, event]]) => ({
		sequence: Number(id.slice(2)),
		event: JSON.parse(event) as E,
	}))
	return { entries: events, isFull: entries.length === PAGE_SIZE, isLast, silentMs: 0 }
}
