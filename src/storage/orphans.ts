import type { PrismaClient } from '../database/database.ts'
import type { Storage } from './storage.ts'

/** Files looked up in one query. */
const BATCH = 500

interface Options {
	storage: Storage
	prisma: PrismaClient
	/** Younger files are left alone: their upload may be under way. Milliseconds since 1970. */
	before: number
	signal: AbortSignal
}

/** Removes files whose row was never written, as the process died in between. */
export async function removeOrphans({ storage, prisma, before, signal }: Options): Promise<void> {
	for await (const keys of storage.keysBefore(before, BATCH)) {
		if (signal.aborted) return
		const known = await prisma.document.findMany({ where: { storageKey: { in: keys } }, select: { storageKey: true } })
		const kept = new Set(known.map(({ storageKey }) => storageKey))
		for (const key of keys) if (!kept.has(key)) await storage.remove(key)
	}
}
