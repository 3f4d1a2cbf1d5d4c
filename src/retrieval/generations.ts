import type { PrismaClient } from '../database/database.ts'
import type { Embedder } from '../embedding/embedder.ts'
import type { ChunkIndex, Generation } from './chunk-index.ts'

interface Dependencies {
	prisma: PrismaClient
	index: ChunkIndex
	/** Null: words only. */
	embedder: Pick<Embedder, 'id' | 'dimensions'> | null
}

/** The generation of this embedder, made in the database and in the index where it is not there yet. */
export async function ensureGeneration({ prisma, index, embedder }: Dependencies): Promise<Generation> {
	const { id, embedder: name, dimensions } = await findOrMake(prisma, embedder?.id ?? 'none', embedder?.dimensions ?? null)
	const generation = { id, embedder: name, dimensions }
	await index.create(generation)
	return generation
}

async function findOrMake(prisma: PrismaClient, embedder: string, dimensions: number | null) {
	const find = () => prisma.generation.findFirst({ where: { embedder, dimensions }, orderBy: { id: 'asc' } })
	return (await find()) ?? (await prisma.generation.create({ data: { embedder, dimensions, status: 'active' } }))
}
