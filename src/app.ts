import path from 'node:path'
import { createAuth } from './auth/auth.ts'
import { createTokens, loadOrMakeSecret } from './auth/tokens.ts'
import { createChat } from './chat/chat.ts'
import type { RunEventBody } from './chat/events.ts'
import { type Config, ConfigError } from './config.ts'
import { openDatabase } from './database/database.ts'
import { lockDirectory } from './database/lock.ts'
import { RefusedError } from './database/postgres.ts'
import { createDocuments, PROCESS_DOCUMENT, REMOVE_DOCUMENT } from './documents/documents.ts'
import { documentEvents } from './documents/events.ts'
import { createParser } from './documents/parsing/parser.ts'
import { createProcessing } from './documents/processing.ts'
import type { Embedder } from './embedding/embedder.ts'
import { createLocalEmbedder } from './embedding/local/local.ts'
import { createMemoryBus } from './events/bus.ts'
import { createMemoryEventLog } from './events/event-log.ts'
import { openRedis, RedisRefused } from './events/redis.ts'
import { createRedisBus } from './events/redis-bus.ts'
import { createRedisEventLog } from './events/redis-event-log.ts'
import { createTopics } from './events/topics.ts'
import { makeFirstThings } from './first-start.ts'
import { installationKey } from './installation.ts'
import { queueDepths } from './jobs/depths.ts'
import { startJobs } from './jobs/jobs.ts'
import { createLog, type Logger } from './log.ts'
import { measuredEmbedder, measuredIndex, measuredModel } from './metrics/measured.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createCatalogue } from './models/catalogue.ts'
import { createModel, LLM_PROVIDERS, modelOf } from './models/index.ts'
import { createModels } from './models/lending.ts'
import type { ChatModel } from './models/model.ts'
import { tryModel } from './models/trial.ts'
import { createEmbeddedIndex, hasTextSearch } from './retrieval/embedded-index.ts'
import { ensureGeneration } from './retrieval/generations.ts'
import { UnusableServer } from './retrieval/milvus/failures.ts'
import { createMilvusIndex } from './retrieval/milvus/milvus-index.ts'
import { createRetrieval } from './retrieval/retrieval.ts'
import { createSearch } from './search/search.ts'
import { createWorkerEdge } from './server/worker.ts'
import { createSeal } from './settings/seal.ts'
import { createSettings } from './settings/settings.ts'
import { removeOrphans } from './storage/orphans.ts'
import { openStorage, TakenError } from './storage/storage.ts'
import { createStorageMeter } from './system/storage-use.ts'
import { createSystem } from './system/system.ts'
import { createUsers } from './users/users.ts'
import { version } from './version.ts'
import { createAccess } from './workspaces/access.ts'
import { createMembers } from './workspaces/members.ts'
import { createWorkspaces, REMOVE_WORKSPACE } from './workspaces/workspaces.ts'

/** What a test or a benchmark puts in place of a part. */
export interface Overrides {
	model?: ChatModel
	embedder?: Embedder
	log?: Logger
	/** The clock of limits. */
	now?: () => number
	/** False: nothing is flushed to the disk. */
	durable?: boolean
	/** Of what it makes in services that it shares with others: letters, digits, underscores. */
	prefix?: string
}

/** What a stopping server gives running requests and answers. */
const GRACE_MS = 10_000
const WORKERS = 2
const SWEEP_FILES = 'sweep-files'
const QUEUES = [PROCESS_DOCUMENT, REMOVE_DOCUMENT, REMOVE_WORKSPACE, SWEEP_FILES]
const EVERY_NIGHT = '17 3 * * *'
/** No upload takes so long: what is older and belongs to nothing was left by a dead process. */
const ABANDONED_MS = 24 * 3_600_000

export type App = Awaited<ReturnType<typeof createApp>>

/** What a worker does without: GraphQL and REST. */
async function importApi() {
	const [{ createEdge }, { schema }, { createLimits }] = await Promise.all([
		import('./server/server.ts'),
		import('../schema/index.ts'),
		import('./limits/limits.ts'),
	])
	type Options = Omit<Parameters<typeof createEdge>[0], 'schema' | 'limits'> & { limits: Parameters<typeof createLimits>[0] }
	return ({ limits, ...options }: Options) => createEdge({ ...options, schema, limits: createLimits(limits) })
}

/**
 * Puts the parts together: the only place where they meet. The data directory is this process's alone until `stop`.
 * @throws LockedError when another process has it.
 */
export async function createApp(config: Config, overrides: Overrides = {}) {
	const log = overrides.log ?? createLog(config.log)
	const api = config.role === 'worker' ? null : importApi() // while the database is opened
	api?.catch(() => undefined) // awaited below
	/** Nobody else has this database, so what is unfinished in it was left by a dead process. */
	const isAlone = config.databaseUrl === undefined
	const unlock = isAlone ? lockDirectory(config.dataDirectory) : () => undefined
	const [database, storage, secret, settingsKey] = await Promise.all([
		openDatabase({
			url: config.databaseUrl,
			directory: config.dataDirectory,
			durable: overrides.durable ?? true,
			report: (problem) => log.error(problem),
		}).catch((error: unknown) => {
			throw error instanceof RefusedError ? new ConfigError(`DATABASE_URL: ${error.message}`) : error
		}),
		openStorage(config.dataDirectory),
		config.jwtSecret ?? loadOrMakeSecret(config.dataDirectory, 'jwt.key'),
		config.settingsKey ?? loadOrMakeSecret(config.dataDirectory, 'settings.key'),
	])
	const { prisma, pool } = database
	const installation = await installationKey(prisma)
	await storage.claim(installation).catch(async (error: unknown) => {
		await database.close()
		unlock()
		throw error instanceof TakenError ? new ConfigError(`DATA_DIR: ${error.message}; give each database a directory of its own.`) : error
	})
	const prefix = overrides.prefix ?? `anythingllm_${installation}_`
	const report = (problem: string) => log.warn(problem)
	const milvus = config.milvus && createMilvusIndex({ ...config.milvus, prefix, report })
	if (!milvus && !(await hasTextSearch(pool))) {
		await database.close()
		unlock()
		throw new ConfigError(
			'DATABASE_URL: this PostgreSQL lacks the extension pg_textsearch, which the search needs; install it, or give a MILVUS_ADDRESS.',
		)
	}
	const metrics = createMetrics({ version, role: config.role })
	const redis =
		config.redisUrl === undefined
			? null
			: await openRedis({ url: config.redisUrl, prefix, report }).catch((error: unknown) => {
					throw error instanceof RedisRefused ? new ConfigError(`REDIS_URL: ${error.message}`) : error
				})
	const busOptions = { report: (error: unknown) => log.error({ err: error }, 'bus') }
	const bus = redis ? createRedisBus({ redis, ...busOptions }) : createMemoryBus(busOptions)
	const settings = await createSettings({
		prisma,
		bus,
		seal: createSeal(settingsKey),
		first: { llm: config.model, embedding: { provider: 'local', model: undefined, apiKey: undefined, baseUrl: undefined } },
		llmProviders: LLM_PROVIDERS,
		tryModel,
		report,
	})
	const models = createModels({
		config: settings.llm,
		make: async (llm) => measuredModel(overrides.model ?? (await createModel(llm)), metrics),
		report: (error) => log.error({ err: error }, 'a model that was replaced'),
	})
	const topics = createTopics({ bus, ...documentEvents })
	const events = redis ? createRedisEventLog<RunEventBody>({ redis, report }) : createMemoryEventLog<RunEventBody>()
	const parser = createParser({ timeoutMs: config.parseTimeoutMs })
	const localModels = { directory: path.join(config.dataDirectory, 'models'), report: (problem: string) => log.error(problem) }
	const embedder = measuredEmbedder(overrides.embedder ?? createLocalEmbedder(localModels), metrics)
	const index = measuredIndex(milvus ?? createEmbeddedIndex({ pool }), metrics)
	const { jobs, generation, admin } = await database.exclusively(async () => ({
		jobs: await startJobs({ database, queues: QUEUES, report: (error) => log.error({ err: error }, 'background jobs') }),
		generation: await ensureGeneration({ prisma, index, embedder }).catch((error: unknown) => {
			throw error instanceof UnusableServer ? new ConfigError(error.message) : error
		}),
		admin: await makeFirstThings(prisma, config.admin),
	}))
	milvus?.onRecovery(() => jobs.retryNow().catch((error: unknown) => log.error({ err: error }, 'background jobs')))
	const retrieval = createRetrieval({ pool, index, embedder, generation })

	const access = createAccess(prisma)
	const auth = createAuth({ prisma, tokens: createTokens(secret), tokenTtlMs: config.tokenTtlMs, bus })
	const workspaces = createWorkspaces({ prisma, access, jobs })
	const documents = createDocuments({ prisma, access, jobs, storage, topics, maxBytes: config.uploadMaxBytes })
	const processing = createProcessing({ prisma, pool, storage, parser, embedder, index, generation, topics, watcher: metrics, log })
	const chat = createChat({ prisma, pool, access, retrieval, models, events, log, runTimeoutMs: config.runTimeoutMs })
	const search = createSearch({ access, retrieval })
	const users = createUsers({ prisma, auth })
	const members = createMembers({ prisma, access })
	const meter = createStorageMeter(config.dataDirectory)
	const system = createSystem({
		version,
		vectorDB: milvus ? 'milvus' : database.kind,
		async providers() {
			const { llm, embedding } = await settings.providers()
			return { llmProvider: llm.provider, llmModel: modelOf(llm), embeddingProvider: embedding.provider, embeddingModel: embedder.id }
		},
		meter,
	})
	const catalogue = createCatalogue({ config: async () => (await settings.providers()).llm, report })
	const services = { auth, workspaces, documents, chat, search, users, members, settings, system, models: catalogue }
	const limits = { perMinute: config.limits, redis, now: overrides.now, report: (error: unknown) => log.error({ err: error }, 'limits') }
	metrics.reportQueues(queueDepths(pool, QUEUES))
	const checks = { database: database.ping, ...(milvus && { milvus: milvus.ping }), ...(redis && { redis: redis.ping }) }
	const probed = { checks, metrics, metricsToken: config.metricsToken, log }
	const edge = api
		? (await api)({
				...probed,
				services,
				prisma,
				version,
				uploadMaxBytes: config.uploadMaxBytes,
				...config.graphql,
				limits,
				trustProxy: config.trustProxy,
			})
		: createWorkerEdge(probed)

	const stopping = new AbortController()
	const sweep = (before: number) => removeOrphans({ storage, prisma, before, signal: stopping.signal })
	let sweeping: Promise<void> | undefined
	await chat.start({ isAlone })
	if (isAlone) {
		const startedAt = Date.now() - process.uptime() * 1_000
		await Promise.all([
			jobs.replace(PROCESS_DOCUMENT, await processing.unfinished()),
			jobs.takeOver(REMOVE_DOCUMENT),
			jobs.takeOver(REMOVE_WORKSPACE),
			storage.removeTemporariesBefore(startedAt),
		])
		sweeping = sweep(startedAt).catch((error: unknown) => log.error({ err: error }, 'orphaned files'))
	}
	if (config.role !== 'api') {
		await jobs.work(PROCESS_DOCUMENT, WORKERS, processing.process)
		await jobs.work(REMOVE_DOCUMENT, 1, processing.removeDocument)
		await jobs.work(REMOVE_WORKSPACE, 1, processing.removeWorkspace)
		if (!isAlone) {
			await jobs.work(SWEEP_FILES, 1, async () => {
				const before = Date.now() - ABANDONED_MS
				await storage.removeTemporariesBefore(before)
				await sweep(before)
			})
			await jobs.schedule(SWEEP_FILES, EVERY_NIGHT)
		}
	}

	return {
		fetch: edge.fetch,
		services,
		prisma,
		/** The first admin, when this start made one: the password is there when it was made up. */
		admin,
		/** @returns the port that it listens on. */
		start: () => edge.listen(config.server.port, config.server.host),
		/** Ends everything in order; what runs has {@link GRACE_MS}. */
		async stop(): Promise<void> {
			stopping.abort()
			const closed = edge.close(GRACE_MS)
			await chat.stop(GRACE_MS)
			await topics.stop() // so that what is followed has ended when the sockets close
			await edge.closeSockets()
			await closed
			await jobs.stop(2_000)
			await Promise.all([events.stop(), parser.stop(), embedder.stop(), index.close(), models.stop(), meter.stop(), sweeping])
			await bus.stop()
			await redis?.close()
			await database.close()
			unlock()
		},
	}
}
