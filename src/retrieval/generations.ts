import type { Prisma, PrismaClient } from '../database/database.ts'
import type { Embedder } from '../embedding/embedder.ts'
import { AppError, Unavailable } from '../errors.ts'
import { TERMS_VERSION } from '../text/terms.ts'
import type { ChunkIndex, Generation, GenerationId } from './chunk-index.ts'

interface Dependencies {
	prisma: PrismaClient
	index: ChunkIndex
}

type Tx = Prisma.TransactionClient
type Named = Pick<Embedder, 'id' | 'dimensions'>

export type Generations = ReturnType<typeof createGenerations>

/** The index is served by another generation than the one that was worked for. */
export class Superseded extends Error {}

const SERVING = { status: { in: ['active', 'closing'] } }
const FACTS = { id: true, embedder: true, dimensions: true } as const

/**
 * The states of the index, each with the vectors of one embedder and the words of one way to make terms. One of them serves; another may be in
 * the making (see `reindexing/`), or retired and about to be dropped.
 */
export function createGenerations({ prisma, index }: Dependencies) {
	const opened = new Map<GenerationId, Promise<void>>()
	/** Embedders are objects that change with the settings. */
	let serving = new WeakMap<Named, Promise<Generation | null>>()

	/** Made in the index, once in this process; a failure is no answer. */
	async function open(generation: Generation): Promise<Generation> {
		let opening = opened.get(generation.id)
		if (!opening) {
			opening = index.create(generation)
			opened.set(generation.id, opening)
			opening.catch(() => opened.delete(generation.id))
		}
		await opening
		return generation
	}

	function remembered(embedder: Named, found: Promise<Generation | null>): Promise<Generation | null> {
		const kept = found.then(
			(generation) => {
				if (!generation) serving.delete(embedder)
				return generation
			},
			(error: unknown) => {
				serving.delete(embedder)
				throw error
			},
		)
		serving.set(embedder, kept)
		return kept
	}

	/** The one that serves; null where none does, or one with words of an earlier version in which nothing is: another is made in its place. */
	async function latest(): Promise<Generation | null> {
		const found = await prisma.generation.findFirst({ where: SERVING, orderBy: { id: 'desc' }, select: { ...FACTS, terms: true } })
		if (!found) return null
		const { terms, ...generation } = found
		return terms === TERMS_VERSION || (await hasVectors()) ? generation : null
	}

	async function find(embedder: Named): Promise<Generation | null> {
		const found = await latest()
		if (found) return found.embedder === embedder.id ? open(found) : null
		return embedder.dimensions === null ? null : first(embedder, embedder.dimensions)
	}

	/** The one that serves, made where none does or nothing is in it. @throws Superseded, AppError otherDimensions. */
	async function first(embedder: Named, dimensions: number): Promise<Generation> {
		const before = await latest()
		if (before?.embedder === embedder.id && before.dimensions === dimensions) return open(before)
		if (before && (await hasVectors())) {
			if (before.embedder !== embedder.id) throw new Superseded(`${before.embedder} serves, not ${embedder.id}`)
			throw new AppError('otherDimensions', { provider: embedder.id, expected: before.dimensions ?? 0, got: dimensions })
		}
		const of = { embedder: embedder.id, dimensions, terms: TERMS_VERSION }
		const made = await prisma.$transaction(async (tx) => {
			await tx.generation.updateMany({ where: SERVING, data: { status: 'retired', retiredAt: new Date() } })
			await tx.generation.updateMany({ where: { ...of, status: { not: 'dropping' } }, data: { status: 'active' } })
			const there = await tx.generation.findUnique({ where: { embedder_dimensions_terms: of } })
			if (there?.status === 'dropping') throw new Unavailable('index', new Error('an index of the same kind is being removed'))
			return there ?? tx.generation.create({ data: { ...of, status: 'active' }, select: FACTS })
		})
		return open({ id: made.id, embedder: made.embedder, dimensions: made.dimensions })
	}

	/** Whether there are vectors: a document has some once its first batch is embedded. */
	const hasVectors = async () =>
		(await prisma.document.count({
			where: { OR: [{ status: { in: ['indexing', 'processed'] } }, { status: 'embedding', stageDone: { gt: 0 } }] },
		})) > 0

	return {
		/**
		 * The one that serves, for vectors of so many numbers by this embedder.
		 * @throws Superseded when another embedder's does, AppError otherDimensions when its vectors are of another length.
		 */
		async ensure(embedder: Named, dimensions: number): Promise<Generation> {
			const known = await serving.get(embedder)
			if (known?.dimensions === dimensions) return known
			const generation = await first(embedder, dimensions)
			void remembered(embedder, Promise.resolve(generation))
			return generation
		},

		/** The one that serves with this embedder; null while nothing was ever indexed with it. */
		find: (embedder: Named): Promise<Generation | null> => serving.get(embedder) ?? remembered(embedder, find(embedder)),

		/** The embedder that the documents are indexed with, and whether their words are those of today; null where there are none. */
		async inUse(): Promise<{ embedder: string; isCurrent: boolean } | null> {
			const active = await prisma.generation.findFirst({ where: SERVING, orderBy: { id: 'desc' } })
			return active && (await hasVectors()) ? { embedder: active.embedder, isCurrent: active.terms === TERMS_VERSION } : null
		},

		/** One to fill while another serves: as it was left, where it was begun before. @throws Unavailable while such a one is being removed. */
		async prepare(embedder: string, dimensions: number): Promise<Generation> {
			const of = { embedder, dimensions, terms: TERMS_VERSION }
			await prisma.generation.upsert({ where: { embedder_dimensions_terms: of }, create: { ...of, status: 'building' }, update: {} })
			await prisma.generation.updateMany({ where: { ...of, status: 'retired' }, data: { status: 'building' } })
			const found = await prisma.generation.findFirst({ where: { ...of, status: 'building' }, select: FACTS })
			if (!found) throw new Unavailable('index', new Error('an index of the same kind is being removed'))
			opened.delete(found.id) // another process may have dropped it
			return open(found)
		},

		/**
		 * Holds the generation until the transaction ends: no other takes its place meanwhile.
		 * @throws Superseded when it does not serve, Unavailable while another one is about to.
		 */
		async hold(tx: Tx, id: GenerationId): Promise<void> {
			const [row] = await tx.$queryRaw<{ status: string }[]>`SELECT status FROM "Generation" WHERE id = ${id} FOR SHARE`
			if (row?.status === 'closing') throw new Unavailable('index', new Error('another generation takes over'))
			if (row?.status === 'active') return
			serving = new WeakMap()
			throw new Superseded(`generation ${id} does not serve`)
		},

		/** No document is added to the one that serves, from now on (`isClosed`), or again. */
		async close(db: Tx, isClosed: boolean): Promise<void> {
			const [from, to] = isClosed ? ['active', 'closing'] : ['closing', 'active']
			await db.generation.updateMany({ where: { status: from }, data: { status: to } })
		},

		/** It serves from now on. @returns those that did. @throws Unavailable when documents may have been added since it was closed. */
		async replace(tx: Tx, id: GenerationId): Promise<GenerationId[]> {
			const data = { status: 'retired', retiredAt: new Date() }
			if ((await tx.generation.count({ where: { status: 'active' } })) > 0)
				throw new Unavailable('index', new Error('documents came meanwhile'))
			const before = await tx.generation.updateManyAndReturn({ where: SERVING, data, select: { id: true } })
			await tx.generation.update({ where: { id }, data: { status: 'active' } })
			return before.map(({ id }) => id)
		},

		/** Nobody fills it any more. */
		async abandon(tx: Tx, id: GenerationId): Promise<void> {
			await tx.generation.updateMany({ where: { id, status: 'building' }, data: { status: 'retired', retiredAt: new Date() } })
		},

		/** Those that nobody asks for. */
		async retired(): Promise<GenerationId[]> {
			const rows = await prisma.generation.findMany({ where: { status: { in: ['retired', 'dropping'] } }, select: { id: true } })
			return rows.map(({ id }) => id)
		},

		/** Out of the index, unless it is used again, or was until less than so many seconds ago. */
		async drop(id: GenerationId, seconds: number): Promise<void> {
			const before = new Date(Date.now() - seconds * 1_000)
			const isOld = { OR: [{ retiredAt: null }, { retiredAt: { lte: before } }] }
			await prisma.generation.updateMany({ where: { id, status: 'retired', ...isOld }, data: { status: 'dropping' } })
			if ((await prisma.generation.count({ where: { id, status: 'dropping' } })) === 0) return
			opened.delete(id)
			await index.drop(id)
			await prisma.generation.deleteMany({ where: { id, status: 'dropping' } })
		},
	}
}
