import { type Config, ConfigError } from './config.ts'
import { type Database, openDatabase } from './database/database.ts'
import { lockDirectory } from './database/lock.ts'
import { RefusedError } from './database/postgres.ts'
import { type Bus, createMemoryBus } from './events/bus.ts'
import { openRedis, type Redis, RedisRefused } from './events/redis.ts'
import { createRedisBus } from './events/redis-bus.ts'
import { installationKey } from './installation.ts'
import type { Logger } from './log.ts'
import { hasTextSearch } from './retrieval/embedded-index.ts'
import { createMilvusIndex, type MilvusIndex } from './retrieval/milvus/milvus-index.ts'
import { openStorage } from './storage/open.ts'
import { RefusedError as RefusedStorage, type Storage, TakenError } from './storage/storage.ts'

/** What the product stands on: embedded in this process, or services that processes share. */
export interface Engines {
	/** Nobody else has this database, so what is unfinished in it was left by a dead process. */
	isAlone: boolean
	database: Database
	storage: Storage
	redis: Redis | null
	bus: Bus
	/** Null: the index is in the database. */
	milvus: MilvusIndex | null
	/** Lets go of everything, the data directory last. */
	close(): Promise<void>
}

interface Options {
	/** False: nothing is flushed to the disk. */
	durable: boolean
	/** Begins the names of what is kept in Milvus and Redis; without it, made of the installation's key. */
	prefix: string | undefined
	log: Logger
}

/**
 * Opens what the configuration names. What was opened before a failure is closed again.
 * @throws LockedError when another process has the data directory, ConfigError when a service refuses what the configuration says of it.
 */
export async function openEngines(config: Config, { durable, prefix: given, log }: Options): Promise<Engines> {
	const report = (problem: string) => log.warn(problem)
	const isAlone = config.databaseUrl === undefined
	const opened = new AsyncDisposableStack()
	try {
		if (isAlone) opened.defer(lockDirectory(config.dataDirectory))
		const [database, storage] = await Promise.all([
			openDatabase({ url: config.databaseUrl, directory: config.dataDirectory, durable, report: (problem) => log.error(problem) }),
			openStorage({ directory: config.dataDirectory, s3: config.storage, report }),
		])
		opened.defer(database.close)
		opened.defer(storage.close)
		const installation = await installationKey(database.prisma)
		await storage.claim(installation)
		const prefix = given ?? `anythingllm_${installation}_`
		const milvus = config.milvus ? createMilvusIndex({ ...config.milvus, prefix, report }) : null
		if (!milvus && !(await hasTextSearch(database.pool))) throw new ConfigError(NO_INDEX)
		const redis = config.redisUrl === undefined ? null : await openRedis({ url: config.redisUrl, prefix, report })
		if (redis) opened.defer(redis.close)
		const told = { report: (error: unknown) => log.error({ err: error }, 'bus') }
		const bus = redis ? createRedisBus({ redis, ...told }) : createMemoryBus(told)
		opened.defer(bus.stop)
		return { isAlone, database, storage, redis, bus, milvus, close: () => opened.disposeAsync() }
	} catch (error) {
		await opened.disposeAsync()
		throw blamed(error)
	}
}

const NO_INDEX =
	'DATABASE_URL: this PostgreSQL lacks the extension pg_textsearch, which the search needs; install it, or give a MILVUS_ADDRESS.'

/** A refusal, with the variable that is to blame. */
function blamed(error: unknown): unknown {
	if (error instanceof RefusedError) return new ConfigError(`DATABASE_URL: ${error.message}`)
	if (error instanceof RedisRefused) return new ConfigError(`REDIS_URL: ${error.message}`)
	if (error instanceof RefusedStorage) return new ConfigError(`STORAGE_URL: ${error.message}`)
	if (error instanceof TakenError)
		return new ConfigError(`${error.message}; give each database a place of its own (DATA_DIR, STORAGE_URL).`)
	return error
}
