import { randomBytes } from 'node:crypto'
import type { PrismaClient } from './database/database.ts'

/** What names this installation on servers that others use too (Milvus, Redis): letters and digits, made at the first start. */
export async function installationKey(prisma: PrismaClient): Promise<string> {
	const known = await prisma.installation.findFirst()
	return (known ?? (await prisma.installation.create({ data: { key: randomBytes(6).toString('hex') } }))).key
}
