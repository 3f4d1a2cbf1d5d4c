import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Viewer } from '../auth/auth.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { AppError, type Language, publicError, StoredError } from '../errors.ts'
import type { Bus } from '../events/bus.ts'
import type { EventLog } from '../events/event-log.ts'
import type { ChatModel as ChatRow, RunModel } from '../generated/prisma/models.ts'
import type { Logger } from '../log.ts'
import type { ChatMode, ChatModel, Loan } from '../models/model.ts'
import type { Retrieval } from '../retrieval/retrieval.ts'
import { type Access, type Granted, visibleRuns, visibleThreads, visibleWorkspaces } from '../workspaces/access.ts'
import { answer } from './answer.ts'
import { cancelRun, hearCancelled } from './cancelling.ts'
import type { RunEvent, RunEventBody } from './events.ts'
import { createFollow } from './follow.ts'
import { createLeases } from './leases.ts'
import type { Turn } from './prompt.ts'
import { createRunRows, type Ending } from './runs.ts'
import { newThreadId } from './threads.ts'

export interface ChatInput {
	message: string
	mode?: ChatMode | null | undefined
	/** Null or absent starts a thread. */
	threadId?: string | null | undefined
	/** The same one from the same caller follows the run that it started, and starts none. */
	requestId?: string | null | undefined
}

/** What a query of GraphQL wants loaded with a run. */
type RunSelection = Pick<Prisma.RunFindFirstArgs, 'include' | 'select'>

interface Dependencies {
	prisma: PrismaClient
	pool: pg.Pool
	access: Access
	retrieval: Retrieval
	/** The model that is to answer, for one run. */
	models: { lend(): Promise<Loan> }
	events: EventLog<RunEventBody>
	bus: Bus
	log: Logger
	runTimeoutMs: number
}

/**
 * The least score of a source where the workspace says none. Measured (docs/benchmarks.md): at 0.34 at least 97% of the questions that the documents
 * answer are kept, and 78 to 90% of those whose article is missing refused. A chat may say more than its sources, so weaker ones may help it.
 */
export const THRESHOLDS: Record<ChatMode, number> = { query: 0.34, chat: 0.25 }
const MAX_SOURCES = 5
/** Earlier exchanges read for a prompt; its budget decides how many go in. */
const MAX_HISTORY = 20
const TITLE_LENGTH = 60
/** How long the end of a run waits for a database that is away, and how often it tries. */
const [STORING_MS, STORING_RETRY_MS] = [60_000, 1_000]
/** How long a cancelled run has to end before the answer. */
const CANCELLED_MS = 5_000

/** Somebody wants no more of a run. */
const CANCELLED = new Error('cancelled')

export type Chat = ReturnType<typeof createChat>

/** Chats are runs: they belong to this process, not to the connection that asked. */
export function createChat({ prisma, pool, access, retrieval, models, events, bus, log, runTimeoutMs }: Dependencies) {
	const rows = createRunRows(pool)
	const running = new Map<string, { controller: AbortController; ended: Promise<void> }>()
	const leases = createLeases({ rows, events, mine: () => running.keys(), log })
	const follow = createFollow({ prisma, events })
	const hearNoMore = hearCancelled(bus, (runId) => running.get(runId)?.controller.abort(CANCELLED))
	let isStopping = false

	/** The run of a requestId, or a new one. */
	async function begin(viewer: Viewer, slug: string, input: ChatInput, language: Language): Promise<string> {
		const workspace = await access.require(viewer, slug, 'view')
		if (isStopping) throw new AppError('unavailable', { part: 'server' })
		const known = await findByRequestId(viewer, workspace, input)
		if (known) return known.id
		const history = input.threadId ? await readHistory(viewer, workspace, input.threadId) : []
		const { model, release } = await models.lend()
		try {
			const { id, ended } = await start({ viewer, workspace, input, history, language, model })
			void ended.finally(release)
			return id
		} catch (error) {
			release()
			throw error
		}
	}

	interface Start {
		viewer: Viewer
		workspace: Granted
		input: ChatInput
		history: Turn[]
		language: Language
		model: ChatModel
	}

	/** @returns the run that was begun, or that another request began at the same moment, whose end is not waited for. */
	async function start({ viewer, workspace, input, history, language, model }: Start): Promise<{ id: string; ended: Promise<void> }> {
		const { message, requestId = null } = input
		const run = {
			id: newRunId(),
			workspaceId: workspace.id,
			userId: viewer.id,
			threadId: input.threadId ?? newThreadId(),
			newThread: input.threadId ? null : titleOf(message),
			requestId,
			mode: input.mode ?? workspace.mode,
			message,
			provider: model.provider,
			model: model.model,
		}
		await events.append(run.id, { type: 'started', runId: run.id, threadId: run.threadId })
		const chatId = await rows.insert(run).catch(async (error: unknown) => {
			await events.finish(run.id)
			throw error
		})
		if (chatId === null) {
			await events.finish(run.id)
			const winner = await findByRequestId(viewer, workspace, input)
			if (!winner) throw new AppError('runBusy')
			return { id: winner.id, ended: Promise.resolve() }
		}
		const controller = new AbortController()
		const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(runTimeoutMs)])
		const ended = execute({ ...run, workspace, chatId, history, language, model }, signal).finally(() => running.delete(run.id))
		running.set(run.id, { controller, ended })
		return { id: run.id, ended }
	}

	async function findByRequestId(viewer: Viewer, workspace: Granted, input: ChatInput): Promise<RunModel | null> {
		const { requestId, message, mode, threadId } = input
		if (!requestId) return null
		const found = await prisma.run.findUnique({ where: { userId_requestId: { userId: viewer.id, requestId } } })
		if (!found) return null
		const isSame = found.workspaceId === workspace.id && found.message === message
		if (!isSame || (mode && mode !== found.mode) || (threadId && threadId !== found.threadId)) throw new AppError('requestIdReused')
		return found
	}

	/** The thread's exchanges, oldest first. @throws AppError NOT_FOUND for another's thread, unless the viewer manages the workspace. */
	async function readHistory(viewer: Viewer, workspace: Granted, threadId: string): Promise<Turn[]> {
		await requireThread(viewer, workspace, threadId)
		const chats = await prisma.chat.findMany({
			where: { threadId },
			select: { message: true, response: true },
			orderBy: { id: 'desc' },
			take: MAX_HISTORY,
		})
		return chats.reverse()
	}

	async function requireThread(viewer: Viewer, { id: workspaceId, isManaged }: Granted, threadId: string): Promise<void> {
		const count = await prisma.thread.count({ where: { id: threadId, workspaceId, ...(!isManaged && { userId: viewer.id }) } })
		if (count === 0) throw new AppError('noSuchThread')
	}

	async function findRun(viewer: Viewer, id: string, query: RunSelection, slug?: string): Promise<RunModel> {
		const workspace = { ...visibleWorkspaces(viewer), ...(slug !== undefined && { slug }) }
		const found = await prisma.run.findFirst({ ...query, where: { AND: [{ id, workspace }, visibleRuns(viewer)] } })
		if (!found) throw new AppError('noSuchRun')
		return found
	}

	/** How a run ends: for its followers, and for its row. */
	interface End extends Omit<Ending, 'events'> {
		event: RunEventBody
	}

	interface Execution {
		id: string
		threadId: string
		workspace: Granted
		chatId: number
		mode: ChatMode
		message: string
		history: Turn[]
		language: Language
		model: ChatModel
	}

	/** Runs to its one terminal event, whatever happens; never rejects. */
	async function execute({ id, threadId, chatId, language, model, ...question }: Execution, signal: AbortSignal): Promise<void> {
		const told: RunEvent[] = [{ sequence: 1, type: 'started', runId: id, threadId }]
		let partial = ''
		const emit = async (event: RunEventBody) => {
			if (event.type === 'delta') partial += event.text
			told.push({ sequence: await events.append(id, event), ...event })
		}
		try {
			const end = await conclude().catch(failure)
			await emit((await store(end)).event)
		} catch (error) {
			log.warn({ err: error, runId: id }, 'the end of a run could not be told')
		} finally {
			await events.finish(id).catch((error: unknown) => log.warn({ err: error, runId: id }, 'a run is not finished in the log'))
		}

		async function conclude(): Promise<End> {
			signal.throwIfAborted()
			const { threshold, topN } = question.workspace
			const means = {
				search: retrieval.search,
				model,
				threshold: threshold ?? THRESHOLDS[question.mode],
				maxSources: topN ?? MAX_SOURCES,
			}
			const { response, sources, citations, usage } = await answer(question, means, emit, signal)
			const createdAt = new Date()
			const { mode, message } = question
			const chat = { id: chatId, threadId, runId: id, mode, message, response, sources, createdAt: createdAt.toISOString() }
			const row = { id: chatId, response, sources, citations, createdAt }
			return { status: 'completed', event: { type: 'completed', chat, usage, citations }, usage, chat: row }
		}

		function failure(cause: unknown): End {
			if (signal.reason === CANCELLED) return { status: 'cancelled', event: { type: 'cancelled', partial }, usage: null, chat: null }
			const error = publicError(signal.aborted ? (signal.reason instanceof AppError ? signal.reason : new AppError('runTimedOut')) : cause)
			if (error.code === 'INTERNAL') log.error({ err: cause, runId: id }, 'a run failed')
			return { status: 'failed', event: { type: 'failed', code: error.code, error: error.in(language), partial }, usage: null, chat: null }
		}

		/** Before it is told. @returns how the run ended indeed. */
		async function store(end: End): Promise<End> {
			const { event, ...ending } = end
			try {
				await patiently(() => rows.end(id, { ...ending, events: [...told, { sequence: told.length + 1, ...event }] }))
				return end
			} catch (error) {
				if (end.status === 'completed' && !isUnavailable(error)) return store(failure(error))
				log.warn({ err: error, runId: id }, 'the end of a run could not be stored')
				return isUnavailable(error) ? failure(error) : end
			}
		}
	}

	/** Again while the database is away, for {@link STORING_MS}: an answer that was made is not lost to its restart. */
	async function patiently(work: () => Promise<void>): Promise<void> {
		const startedAt = performance.now()
		for (;;) {
			try {
				return await work()
			} catch (error) {
				if (!isUnavailable(error) || isStopping || performance.now() - startedAt > STORING_MS) throw error
				await delay(STORING_RETRY_MS)
			}
		}
	}

	return {
		/**
		 * Starts a run, or finds the one of the same requestId, and follows it from its first event to its last. Leaving changes nothing.
		 * @throws AppError NOT_FOUND (workspace, thread), UNPROCESSABLE, before anything is streamed.
		 */
		async stream(
			viewer: Viewer,
			slug: string,
			input: ChatInput,
			language: Language,
			signal: AbortSignal,
		): Promise<AsyncIterable<RunEvent>> {
			return follow(await begin(viewer, slug, input, language), 0, signal)
		},

		/** The same run, awaited. @throws AppError also when the run failed. */
		async send(viewer: Viewer, slug: string, input: ChatInput, language: Language, signal: AbortSignal) {
			const runId = await begin(viewer, slug, input, language)
			for await (const event of follow(runId, 0, signal)) {
				if (event.type === 'completed') return { runId, ...event }
				if (event.type === 'failed') throw new StoredError(event.code, event.error)
				if (event.type === 'cancelled') throw new AppError('runCancelled')
			}
			throw new AppError('interrupted')
		},

		/** @throws AppError NOT_FOUND, of another's run too, unless the viewer manages its workspace. */
		run: (viewer: Viewer, id: string, query: RunSelection, slug?: string): Promise<RunModel> => findRun(viewer, id, query, slug),

		/** The events of a run behind a sequence to its last, live or ended. @throws AppError NOT_FOUND before anything is streamed. */
		async events(viewer: Viewer, id: string, after: number, signal: AbortSignal, slug?: string): Promise<AsyncIterable<RunEvent>> {
			await findRun(viewer, id, { select: { id: true } }, slug)
			return follow(id, after, signal)
		},

		/** Stops a run, whichever process has it; one that has ended stays as it is. @returns its id, when it has ended. @throws AppError NOT_FOUND. */
		async cancel(viewer: Viewer, id: string, signal: AbortSignal, slug?: string): Promise<{ id: string }> {
			const { endedAt } = await findRun(viewer, id, { select: { id: true, endedAt: true } }, slug)
			if (endedAt) return { id }
			await cancelRun(bus, id)
			for await (const _event of follow(id, 0, AbortSignal.any([signal, AbortSignal.timeout(CANCELLED_MS)])));
			return { id }
		},

		/** The newest `limit` chats that the viewer may see, of a thread or of all, oldest first. @throws AppError NOT_FOUND. */
		async history(
			viewer: Viewer,
			slug: string,
			{ threadId, limit }: { threadId?: string | null | undefined; limit: number },
		): Promise<ChatRow[]> {
			const workspace = await access.require(viewer, slug, 'view')
			if (threadId) await requireThread(viewer, workspace, threadId)
			const where: Prisma.ChatWhereInput = { workspaceId: workspace.id, ...(threadId ? { threadId } : { thread: visibleThreads(viewer) }) }
			const newest = await prisma.chat.findMany({ where, orderBy: { id: 'desc' }, take: limit })
			return newest.reverse()
		},

		/** Begins to look after runs: this process's own, and those of dead ones. */
		start: leases.start,

		/** Lets running answers end for so long, then fails them with what they have. */
		async stop(timeoutMs: number): Promise<void> {
			isStopping = true
			const timer = setTimeout(() => {
				for (const { controller } of running.values()) controller.abort(new AppError('interrupted'))
			}, timeoutMs)
			await Promise.all([...running.values()].map(({ ended }) => ended))
			clearTimeout(timer)
			hearNoMore()
			await leases.stop()
		},
	}
}

const isUnavailable = (error: unknown): boolean => publicError(error).code === 'UNAVAILABLE'

/** `run-k3f9…`: 80 random bits. */
const newRunId = (): string => `run-${randomBytes(10).toString('hex')}`

function titleOf(message: string): string {
	const line = message.trim().replace(/\s+/g, ' ')
	return line.length <= TITLE_LENGTH
		? line
		: `${line
				.slice(0, TITLE_LENGTH - 1)
				.toWellFormed()
				.replace(/\uFFFD$/, '')}…`
}
