import { randomUUID } from 'node:crypto'
import type { Bus } from '../../src/events/bus.ts'
import type { EventLog } from '../../src/events/event-log.ts'
import { openRedis, type Redis } from '../../src/events/redis.ts'
import { createRedisBus } from '../../src/events/redis-bus.ts'
import { createRedisEventLog } from '../../src/events/redis-event-log.ts'
import type { Word } from './event-log-suite.ts'

/** The bus and the log on a Redis server, as one process has them. */
export interface RedisProcess {
	redis: Redis
	bus: Bus
	log: EventLog<Word>
	/** All that it reported, in words. */
	reported: string[]
	/** Resolves when it has reported something with these words in it. */
	hasReported(words: string): Promise<void>
	stop(): Promise<void>
}

/** For how long things are waited for. */
export interface Limits {
	limitMs?: number
	patienceMs?: number
}

export const newPrefix = (): string => `test-${randomUUID()}`

export async function startProcess(url: string, { prefix, ...limits }: { prefix: string } & Limits): Promise<RedisProcess> {
	const reported: string[] = []
	const waiting = new Set<() => void>()
	const report = (problem: unknown) => {
		reported.push(String(problem))
		for (const look of waiting) look()
	}
	const redis = await openRedis({ url, prefix, report, ...limits })
	const bus = createRedisBus({ redis, report })
	const log = createRedisEventLog<Word>({ redis, report, ...limits })
	return {
		redis,
		bus,
		log,
		reported,
		hasReported: (words) =>
			new Promise((resolve) => {
				const look = () => {
					if (!reported.some((problem) => problem.includes(words))) return
					waiting.delete(look)
					resolve()
				}
				waiting.add(look)
				look()
			}),
		async stop() {
			await Promise.all([bus.stop(), log.stop()])
			await redis.close()
		},
	}
}

/** Two processes on one server, under a prefix of their own that goes with them. */
export async function startTwo(url: string, limits: Limits = {}) {
	const options = { prefix: newPrefix(), ...limits }
	const [one, two] = await Promise.all([startProcess(url, options), startProcess(url, options)])
	return {
		one,
		two,
		prefix: options.prefix,
		async stop() {
			const keys = (await one.redis.send('KEYS', one.redis.name('*')).catch(() => [])) as string[]
			if (keys.length > 0) await one.redis.send('DEL', ...keys)
			await Promise.all([one.stop(), two.stop()])
		},
	}
}
