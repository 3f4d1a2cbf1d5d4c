import path from 'node:path'
import { createAuth } from './auth/auth.ts'
import { createTokens, loadOrMakeSecret } from './auth/tokens.ts'
import { createChat } from './chat/chat.ts'
import type { RunEventBody } from './chat/events.ts'
import { type Config, ConfigError } from './config.ts'
import { createDocuments } from './documents/documents.ts'
import { documentEvents } from './documents/events.ts'
import { createParser } from './documents/parsing/parser.ts'
import { createProcessing } from './documents/processing.ts'
import type { Embedder } from './embedding/embedder.ts'
import { createLocalEmbedder } from './embedding/local/local.ts'
import { type Engines, openEngines } from './engines.ts'
import { createMemoryEventLog } from './events/event-log.ts'
import { createRedisEventLog } from './events/redis-event-log.ts'
import { createTopics } from './events/topics.ts'
import { makeFirstThings } from './first-start.ts'
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
import { createEmbeddedIndex } from './retrieval/embedded-index.ts'
import { ensureGeneration } from './retrieval/generations.ts'
import { UnusableServer } from './retrieval/milvus/failures.ts'
import { createRetrieval } from './retrieval/retrieval.ts'
import { createSearch } from './search/search.ts'
import { createWorkerEdge } from './server/worker.ts'
import { createSeal } from './settings/seal.ts'
import { createSettings } from './settings/settings.ts'
import { createStorageMeter } from './system/storage-use.ts'
import { createSystem } from './system/system.ts'
import { createUsers } from './users/users.ts'
import { version } from './version.ts'
import { QUEUES, startWork } from './work.ts'
import { createAccess } from './workspaces/access.ts'
import { createMembers } from './workspaces/members.ts'
import { createWorkspaces } from './workspaces/workspaces.ts'

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

export type App = Awaited<ReturnType<typeof createApp>>

/** What a worker does without: GraphQL and REST. */
async function importApi() {
	const [{ createEdge }, { schema }, { openApi }, { createLimits }] = await Promise.all([
		import('./server/server.ts'),
		import('../schema/index.ts'),
		import('../schema/openapi.ts'),
		import('./limits/limits.ts'),
	])
	type Options = Omit<Parameters<typeof createEdge>[0], 'schema' | 'openApi' | 'limits'> & { limits: Parameters<typeof createLimits>[0] }
	return ({ limits, ...options }: Options) => createEdge({ ...options, schema, openApi: openApi(version), limits: createLimits(limits) })
}

/**
 * Puts the parts together: the only place where they meet. The data directory of an embedded database is this process's alone until `stop`.
 * @throws LockedError when another process has it, ConfigError.
 */
export async function createApp(config: Config, overrides: Overrides = {}) {
	const log = overrides.log ?? createLog(config.log)
	const api = config.role === 'worker' ? null : importApi() // while the database is opened
	api?.catch(() => undefined) // awaited below
	const engines = await openEngines(config, { durable: overrides.durable ?? true, prefix: overrides.prefix, log })
	try {
		return await assemble(config, overrides, engines, api, log)
	} catch (error) {
		await engines.close()
		throw error
	}
}

async function assemble(config: Config, overrides: Overrides, engines: Engines, api: ReturnType<typeof importApi> | null, log: Logger) {
	const { isAlone, database, storage, redis, bus, milvus } = engines
	const { prisma, pool } = database
	const report = (problem: string) => log.warn(problem)
	const [secret, settingsKey] = await Promise.all([
		config.jwtSecret ?? loadOrMakeSecret(config.dataDirectory, 'jwt.key'),
		config.settingsKey ?? loadOrMakeSecret(config.dataDirectory, 'settings.key'),
	])
	const metrics = createMetrics({ version, role: config.role })
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
	const { jobs, generation, admin } = await database.exclusively(async () => {
		const generation = await ensureGeneration({ prisma, index, embedder }).catch((error: unknown) => {
			throw error instanceof UnusableServer ? new ConfigError(error.message) : error
		})
		const admin = await makeFirstThings(prisma, config.admin)
		const jobs = await startJobs({ database, queues: QUEUES, report: (error) => log.error({ err: error }, 'background jobs') })
		return { jobs, generation, admin }
	})
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
				uploadMaxBytes: config.uploadMaxBytes,
				...config.graphql,
				limits,
				trustProxy: config.trustProxy,
				corsOrigins: config.corsOrigins,
			})
		: createWorkerEdge(probed)

	await chat.start({ isAlone })
	const work = await startWork({ engines, jobs, processing, role: config.role, log })

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
			const swept = work.stop()
			const closed = edge.close(GRACE_MS)
			await chat.stop(GRACE_MS)
			await topics.stop() // so that what is followed has ended when the sockets close
			await edge.closeSockets()
			await closed
			await jobs.stop(2_000)
			await Promise.all([events.stop(), parser.stop(), embedder.stop(), index.close(), models.stop(), meter.stop(), swept])
			await engines.close()
		},
	}
}
