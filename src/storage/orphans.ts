import type { PrismaClient } from '../database/database.ts'
import type { Storage } from './storage.ts'

/** Files looked up in one query. */
const BATCH = 500

/** Removes files whose row was never written, as the process died in between. Files of this process are left alone. */
export async function removeOrphans({
	storage,
	prisma,
	signal,
}: {
	storage: Storage
	prisma: PrismaClient
	signal: AbortSignal
}): Promise<void> {
	const startedAt = Date.now() - process.uptime() * 1_000
	for await (const keys of storage.keysBefore(startedAt, BATCH)) {
		if (signal.aborted) return
		const known = await prisma.document.findMany({ where: { storageKey: { in: keys } }, select: { storageKey: true } })
		const kept = new Set(known.map(({ storageKey }) => storageKey))
		for (const key of keys) if (!kept.has(key)) await storage.remove(key)
	}
}
