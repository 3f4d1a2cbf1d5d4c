import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '../../errors.ts'
import { type ChunkIndex, type Generation, type GenerationId, type Hit, type IndexQuery, LISTED_CHUNKS } from '../chunk-index.ts'
import { queryLexemes } from '../lexemes.ts'
import { loadCollection, openCollection } from './collection.ts'
import { type ConnectionOptions, connect, withStatus } from './connection.ts'
import { isMissing, isNotLoaded, UnusableServer } from './failures.ts'
import { type FoundRow, hitsOf, rowOf } from './rows.ts'
import { createSettling } from './settling.ts'

export interface MilvusIndexOptions extends ConnectionOptions {
	/** Of the names of collections, letters, digits and underscores: what shares a server has a prefix each. */
	prefix?: string
	/** How long calls may take; shorter in tests. */
	limits?: Partial<Limits>
}

interface Limits {
	searchMs: number
	writeMs: number
	removeMs: number
	/** To make a collection, or to load one. */
	openMs: number
	/** What a start waits for a server that does not answer. */
	startMs: number
}

export interface MilvusIndex extends ChunkIndex {
	/** Rejects when the server does not answer, or has no usable collections. */
	ping(): Promise<void>
	/** Calls back whenever the server answers again after it did not. */
	onRecovery(listener: () => void): void
	/** Calls back whenever a collection had to be made, one before the call included: what the database has for it, if anything, is not in it. */
	onEmpty(listener: () => void): void
}

const LIMITS: Limits = { searchMs: 10_000, writeMs: 30_000, removeMs: 60_000, openMs: 60_000, startMs: 5_000 }
const PING_MS = 2_000
/** A message holds 64 MB, and the longest lexemes of so many chunks 13. */
const UPSERT_ROWS = 200
/** Of a filter that names each. */
const REMOVE_ROWS = 1_000

/**
 * The chunk index in Milvus: a collection a generation, a partition key of workspaces, BM25 over our own lexemes, exact search among vectors.
 * A server that is away makes every call fail with `unavailable`, and is used again as soon as it answers.
 */
export function createMilvusIndex({ prefix = 'anythingllm_', limits, ...options }: MilvusIndexOptions): MilvusIndex {
	const { searchMs, writeMs, removeMs, openMs, startMs } = { ...LIMITS, ...limits }
	const connection = connect(options)
	const { call, limited } = connection
	const settling = createSettling(connection, options.report)
	const generations = new Map<GenerationId, Generation>()
	const opened = new Map<GenerationId, Promise<void>>()
	/** The one that was last asked for: another process may have dropped the others. */
	let used: GenerationId | undefined
	const emptied: (() => void)[] = []
	let isEmpty = false
	let refusal: string | undefined
	const isOurs = new RegExp(`^${prefix}g\\d+$`)
	const nameOf = (generation: GenerationId): string => `${prefix}g${generation}`

	/** Makes and loads the collection where that was not done yet. */
	function open(id: GenerationId): Promise<void> {
		const known = opened.get(id)
		if (known) return known
		const generation = generations.get(id)
		if (!generation) throw new RangeError(`no generation ${id} in the index`)
		const opening = limited(openMs, openCollection(connection, nameOf(id), generation.dimensions, openMs)).then((isNew) => {
			if (!isNew) return
			isEmpty = true
			for (const listener of emptied) listener()
		})
		opened.set(id, opening)
		opening.catch(() => opened.get(id) === opening && opened.delete(id))
		return opening
	}

	/** Does something with a loaded collection; once more, when a restarted server has it no longer loaded, or lost it. */
	function using<Result>(id: GenerationId, limitMs: number, work: (name: string) => Promise<Result>): Promise<Result> {
		used = id
		return limited(limitMs, whenOpen(id, work))
	}

	async function whenOpen<Result>(id: GenerationId, work: (name: string) => Promise<Result>): Promise<Result> {
		const name = nameOf(id)
		try {
			await open(id)
			return await loaded(name, work)
		} catch (error) {
			if (error instanceof UnusableServer) throw unusable(error)
			if (!isMissing(error)) throw error
			options.report(`Milvus has lost ${name}: it is made anew, and what was in it is not found until it is filled again`)
			opened.delete(id)
			await open(id)
			return work(name)
		}
	}

	async function loaded<Result>(name: string, work: (name: string) => Promise<Result>): Promise<Result> {
		try {
			return await work(name)
		} catch (error) {
			if (!isNotLoaded(error)) throw error
			await loadCollection(connection, name, openMs)
			return work(name)
		}
	}

	function unusable(error: UnusableServer): Unavailable {
		if (refusal !== error.message) options.report(error.message)
		refusal = error.message
		return new Unavailable('milvus', error)
	}

	async function find(
		id: GenerationId,
		about: { anns_field: string; metric_type: string; data: string | number[] },
		where: string,
		limit: number,
	) {
		const found = await using(id, searchMs, (name) =>
			call(searchMs, (client, timeout) =>
				client.search({ collection_name: name, ...about, filter: where, limit, output_fields: ['chunk_id', 'document_id'], timeout }),
			),
		)
		return found.results as FoundRow[]
	}

	async function findWords(id: GenerationId, { text, limit, ...where }: IndexQuery): Promise<Hit[]> {
		const data = queryLexemes(where.workspaceIds, text)
		if (data === '') return []
		const about = { anns_field: 'sparse', metric_type: 'BM25', data }
		return hitsOf(await find(id, about, within(where), limit), Math.abs)
	}

	async function findNear(id: GenerationId, { vector, limit, ...where }: IndexQuery): Promise<Hit[]> {
		const made = await vector
		if (!made || generations.get(id)?.dimensions === null) return []
		const about = { anns_field: 'dense', metric_type: 'COSINE', data: Array.from(made) }
		return hitsOf(await find(id, about, `${within(where)} and has_vector == true`, limit), (cosine) => cosine)
	}

	/** From every generation, those of other processes and of the past included. */
	async function remove(where: string): Promise<void> {
		const listed = await call(removeMs, (client, timeout) => client.listCollections({ timeout }))
		for (const { name } of listed.data.filter(({ name }) => isOurs.test(name))) {
			try {
				await loaded(name, () =>
					call(removeMs, (client, timeout) =>
						client.deleteEntities({ collection_name: name, expr: where, consistency_level: 'Strong', timeout }),
					),
				)
			} catch (error) {
				if (!isMissing(error)) throw error // dropped meanwhile
			}
		}
	}

	return {
		onRecovery: connection.onRecovery,
		onEmpty(listener) {
			emptied.push(listener)
			if (isEmpty) listener()
		},

		async create(generation) {
			generations.set(generation.id, generation)
			used = generation.id
			const late = sleep(startMs, 'late', { ref: false })
			try {
				await Promise.race([open(generation.id), late])
			} catch (error) {
				if (!(error instanceof Unavailable)) throw error // the connection has reported it; who needs the collection opens it
			}
		},

		async drop(generation) {
			generations.delete(generation)
			opened.delete(generation)
			try {
				await call(writeMs, (client, timeout) => client.dropCollection({ collection_name: nameOf(generation), timeout }))
			} catch (error) {
				if (!isMissing(error)) throw error
			}
		},

		async upsert(generation, chunks) {
			const dimensions = generations.get(generation)?.dimensions ?? null
			const distinct = [...new Map(chunks.map((chunk) => [chunk.chunkId, chunk])).values()]
			for (let from = 0; from < distinct.length; from += UPSERT_ROWS) {
				const page = distinct.slice(from, from + UPSERT_ROWS)
				const rows = () => page.map((chunk) => rowOf(chunk, dimensions)) // not before the server is known to be there
				await using(generation, writeMs, (name) =>
					call(writeMs, (client, timeout) => client.upsert({ collection_name: name, data: rows(), timeout })),
				)
				settling.wrote(nameOf(generation), page.length)
			}
		},

		async list(generation, from, to) {
			const filter = `chunk_id >= ${asId(from)} and chunk_id < ${asId(to)}`
			const { data } = await using(generation, searchMs, (name) =>
				call(searchMs, (client, timeout) =>
					client.query({ collection_name: name, filter, limit: LISTED_CHUNKS, output_fields: ['chunk_id', 'document_id'], timeout }),
				),
			)
			return data.map((row) => ({ chunkId: Number(row['chunk_id']), documentId: Number(row['document_id']) }))
		},

		async removeChunks(chunkIds) {
			for (let from = 0; from < chunkIds.length; from += REMOVE_ROWS)
				await remove(isIn('chunk_id', chunkIds.slice(from, from + REMOVE_ROWS)))
		},

		removeDocument: (documentId) => remove(equals('document_id', documentId)),

		removeWorkspace: (workspaceId) => remove(equals('workspace_id', workspaceId)),

		async search(generation, query) {
			if (query.workspaceIds.length === 0 || query.documentIds?.length === 0) return { lexical: [], dense: [] }
			const [lexical, dense] = await Promise.all([findWords(generation, query), findNear(generation, query)])
			return { lexical, dense }
		},

		async ping() {
			const { isHealthy, reasons } = await call(PING_MS, (client) => withStatus(client.checkHealth()))
			if (!isHealthy) throw new Error(`Milvus is not well: ${reasons.join(', ')}`)
			if (used !== undefined && generations.has(used)) await open(used)
		},

		async close() {
			await Promise.all([settling.stop(), connection.close()])
		},
	}
}

/** A filter: numbers alone get into one. */
const equals = (field: string, id: number): string => `${field} == ${asId(id)}`

const isIn = (field: string, ids: readonly number[]): string => `${field} in [${ids.map(asId)}]`

function within({ workspaceIds, documentIds }: Pick<IndexQuery, 'workspaceIds' | 'documentIds'>): string {
	const workspaces = workspaceIds.length === 1 ? equals('workspace_id', workspaceIds[0] ?? 0) : isIn('workspace_id', workspaceIds)
	return documentIds ? `${workspaces} and ${isIn('document_id', documentIds)}` : workspaces
}

function asId(id: number): number {
	if (!Number.isSafeInteger(id)) throw new RangeError(`${id} is no id`)
	return id
}
