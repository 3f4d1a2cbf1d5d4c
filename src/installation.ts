import { randomBytes } from 'node:crypto'
import type { PrismaClient } from './database/database.ts'

/** What names this installation on servers that others use too (Milvus, Redis): letters and digits, made at the first start. */
export async function installationKey(prisma: PrismaClient): Promise<string> {
	const made = randomBytes(6).toString('hex')
	const rows = await prisma.$queryRaw<{ key: string }[]>`
		INSERT INTO "Installation" (id, key) VALUES (1, ${made}) ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING key`
	return rows[0]?.key ?? made
}
