import path from 'node:path'
import { createAuth } from './auth/auth.ts'
import { createTokens, loadOrMakeSecret } from './auth/tokens.ts'
import { createChat } from './chat/chat.ts'
import type { RunEventBody } from './chat/events.ts'
import { createThreads } from './chat/threads.ts'
import { type Config, ConfigError } from './config.ts'
import { createGather } from './database/gathering.ts'
import { forRelations } from './database/relations.ts'
import { bytesOf } from './documents/bytes.ts'
import { createChunkList } from './documents/chunk-list.ts'
import { createDocuments } from './documents/documents.ts'
import { documentEvents } from './documents/events.ts'
import { createOriginals } from './documents/originals.ts'
import { createParser } from './documents/parsing/parser.ts'
import { createProcessing } from './documents/processing.ts'
import { createFilling } from './documents/reconciling/filling.ts'
import { createReconciler } from './documents/reconciling/reconciler.ts'
import { createBuilding } from './documents/reindexing/building.ts'
import { createReindexing } from './documents/reindexing/reindexing.ts'
import { createVersions } from './documents/versions.ts'
import type { Embedder } from './embedding/embedder.ts'
import { createEmbedders } from './embedding/embedders.ts'
import { createEmbedder, EMBEDDING_PROVIDERS, type EmbeddingConfig, embedderIdOf } from './embedding/index.ts'
import { tryEmbedder } from './embedding/trial.ts'
import { type Engines, openEngines } from './engines.ts'
import { AppError } from './errors.ts'
import { createMemoryEventLog } from './events/event-log.ts'
import { createRedisEventLog } from './events/redis-event-log.ts'
import { createTopics } from './events/topics.ts'
import { makeFirstThings } from './first-start.ts'
import { createIdempotency } from './idempotency/idempotency.ts'
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
import { createReranker, RERANKING_PROVIDERS } from './reranking/index.ts'
import { createReranking } from './reranking/reranking.ts'
import { tryReranker } from './reranking/trial.ts'
import { createEmbeddedIndex } from './retrieval/embedded-index.ts'
import { createGenerations } from './retrieval/generations.ts'
import { UnusableServer } from './retrieval/milvus/failures.ts'
import { createRetrieval, type Serving } from './retrieval/retrieval.ts'
import { createSearch } from './search/search.ts'
import { createWorkerEdge } from './server/worker.ts'
import { createSeal } from './settings/seal.ts'
import { createSettings } from './settings/settings.ts'
import { createStorageMeter } from './system/storage-use.ts'
import { createSystem } from './system/system.ts'
import { createUsers } from './users/users.ts'
import { version } from './version.ts'
import { QUEUES, SINGLE_QUEUES, startWork } from './work.ts'
import { createAccess } from './workspaces/access.ts'
import { createMembers } from './workspaces/members.ts'
import { createWorkspaces } from './workspaces/workspaces.ts'

/** What a test or a benchmark puts in place of a part. */
export interface Overrides {
	model?: ChatModel
	embedder?: Embedder
	log?: Logger
	/** The clock of limits, and of links to files. */
	now?: () => number
	/** False: nothing is flushed to the disk. */
	durable?: boolean
	/** Of what it makes in services that it shares with others: letters, digits, underscores. */
	prefix?: string
}

const otherEmbedder = (inUse: string) =>
	`EMBEDDING_PROVIDER, EMBEDDING_MODEL: the documents are indexed with "${inUse}", and another embedder would not find them. Start with that one, and set the other by PUT /api/system/settings: the index is made anew while it serves.`

/** What a stopping server gives running requests and answers. */
const GRACE_MS = 10_000

/** Nobody waits longer for {@link App.reconcile}. */
const RECONCILE_MS = 60_000

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
	const local = { dataDirectory: config.dataDirectory, report: (problem: string) => log.error(problem) }
	const settings = await createSettings({
		prisma,
		bus,
		reindexing: {
			lock: (tx) => reindexing.lock(tx),
			begin: (tx, embedder, embedding) => reindexing.begin(tx, embedder, embedding),
			end: (tx) => reindexing.end(tx),
		},
		seal: createSeal(settingsKey),
		first: { llm: config.model, embedding: config.embedding, reranking: config.reranking },
		providers: { llm: LLM_PROVIDERS, embedding: EMBEDDING_PROVIDERS, reranking: RERANKING_PROVIDERS },
		embedderIdOf,
		tryModel,
		tryEmbedder: (embedding, language, signal) => tryEmbedder(embedding, local, language, signal),
		tryReranker,
		report,
	})
	const models = createModels({
		config: settings.llm,
		make: async (llm) => measuredModel(overrides.model ?? (await createModel(llm)), metrics),
		report: (error) => log.error({ err: error }, 'a model that was replaced'),
	})
	const topics = createTopics({ bus, ...documentEvents })
	const events = redis ? createRedisEventLog<RunEventBody>({ redis, report }) : createMemoryEventLog<RunEventBody>()
	const parser = createParser({ timeoutMs: config.parseTimeoutMs, parent: path.join(config.dataDirectory, 'parsing') })
	const makeEmbedder = async (embedding: EmbeddingConfig) =>
		measuredEmbedder(overrides.embedder ?? (await createEmbedder(embedding, { ...local, pool })), metrics)
	const embedders = createEmbedders({
		config: settings.embedding,
		make: makeEmbedder,
		report: (error) => log.error({ err: error }, 'an embedder that was replaced'),
	})
	const index = measuredIndex(milvus ?? createEmbeddedIndex({ pool }), metrics)
	const generations = createGenerations({ prisma, index })
	const servingWith = async (embedder: Embedder): Promise<Serving | null> => {
		const generation = await generations.find(embedder)
		return generation && { embedder, generation }
	}
	/** The second time as the database has it: another one may have taken over. */
	const serving = async () => (await servingWith(await embedders.current())) ?? servingWith(await embedders.current(true))
	const { jobs, admin, outdated } = await database.exclusively(async () => {
		const set = async () => overrides.embedder?.id ?? embedderIdOf((await settings.providers()).embedding)
		let inUse = await generations.inUse()
		if (inUse !== null && inUse.embedder !== (await set())) {
			settings.forget() // another one may just have taken over
			inUse = await generations.inUse()
		}
		if (inUse !== null && inUse.embedder !== (await set())) throw new ConfigError(otherEmbedder(inUse.embedder))
		await serving().catch((error: unknown) => {
			if (error instanceof UnusableServer) throw new ConfigError(error.message)
			if (!(error instanceof AppError)) throw error // a key that does not open: the settings say so
		})
		const admin = await makeFirstThings(prisma, config.admin)
		const jobs = await startJobs({
			database,
			queues: QUEUES,
			single: SINGLE_QUEUES,
			report: (error) => log.error({ err: error }, 'background jobs'),
		})
		return { jobs, admin, outdated: inUse?.isCurrent === false ? inUse.embedder : null }
	})
	const reindexing = createReindexing({ prisma, jobs, generations, announce: settings.announce })
	for (const part of [milvus, storage.remote])
		part?.onRecovery(() => jobs.retryNow().catch((error: unknown) => log.error({ err: error }, 'background jobs')))
	const { rerank } = createReranking({ pool, config: settings.reranking, make: createReranker, watch: metrics.reranked, report })
	const retrieval = createRetrieval({ pool, index, serving, rerank })

	const gather = createGather(database.writes)
	const access = createAccess({ prisma, gather })
	const auth = createAuth({ prisma, gather, tokens: createTokens(secret), tokenTtlMs: config.tokenTtlMs, bus })
	const workspaces = createWorkspaces({ prisma, gather, access, jobs })
	const versions = createVersions(jobs)
	const documents = createDocuments({ prisma, access, jobs, versions, storage, topics, maxBytes: config.uploadMaxBytes })
	const originals = createOriginals({ prisma, access, storage, secret, now: overrides.now })
	const chunks = createChunkList({ prisma, access })
	const processing = createProcessing({
		prisma,
		pool,
		storage,
		parser,
		embedders,
		index,
		generations,
		topics,
		versions,
		watcher: metrics,
		log,
	})
	const filling = createFilling({ prisma, pool, embedders, index, generations, log })
	const reconciler = createReconciler({ prisma, pool, storage, jobs, index, serving, watcher: metrics, log })
	const nextEmbedder = async () => makeEmbedder(await settings.nextEmbedding())
	const building = createBuilding({ prisma, pool, jobs, index, generations, settings: { ...settings, nextEmbedder }, log })
	const chat = createChat({ prisma, pool, access, retrieval, models, events, bus, log, runTimeoutMs: config.runTimeoutMs })
	const threads = createThreads({ prisma, access, bus })
	const search = createSearch({ pool, access, retrieval })
	const users = createUsers({ prisma, auth })
	const members = createMembers({ prisma, access })
	const meter = createStorageMeter(config.dataDirectory, storage.remote ? () => bytesOf(prisma) : undefined)
	const system = createSystem({
		version,
		vectorDB: milvus ? 'milvus' : database.kind,
		async providers() {
			const { llm, embedding } = await settings.providers()
			return {
				llmProvider: llm.provider,
				llmModel: modelOf(llm),
				embeddingProvider: embedding.provider,
				embeddingModel: embedderIdOf(embedding),
			}
		},
		meter,
	})
	const catalogue = createCatalogue({ config: async () => (await settings.providers()).llm, report })
	const idempotency = createIdempotency({
		pool,
		secret,
		maxBytes: config.uploadMaxBytes,
		report: (error) => log.warn({ err: error }, 'idempotency'),
	})
	const services = {
		auth,
		workspaces,
		documents,
		originals,
		chunks,
		chat,
		threads,
		search,
		users,
		members,
		settings,
		reindexing,
		system,
		models: catalogue,
		idempotency,
	}
	const limits = { perMinute: config.limits, redis, now: overrides.now, report: (error: unknown) => log.error({ err: error }, 'limits') }
	metrics.reportQueues(queueDepths(pool, QUEUES))
	const checks = {
		database: database.ping,
		...(milvus && { milvus: milvus.ping }),
		...(redis && { redis: redis.ping }),
		...(storage.remote && { storage: storage.remote.ping }),
	}
	const probed = { checks, metrics, metricsToken: config.metricsToken, log }
	const edge = api
		? (await api)({
				...probed,
				services,
				prisma: forRelations(prisma),
				writes: database.writes,
				uploadMaxBytes: config.uploadMaxBytes,
				...config.graphql,
				limits,
				trustProxy: config.trustProxy,
				corsOrigins: config.corsOrigins,
			})
		: createWorkerEdge(probed)

	await Promise.all([chat.start({ isAlone }), idempotency.start({ isAlone })])
	if (outdated !== null) await reindexing.beginAnew(outdated)
	if (config.role !== 'api') await reindexing.dropRetired()
	const work = await startWork({ engines, jobs, processing, filling, building, reconciler, role: config.role, log })

	return {
		fetch: edge.fetch,
		services,
		prisma,
		/** The first admin, when this start made one: the password is there when it was made up. */
		admin,
		/** Checks now what is done nightly: rows, files and the index against each other. */
		reconcile: (before: number) => reconciler.run(before, AbortSignal.timeout(RECONCILE_MS)),
		/** @returns the port that it listens on. */
		start: () => edge.listen(config.server.port, config.server.host),
		/** Ends everything in order; what runs has {@link GRACE_MS}. */
		async stop(): Promise<void> {
			work.stop()
			const closed = edge.close(GRACE_MS)
			await chat.stop(GRACE_MS)
			await topics.stop() // so that what is followed has ended when the sockets close
			await edge.closeSockets()
			await closed
			await jobs.stop(2_000)
			await Promise.all([events.stop(), parser.stop(), embedders.stop(), index.close(), models.stop(), meter.stop(), idempotency.stop()])
			await engines.close()
		},
	}
}
