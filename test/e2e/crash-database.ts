import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { openDatabase } from '../../src/database/database.ts'
import { lockDirectory } from '../../src/database/lock.ts'

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

/** Each finds rows that nothing should have left. The index has one generation here, the first. */
const LEFTOVERS: Record<string, string> = {
	'index rows without a chunk': `SELECT FROM chunk_index.g1 WHERE NOT EXISTS (SELECT FROM "Chunk" WHERE id = chunk_id)`,
	'chunks without an index row': `SELECT FROM "Chunk" WHERE NOT EXISTS (SELECT FROM chunk_index.g1 WHERE chunk_id = id)`,
	'English chunks without a vector': `SELECT FROM chunk_index.g1 JOIN "Chunk" ON id = chunk_id WHERE text LIKE '%station%' AND vector IS NULL`,
	'vectors that wait': 'SELECT FROM "ChunkVector"',
	'chunks of documents that are not processed': `SELECT FROM "Chunk" c JOIN "Document" d ON d.id = "documentId" WHERE status <> 'processed'`,
	'processed documents without a text': `SELECT FROM "Document" WHERE status = 'processed' AND NOT EXISTS (SELECT FROM "DocumentText" WHERE "documentId" = id)`,
	'documents whose chunks are not all there': `SELECT FROM "Document" d WHERE "chunkCount" <> (SELECT count(*) FROM "Chunk" WHERE "documentId" = d.id)
		OR status = 'processed' AND "chunkCount" - 1 IS DISTINCT FROM (SELECT max(ordinal) FROM "Chunk" WHERE "documentId" = d.id)`,
}

/** Looks into the database and the files of a server that has stopped. */
export async function takeInventory(directory: string): Promise<Inventory> {
	const unlock = lockDirectory(directory)
	const problems: string[] = []
	const database = await openDatabase({ url: undefined, directory, durable: true, report: (problem) => void problems.push(problem) })
	try {
		const leftovers: Record<string, number> = {}
		for (const [name, sql] of Object.entries(LEFTOVERS)) leftovers[name] = (await database.pool.query(sql)).rowCount ?? 0
		const { rows: chunks } = await database.pool.query<StoredChunk>(
			'SELECT id, "documentId", ordinal, text FROM "Chunk" ORDER BY "documentId", ordinal',
		)
		const { rows: misplaced } = await database.pool.query<{ chunk: string; text: string; start: number; end: number }>(
			'SELECT c.text AS chunk, t.text, start, "end" FROM "Chunk" c JOIN "DocumentText" t USING ("documentId")',
		)
		leftovers['chunks that are not what stands at their offsets'] = misplaced.filter(
			({ chunk, text, start, end }) => text.slice(start, end) !== chunk,
		).length
		const { rows: jobs } = await database.pool.query<Inventory['jobs'][number]>(
			`SELECT name, state, data FROM pgboss.job WHERE state < 'completed'`,
		)
		const { rows: keys } = await database.pool.query<{ storageKey: string }>('SELECT "storageKey" FROM "Document"')
		return {
			leftovers: {
				...leftovers,
				'problems of the database': problems.length,
				'files in the making': (await readdir(path.join(directory, 'tmp'))).length,
			},
			chunks,
			jobs,
			storageKeys: keys.map(({ storageKey }) => storageKey).toSorted(),
			files: await filesBelow(path.join(directory, 'files')),
		}
	} finally {
		await database.close()
		unlock()
	}
}

async function filesBelow(folder: string): Promise<string[]> {
	const names = await readdir(folder, { recursive: true })
	const isFile = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).isFile()))
	return names.filter((_name, index) => isFile[index]).toSorted()
}
