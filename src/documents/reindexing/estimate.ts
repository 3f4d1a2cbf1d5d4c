import type { PrismaClient } from '../../database/database.ts'

/** What is to be embedded. */
export interface Estimate {
	documents: number
	chunks: number
	/** Four Latin characters each, or one of a script that takes three bytes. */
	tokens: number
}

export async function countChunks(prisma: PrismaClient): Promise<number> {
	return prisma.chunk.count({ where: { document: { status: 'processed' } } })
}

/** Of all processed documents. */
export async function estimate(prisma: PrismaClient): Promise<Estimate> {
	const [found] = await prisma.$queryRaw<{ documents: number; chunks: number; characters: bigint; bytes: bigint }[]>`
		SELECT count(DISTINCT document.id)::int AS documents, count(*)::int AS chunks,
			coalesce(sum(length(chunk.text)), 0)::bigint AS characters, coalesce(sum(octet_length(chunk.text)), 0)::bigint AS bytes
		FROM "Chunk" AS chunk JOIN "Document" AS document ON document.id = "documentId" WHERE status = 'processed'`
	const { documents = 0, chunks = 0, characters = 0n, bytes = 0n } = found ?? {}
	const wide = Number(bytes - characters) / 2
	return { documents, chunks, tokens: Math.ceil(wide + Math.max(0, Number(characters) - wide) / 4) }
}
