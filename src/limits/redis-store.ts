import { AppError } from '../errors.ts'
import { type Redis, scriptOf } from '../events/redis.ts'
import type { MemoryStore } from './memory-store.ts'
import type { Count, Store } from './store.ts'

interface Options {
	redis: Redis
	/** Begins the keys. */
	name: string
	/** Calls a window. */
	quota: number
	windowMs: number
	now: () => number
	/** Remembers the last answers. */
	memory: MemoryStore
	/** Hears what is wrong with Redis that its connection does not tell. */
	report(error: unknown): void
}

/** A call waits so long for Redis. */
const PATIENCE_MS = 100

/** By the clock of the process, which a test may set; the key itself goes by the server's. */
const COUNT = scriptOf(`
	local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
	local ends = tonumber(redis.call('HGET', KEYS[1], 'until'))
	if not ends or ends <= now or ends > now + window then
		redis.call('HSET', KEYS[1], 'calls', 1, 'until', now + window)
		redis.call('PEXPIRE', KEYS[1], window)
		return { 1, window }
	end
	return { redis.call('HINCRBY', KEYS[1], 'calls', 1), ends - now }
`)

/**
 * Counts for all processes. Whoever has no call left is refused without asking Redis. Rejects while Redis is away, and at once while it is silent:
 * whoever counts instead goes on from what the memory has of it.
 */
export function createRedisStore({ redis, name, quota, windowMs, now, memory, report }: Options): Store {
	/** A command is out for longer than {@link PATIENCE_MS}. */
	let isSilent = false
	let isReported = false

	async function ask(caller: string): Promise<Count> {
		const answer = await redis.run(COUNT, redis.name(`${name}:${caller}`), [String(now()), String(windowMs)])
		return answer as [number, number]
	}

	/** @throws AppError UNAVAILABLE when nothing comes in {@link PATIENCE_MS}. Until something does, Redis counts as silent. */
	async function inTime(coming: Promise<Count>): Promise<Count> {
		const late = Promise.withResolvers<never>()
		const timer = setTimeout(() => {
			isSilent = true
			const speaks = () => {
				isSilent = false
			}
			coming.then(speaks, speaks)
			late.reject(unavailable())
		}, PATIENCE_MS)
		return Promise.race([coming, late.promise]).finally(() => clearTimeout(timer))
	}

	return {
		async count(caller) {
			if (memory.has(caller, quota)) return memory.count(caller)
			if (isSilent) throw unavailable()
			try {
				const count = await inTime(ask(caller))
				memory.adopt(caller, count)
				isReported = false
				return count
			} catch (error) {
				const isTold = isReported || (error instanceof AppError && error.cause === undefined) // by whoever keeps the connection
				if (!isTold) report(error)
				isReported = true
				throw error
			}
		},
	}
}

const unavailable = () => new AppError('unavailable', { part: 'redis' })
