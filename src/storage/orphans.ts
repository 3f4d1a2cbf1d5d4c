import type { PrismaClient } from '../database/database.ts'
import type { Storage } from './storage.ts'

/** Files looked up in one query. */
const BATCH = 500

interface Options {
	storage: Storage
	prisma: PrismaClient
	/** Younger files are left alone: their upload may be under way. Milliseconds since 1970. */
	before: number
	/** Hears the keys of what was removed. */
	removed(keys: string[]): void
	signal: AbortSignal
}

/** Removes files whose row was never written, as the process died in between. */
export async function removeOrphans({ storage, prisma, before, removed, signal }: Options): Promise<void> {
	for await (const keys of storage.keysBefore(before, BATCH)) {
		signal.throwIfAborted()
		const known = await prisma.document.findMany({ where: { storageKey: { in: keys } }, select: { storageKey: true } })
		const kept = new Set(known.map(({ storageKey }) => storageKey))
		const orphans = keys.filter((key) => !kept.has(key))
		for (const key of orphans) await storage.remove(key)
		if (orphans.length > 0) removed(orphans)
	}
}
