import type { PrismaClient } from '../database/database.ts'

/** How many bytes the documents have that are kept: what they take where nobody can measure it. */
export async function bytesOf(prisma: PrismaClient): Promise<number> {
	const [sum] = await prisma.$queryRaw<{ bytes: number }[]>`SELECT coalesce(sum(size), 0)::float8 AS bytes FROM "Document"`
	return sum?.bytes ?? 0
}
