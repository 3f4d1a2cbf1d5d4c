import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { type HeldChunk, LISTED_CHUNKS } from '../../src/retrieval/chunk-index.ts'
import type { CrashPlace } from './crash-places.ts'

/** A chunk of a processed document. */
export interface StoredChunk {
	id: number
	documentId: number
	ordinal: number
	text: string
}

export interface Inventory {
	/** Whatever should not be there, by name; all zero. */
	leftovers: Record<string, number>
	chunks: StoredChunk[]
	/** Jobs that are not done. */
	jobs: { name: string; state: string; data: unknown }[]
	/** Keys of the rows, sorted. */
	storageKeys: string[]
	/** Keys of the files, sorted. */
	files: string[]
}

/** Each finds rows that nothing should have left. */
const LEFTOVERS: Record<string, string> = {
	'vectors that wait': 'SELECT FROM "ChunkVector"',
	'documents that have not ended': `SELECT FROM "Document" WHERE status NOT IN ('processed', 'failed')`,
	'chunks of documents that are not processed': `SELECT FROM "Chunk" c JOIN "Document" d ON d.id = "documentId" WHERE status <> 'processed'`,
	'processed documents without a text': `SELECT FROM "Document" WHERE status = 'processed' AND NOT EXISTS (SELECT FROM "DocumentText" WHERE "documentId" = id)`,
	'documents whose chunks are not all there': `SELECT FROM "Document" d WHERE "chunkCount" <> (SELECT count(*) FROM "Chunk" WHERE "documentId" = d.id)
		OR status = 'processed' AND "chunkCount" - 1 IS DISTINCT FROM (SELECT max(ordinal) FROM "Chunk" WHERE "documentId" = d.id)`,
}
/** Where the index is in the database; it has one generation here, the first. */
const EMBEDDED_LEFTOVERS: Record<string, string> = {
	'English chunks without a vector': `SELECT FROM chunk_index.g1 JOIN "Chunk" ON id = chunk_id WHERE text LIKE '%station%' AND vector IS NULL`,
}

/** Looks into the database, the index and the files of servers that have ended. */
export const takeInventory = ({ directory, environment, look }: CrashPlace): Promise<Inventory> =>
	look(async ({ prisma, pool }, index, problems) => {
		const rows = async <Row extends object>(sql: string) => (await pool.query<Row>(sql)).rows
		const leftovers: Record<string, number> = {}
		for (const [name, sql] of Object.entries({ ...LEFTOVERS, ...(!environment['DATABASE_URL'] && EMBEDDED_LEFTOVERS) }))
			leftovers[name] = (await pool.query(sql)).rowCount ?? 0

		const chunks = await rows<StoredChunk>('SELECT id, "documentId", ordinal, text FROM "Chunk" ORDER BY "documentId", ordinal')
		const generation = await prisma.generation.findFirstOrThrow({ where: { status: 'active' } })
		const last = Math.max(0, ...chunks.map(({ id }) => id))
		const held: HeldChunk[] = []
		for (let from = 0; from <= last; from += LISTED_CHUNKS) held.push(...(await index.list(generation.id, from, from + LISTED_CHUNKS)))
		held.push(...(await index.list(generation.id, Math.ceil((last + 1) / LISTED_CHUNKS) * LISTED_CHUNKS, 2 ** 31)))
		const stored = new Set(chunks.map(({ id, documentId }) => `${id} of ${documentId}`))
		const indexed = new Set(held.map(({ chunkId, documentId }) => `${chunkId} of ${documentId}`))
		leftovers['entries of the index without a chunk'] = indexed.difference(stored).size
		leftovers['chunks without an entry in the index'] = stored.difference(indexed).size

		const texts = await rows<{ chunk: string; text: string; start: number; end: number }>(
			'SELECT c.text AS chunk, t.text, start, "end" FROM "Chunk" c JOIN "DocumentText" t USING ("documentId")',
		)
		leftovers['chunks that are not what stands at their offsets'] = texts.filter(
			({ chunk, text, start, end }) => text.slice(start, end) !== chunk,
		).length
		leftovers['problems of the database'] = problems.length
		const keys = await rows<{ storageKey: string }>('SELECT "storageKey" FROM "Document"')
		return {
			leftovers,
			chunks,
			jobs: await rows(`SELECT name, state, data FROM pgboss.job WHERE state < 'completed' AND name <> 'reconcile'`),
			storageKeys: keys.map(({ storageKey }) => storageKey).toSorted(),
			files: await filesBelow(path.join(directory, 'files')),
		}
	})

async function filesBelow(folder: string): Promise<string[]> {
	const names = await readdir(folder, { recursive: true })
	const isFile = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).isFile()))
	return names.filter((_name, index) => isFile[index]).toSorted()
}
