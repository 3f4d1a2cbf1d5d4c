import type { PrismaClient } from '../database/database.ts'
import type { Embedder } from '../embedding/embedder.ts'
import { AppError } from '../errors.ts'
import type { ChunkIndex, Generation } from './chunk-index.ts'

interface Dependencies {
	prisma: PrismaClient
	index: ChunkIndex
}

export type Generations = ReturnType<typeof createGenerations>

/** The states of the index, one an embedder; made in the database and in the index when they are first needed. */
export function createGenerations({ prisma, index }: Dependencies) {
	const opened = new Map<string, Promise<Generation>>()

	/** Once in this process; a failure is no answer. */
	function open(embedder: string, find: () => Promise<Generation>): Promise<Generation> {
		const before = opened.get(embedder)
		if (before) return before
		const opening = created(find())
		opened.set(embedder, opening)
		opening.catch(() => opened.get(embedder) === opening && opened.delete(embedder))
		return opening
	}

	async function created(finding: Promise<Generation>): Promise<Generation> {
		const generation = await finding
		await index.create(generation)
		return generation
	}

	async function findOrMake(embedder: string, dimensions: number): Promise<Generation> {
		const found = await latest(embedder)
		if (found?.dimensions === dimensions) return use(found)
		if (found) await discard(found, dimensions)
		const of = { embedder, dimensions }
		const { id } = await prisma.generation.upsert({ where: { embedder_dimensions: of }, create: { ...of, status: 'idle' }, update: {} })
		return use({ id, ...of })
	}

	/** There is one in use: the documents are in it. */
	async function use({ id, embedder, dimensions }: Generation): Promise<Generation> {
		await prisma.$transaction([
			prisma.generation.updateMany({ where: { id: { not: id }, status: 'active' }, data: { status: 'idle' } }),
			prisma.generation.updateMany({ where: { id, status: { not: 'active' } }, data: { status: 'active' } }),
		])
		return { id, embedder, dimensions }
	}

	const latest = (embedder: string): Promise<Generation | null> =>
		prisma.generation.findFirst({ where: { embedder }, orderBy: { id: 'desc' }, select: { id: true, embedder: true, dimensions: true } })

	/** Whether there are vectors: a document has some once its first batch is embedded. */
	const hasVectors = async () =>
		(await prisma.document.count({
			where: { OR: [{ status: { in: ['indexing', 'processed'] } }, { status: 'embedding', stageDone: { gt: 0 } }] },
		})) > 0

	/** @throws AppError when documents are in it. */
	async function discard({ id, embedder, dimensions }: Generation, got: number): Promise<void> {
		if (await hasVectors()) throw new AppError('otherDimensions', { provider: embedder, expected: dimensions ?? 0, got })
		await index.drop(id)
		await prisma.generation.deleteMany({ where: { id } })
	}

	/** For vectors of so many numbers. @throws AppError when the index has others, of the same embedder. */
	async function ensure(embedder: string, dimensions: number): Promise<Generation> {
		const make = () => findOrMake(embedder, dimensions)
		const generation = await open(embedder, make)
		if (generation.dimensions === dimensions) return generation
		opened.delete(embedder)
		return open(embedder, make)
	}

	return {
		ensure,

		/** The embedder that the documents are indexed with; null where there are none. */
		async inUse(): Promise<string | null> {
			const active = await prisma.generation.findFirst({ where: { status: 'active' }, select: { embedder: true } })
			return active && (await hasVectors()) ? active.embedder : null
		},

		/** Null while nothing was ever indexed with this embedder. */
		async find({ id, dimensions }: Pick<Embedder, 'id' | 'dimensions'>): Promise<Generation | null> {
			if (dimensions !== null) return ensure(id, dimensions)
			const known = opened.get(id)
			if (known) return known
			const found = await latest(id)
			return found && open(id, async () => found)
		},
	}
}
