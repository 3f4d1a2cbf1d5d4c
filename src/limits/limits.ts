import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Redis } from '../events/redis.ts'
import { createMemoryStore } from './memory-store.ts'
import { createRedisStore } from './redis-store.ts'
import type { Store } from './store.ts'

/** `auth`: signing in; `chat`: whatever starts a run; `upload`: each file; `default`: everything else. */
export const LIMIT_CLASSES = ['auth', 'chat', 'upload', 'default'] as const
export type LimitClass = (typeof LIMIT_CLASSES)[number]

/** Calls a minute; 0: any number. */
export type PerMinute = Readonly<Record<LimitClass, number>>

export const WINDOW_SECONDS = 60

/** Where a caller stands after a call. */
export interface Standing {
	/** Calls a window. */
	readonly quota: number
	readonly remaining: number
	/** Until the window ends, in seconds, rounded up. */
	readonly resetSeconds: number
	/** Whether the call was one too many. */
	readonly isOver: boolean
}

export interface Limits {
	/** Counts a call. Undefined where the class has no limit. Fails with nothing that a caller could do something about. */
	spend(limit: LimitClass, caller: string): Promise<Standing> | undefined
}

/** Counts a call of whoever asks. Undefined where the class has no limit. @throws AppError RATE_LIMITED when it is one too many. */
export type Spend = (limit: LimitClass) => Promise<void> | undefined

interface Options {
	perMinute: PerMinute
	/** Counts for all processes; without it, and while it does not answer, each process counts for itself. */
	redis?: Redis | null
	now?: (() => number) | undefined
	/** Hears what is wrong with Redis that its connection does not tell. */
	report(error: unknown): void
}

/** Limits on calls. A window begins with a caller's first call and ends {@link WINDOW_SECONDS} later. */
export function createLimits({ perMinute, redis, now = Date.now, report }: Options): Limits {
	const windowMs = WINDOW_SECONDS * 1_000

	function limiterOf(name: LimitClass): RateLimiterRedis | undefined {
		const quota = perMinute[name]
		if (quota === 0) return undefined
		const memory = createMemoryStore({ windowMs, now })
		const inMemory = limiterOn(memory, quota)
		if (!redis) return inMemory
		return limiterOn(createRedisStore({ redis, name: `limits:${name}`, quota, windowMs, now, memory, report }), quota, inMemory)
	}

	const limiters: Record<LimitClass, RateLimiterRedis | undefined> = {
		auth: limiterOf('auth'),
		chat: limiterOf('chat'),
		upload: limiterOf('upload'),
		default: limiterOf('default'),
	}
	return {
		spend(limit, caller) {
			const limiter = limiters[limit]
			return limiter?.consume(caller).then(
				(result) => standing(limiter.points, result, false),
				(result: unknown) => standing(limiter.points, result, true),
			)
		},
	}
}

/** The library's limiter on a store of ours, of whose client it wants one command: to count in one step. */
function limiterOn(store: Store, quota: number, insuranceLimiter?: RateLimiterRedis): RateLimiterRedis {
	const storeClient = { eval: (_script: string, { keys: [caller] }: { keys: [string] }) => store.count(caller) }
	const insurance = insuranceLimiter && { insuranceLimiter }
	return new RateLimiterRedis({ storeClient, useRedisPackage: true, points: quota, duration: WINDOW_SECONDS, keyPrefix: '', ...insurance })
}

/** The library rejects with its result where a call is one too many. */
function standing(quota: number, result: unknown, isOver: boolean): Standing {
	if (!(result instanceof RateLimiterRes)) throw result
	return { quota, remaining: result.remainingPoints, resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)), isOver }
}
