import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { retried } from '../database/errors.ts'
import type { Embedders } from '../embedding/embedders.ts'
import { AppError, Unavailable } from '../errors.ts'
import type { Topics } from '../events/topics.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'
import type { Job } from '../jobs/jobs.ts'
import type { Logger } from '../log.ts'
import type { ChunkIndex, Generation, IndexedChunk } from '../retrieval/chunk-index.ts'
import { type Generations, Superseded } from '../retrieval/generations.ts'
import type { Storage } from '../storage/storage.ts'
import { type ChunkRow, type Claimed, createChunkRows } from './chunk-rows.ts'
import { chunkBatches } from './chunker.ts'
import type { ChunkOptions } from './chunking.ts'
import type { EncodedText } from './encoded-text.ts'
import { changeOf, type DocumentEvent, documentTopic, isEnded } from './events.ts'
import type { Parser } from './parsing/parser.ts'
import type { Format } from './parsing/types.ts'
import type { Removal } from './queues.ts'
import { movedTo, processingTime, UNDER_WAY } from './stages.ts'
import { createTextRows } from './text-rows.ts'
import type { Versions } from './versions.ts'

interface Dependencies {
	prisma: PrismaClient
	pool: pg.Pool
	storage: Storage
	parser: Parser
	embedders: Pick<Embedders, 'current'>
	index: ChunkIndex
	generations: Pick<Generations, 'ensure' | 'find' | 'hold'>
	topics: Topics<DocumentEvent>
	versions: Pick<Versions, 'swap' | 'removeChunks'>
	watcher: Watcher
	log: Logger
}

/** Hears how the work goes. */
export interface Watcher {
	/** One try of a stage. `again`: an error came that may pass; `left`: the document went away or the server stops. */
	stage(stage: DocumentModel['status'], outcome: 'done' | 'failed' | 'again' | 'left', seconds: number): void
	/** `seconds`: from the upload to the end, of one that was processed. */
	documentEnded(outcome: 'processed' | 'failed', bytes: number, seconds?: number): void
}

/** Errors that may pass, and starts that did not end, in one stage: then the document has failed. A service that is away does not count. */
const MAX_ATTEMPTS = 30
const CHUNK_BATCH = 500
const EMBED_BATCH = 32
const INDEX_BATCH = 200
/** After so long a document gives way to those that wait; it goes on from its last batch. */
const TURN_MS = 10_000

/** The document went away while it was worked on, or another attempt has taken it over. */
class Gone extends Error {}

/** The time that a document has before others have theirs. */
interface Turn {
	signal: AbortSignal
	isOver(): boolean
	/** The text, once it was read in this turn: then no chunk of it is stored yet. */
	parsed?: EncodedText | undefined
}

type Tx = Prisma.TransactionClient
type Changes = Prisma.DocumentUpdateManyMutationInput

/**
 * Takes documents from `uploaded` to `processed` or `failed`. Each stage starts from what is stored and may be done again, so a crash
 * repeats a batch at most; the row says where a document stands.
 */
export function createProcessing({
	prisma,
	pool,
	storage,
	parser,
	embedders,
	index,
	generations,
	topics,
	versions,
	watcher,
	log,
}: Dependencies) {
	const rows = createChunkRows(pool)
	const texts = createTextRows(pool)
	const running = new Map<number, AbortController>()

	/** Changes the row, with what else belongs to the change, and tells who listens. @throws Gone */
	async function advance(document: Claimed, data: Changes, also?: (tx: Tx) => Promise<unknown>): Promise<DocumentModel> {
		if (!also) return announce(await change(prisma, document, data))
		const changed = await prisma.$transaction(async (tx) => {
			const changed = await change(tx, document, data)
			if (changed) await also(tx)
			return changed
		})
		return announce(changed)
	}

	async function change(db: Tx, { id, claim }: Claimed, data: Changes): Promise<DocumentModel | undefined> {
		return (await db.document.updateManyAndReturn({ where: { id, claim, status: UNDER_WAY }, data }))[0]
	}

	/** To the next stage, and to its first attempt. @throws Gone */
	function enter(document: DocumentModel, status: DocumentModel['status'], data: Changes = {}): Promise<DocumentModel> {
		return advance(document, { status, stages: movedTo(document, status), stageDone: 0, stageRate: null, attempts: 1, ...data })
	}

	async function announce(document: DocumentModel | null | undefined): Promise<DocumentModel> {
		if (!document) throw new Gone()
		await topics.publish(documentTopic(document.workspaceId), changeOf(document))
		return document
	}

	async function parse(document: DocumentModel, turn: Turn): Promise<DocumentModel> {
		const { signal } = turn
		const { id, claim, storageKey, format } = document
		const parsed = await storage.asFile(storageKey, signal, (path) =>
			parser.parse({ path, format: format as Format, group: String(document.workspaceId) }, signal),
		)
		await texts.write({ id, claim }, parsed)
		turn.parsed = parsed
		return enter(document, 'chunking', { stageTotal: 0 })
	}

	async function makeChunks(document: DocumentModel, turn: Turn): Promise<DocumentModel> {
		const { signal } = turn
		const { id, workspaceId, claim } = document
		const [text, options] = await Promise.all([turn.parsed ?? readText(id), readSizes(workspaceId)])
		if (turn.parsed === undefined) await rows.clear({ id, claim }) // of a try before this one, with other sizes perhaps
		turn.parsed = undefined
		let count = 0
		for await (const batch of chunkBatches({ text, options, size: CHUNK_BATCH }, signal)) {
			signal.throwIfAborted()
			await rows.insert({ id, claim }, workspaceId, batch)
			count += batch.length
		}
		if (count === 0) throw new AppError('parseNoText')
		return enter(document, 'embedding', { stageTotal: count, chunkCount: count })
	}

	async function readSizes(id: number): Promise<ChunkOptions> {
		const workspace = await prisma.workspace.findUnique({ where: { id }, select: { chunkTokens: true, chunkOverlap: true } })
		if (!workspace) throw new Gone()
		return { maxTokens: workspace.chunkTokens, overlapTokens: workspace.chunkOverlap }
	}

	async function readText(documentId: number): Promise<EncodedText> {
		const stored = await texts.read(documentId)
		if (!stored) throw new Gone()
		return stored
	}

	async function embed(document: DocumentModel, turn: Turn): Promise<DocumentModel> {
		const { signal } = turn
		const embedder = await embedders.current(true)
		const { id, chunkCount, stageDone, attempts } = document
		let { dimensions } = embedder
		if (stageDone === 0 && attempts > 1) await rows.clearVectors(id) // of a try before this one, with another embedder perhaps
		const rate = ratePerSecond()
		for (let done = stageDone; done < chunkCount; ) {
			if (turn.isOver()) return document
			const batch = await rows.read(id, done, EMBED_BATCH)
			if (batch.length === 0) throw new Gone()
			const readable = batch.filter(({ text }) => embedder.reads(text))
			if (readable.length > 0) {
				const vectors = await embedder.embed(
					readable.map(({ text }) => text),
					'passage',
					signal,
				)
				await rows.keepVectors(
					readable.map(({ id }) => id),
					vectors,
				)
				dimensions ??= vectors[0]?.length ?? null
			}
			const generation = dimensions === null ? await generations.find(embedder) : await generations.ensure(embedder, dimensions)
			if (generation) requireSame(document, generation)
			done += batch.length
			const made = generation && { generationId: generation.id }
			await advance(document, { stageDone: done, stageRate: rate(done - stageDone), attempts: 0, ...made })
		}
		return enter(document, 'indexing')
	}

	async function makeSearchable(document: DocumentModel, turn: Turn): Promise<DocumentModel> {
		const { id, workspaceId, chunkCount, stageDone, replacesId } = document
		const rate = ratePerSecond()
		const embedder = await embedders.current(true)
		for (let done = stageDone; ; ) {
			turn.signal.throwIfAborted()
			if (turn.isOver()) return document
			const batch = await rows.read(id, done, INDEX_BATCH)
			if (batch.length === 0) throw new Gone()
			const generation = await generations.find(embedder)
			if (!generation && document.generationId === null) throw new Error('no chunk has a vector')
			if (generation?.id !== document.generationId || !generation) throw new Superseded('the vectors are those of another generation')
			await index.upsert(
				generation.id,
				batch.map((row) => indexed(row, replacesId ?? id, workspaceId, generation)),
			)
			done += batch.length
			try {
				if (done >= chunkCount) return await finish(document)
				await advance(document, { stageDone: done, stageRate: rate(done - stageDone), attempts: 0 })
			} catch (error) {
				if (error instanceof Gone) await takeBack(batch.map(({ id }) => id))
				throw error
			}
		}
	}

	async function finish(document: DocumentModel): Promise<DocumentModel> {
		const { id, chunkCount, replacesId, generationId } = document
		const processedAt = new Date()
		const stages = movedTo(document, 'processed', processedAt)
		const data = { status: 'processed', stages, stageDone: chunkCount, stageRate: null, attempts: 0, processedAt } as const
		const end = async (tx: Tx) => {
			if (generationId !== null) await generations.hold(tx, generationId)
			if (replacesId !== null) return versions.swap(tx, document, data)
			const changed = await change(tx, document, data)
			if (changed) await tx.chunkVector.deleteMany({ where: { chunk: { documentId: id } } })
			return changed
		}
		const ended = await announce(await retried(() => prisma.$transaction(end)))
		watcher.documentEnded('processed', document.size, (processingTime({ ...document, ...data }) ?? 0) / 1_000)
		return ended
	}

	/** With the embedder that serves now, where another one did when the document's vectors were made. */
	function startOver(document: DocumentModel, error: unknown): Promise<DocumentModel> {
		if (!(error instanceof Superseded)) throw error
		const stages = document.status === 'embedding' ? {} : { stages: movedTo(document, 'embedding') }
		const data = { status: 'embedding', ...stages, stageDone: 0, stageRate: null, attempts: 1, generationId: null } as const
		return advance(document, data, (tx) => tx.chunkVector.deleteMany({ where: { chunk: { documentId: document.id } } }))
	}

	/** Out of the index, what was put there after it was gone. */
	async function takeBack(chunkIds: number[]): Promise<void> {
		const kept = new Set((await prisma.chunk.findMany({ where: { id: { in: chunkIds } }, select: { id: true } })).map(({ id }) => id))
		await index.removeChunks(chunkIds.filter((id) => !kept.has(id)))
	}

	/** One stage. @returns the row, which is at the next one then, unless the turn is over. */
	async function step(document: DocumentModel, turn: Turn): Promise<DocumentModel> {
		switch (document.status) {
			case 'uploaded':
				return enter(document, 'parsing')
			case 'parsing':
				return parse(document, turn)
			case 'chunking':
				return makeChunks(document, turn)
			case 'embedding':
				return embed(document, turn).catch((error: unknown) => startOver(document, error))
			case 'indexing':
				return makeSearchable(document, turn).catch((error: unknown) => startOver(document, error))
			case 'processed':
			case 'failed':
				return document
			default:
				return document.status satisfies never
		}
	}

	async function fail({ id, claim }: Claimed, error: AppError): Promise<void> {
		const document = await prisma.document.findUnique({ where: { id } })
		if (!document) throw new Gone()
		const errorProblem = { problem: error.problem, params: error.params as object[] }
		const stages = movedTo(document, 'failed')
		const data = { status: 'failed', stages, stageRate: null, errorCode: error.code, errorProblem, chunkCount: 0 } as const
		await advance({ id, claim }, data, (tx) => versions.removeChunks(tx, id))
		watcher.documentEnded('failed', document.size)
	}

	/** Works until the document ends, goes away, its turn is over, or an error comes that may pass. */
	async function run(claimed: Claimed, turn: Turn): Promise<'more' | undefined> {
		const { signal } = turn
		signal.throwIfAborted()
		const [begun] = await prisma.document.updateManyAndReturn({
			where: { id: claimed.id, status: UNDER_WAY },
			data: { claim: claimed.claim, attempts: { increment: 1 } },
		})
		if (!begun) return void ((await isGone(claimed.id)) && (await index.removeDocument(claimed.id))) // what a try before this one could not
		if (begun.attempts > MAX_ATTEMPTS) return void (await fail(claimed, new AppError('processingFailed')))
		let document = begun
		while (!isEnded(document)) {
			signal.throwIfAborted()
			if (turn.isOver()) return 'more'
			try {
				document = await watched(document, turn)
			} catch (error) {
				if (error instanceof Unavailable) await forgive(document)
				throw error
			}
		}
		return
	}

	/** Takes the attempt back that has begun, unless there was progress since. */
	async function forgive({ id, claim, attempts }: DocumentModel): Promise<void> {
		await prisma.document.updateMany({ where: { id, claim, attempts }, data: { attempts: attempts - 1 } })
	}

	async function watched(document: DocumentModel, turn: Turn): Promise<DocumentModel> {
		const begin = performance.now()
		const tell = (outcome: Parameters<Watcher['stage']>[1]) => watcher.stage(document.status, outcome, (performance.now() - begin) / 1_000)
		try {
			const next = await step(document, turn)
			tell('done')
			return next
		} catch (error) {
			const isLeft = turn.signal.aborted || error instanceof Gone
			tell(isLeft ? 'left' : isFinal(error) ? 'failed' : 'again')
			throw error
		}
	}

	return {
		/** Work of the queue `process-document`. An error hands the job back for later. */
		async process({ documentId }: { documentId: number }, stopping: AbortSignal): Promise<'more' | undefined> {
			const cancelled = new AbortController()
			const claimed = { id: documentId, claim: randomUUID() }
			running.set(documentId, cancelled)
			try {
				const end = performance.now() + TURN_MS
				return await run(claimed, { signal: AbortSignal.any([stopping, cancelled.signal]), isOver: () => performance.now() > end })
			} catch (error) {
				if (stopping.aborted) throw error
				if (await isGone(documentId)) return void (await index.removeDocument(documentId))
				if (error instanceof Gone) return // another attempt has it
				if (isFinal(error)) return void (await fail(claimed, error))
				if (!(error instanceof Unavailable)) log.warn({ err: error, documentId }, 'processing is tried again') // the part has told
				throw error
			} finally {
				running.delete(documentId)
			}
		},

		/** Work of the queue `remove-document`. */
		async removeDocument({ documentId, chunkIds, storageKey }: Removal): Promise<void> {
			if (documentId !== undefined) running.get(documentId)?.abort(new Gone())
			if (chunkIds) await index.removeChunks(chunkIds)
			else if (documentId !== undefined) await index.removeDocument(documentId)
			if (storageKey !== undefined) await storage.remove(storageKey)
		},

		/** Work of the queue `remove-workspace`. */
		async removeWorkspace({ workspaceId }: { workspaceId: number }): Promise<void> {
			await index.removeWorkspace(workspaceId)
			await storage.removeFolder(String(workspaceId))
		},

		/** Jobs for the documents that have not ended, oldest first. */
		async unfinished(): Promise<Job[]> {
			const found = await prisma.document.findMany({
				where: { status: UNDER_WAY },
				select: { id: true, workspaceId: true },
				orderBy: { id: 'asc' },
			})
			return found.map(({ id, workspaceId }) => ({ data: { documentId: id }, group: String(workspaceId) }))
		},
	}

	/** Whatever the error says: is there no such document any more? */
	async function isGone(id: number): Promise<boolean> {
		return (await prisma.document.count({ where: { id } })) === 0
	}
}

/** What trying again will not change. */
const isFinal = (error: unknown): error is AppError => error instanceof AppError && error.code !== 'UNAVAILABLE'

/** @throws AppError for a vector that is none of the generation's. */
function indexed(
	{ id, text, vector }: ChunkRow,
	documentId: number,
	workspaceId: number,
	{ embedder, dimensions }: Generation,
): IndexedChunk {
	if (vector && vector.length !== dimensions)
		throw new AppError('otherDimensions', { provider: embedder, expected: dimensions ?? 0, got: vector.length })
	return { chunkId: id, documentId, workspaceId, text, vector }
}

/** @throws Superseded when vectors that are there already are another generation's. */
function requireSame({ stageDone, generationId }: DocumentModel, { id }: Generation): void {
	if (stageDone > 0 && generationId !== id) throw new Superseded(`the vectors are those of generation ${generationId}`)
}

/** How many a second were done since now. */
function ratePerSecond(): (done: number) => number {
	const begin = performance.now()
	return (done) => done / Math.max(0.001, (performance.now() - begin) / 1_000)
}
