import { setTimeout as sleep } from 'node:timers/promises'
import type { CheckHealthResponse, ResStatus } from '@zilliz/milvus2-sdk-node'
import { AppError } from '../../errors.ts'
import type { ChunkIndex, Generation, GenerationId, Hit, IndexQuery } from '../chunk-index.ts'
import { queryLexemes } from '../lexemes.ts'
import { loadCollection, openCollection } from './collection.ts'
import { type ConnectionOptions, connect } from './connection.ts'
import { isMissing, isNotLoaded, isUnavailable, UnusableServer } from './failures.ts'
import { type FoundRow, hitsOf, rowOf } from './rows.ts'
import { createSettling } from './settling.ts'

export interface MilvusIndexOptions extends ConnectionOptions {
	/** Of the names of collections, letters, digits and underscores: what shares a server has a prefix each. */
	prefix?: string
}

export interface MilvusIndex extends ChunkIndex {
	/** Rejects when the server does not answer, or has no usable collections. */
	ping(): Promise<void>
}

const SEARCH_MS = 10_000
const WRITE_MS = 30_000
const REMOVE_MS = 60_000
const PING_MS = 2_000
/** What a start waits for a server that does not answer. */
const START_MS = 5_000
/** A message holds 64 MB, and the longest lexemes of so many chunks 13. */
const UPSERT_ROWS = 200

/**
 * The chunk index in Milvus: a collection a generation, a partition key of workspaces, BM25 over our own lexemes, exact search among vectors.
 * A server that is away makes every call fail with `unavailable`, and is used again as soon as it answers.
 */
export function createMilvusIndex({ prefix = 'anythingllm_', ...options }: MilvusIndexOptions): MilvusIndex {
	const connection = connect(options)
	const { call } = connection
	const settling = createSettling(connection, options.report)
	const generations = new Map<GenerationId, Generation>()
	const opened = new Map<GenerationId, Promise<void>>()
	const isOurs = new RegExp(`^${prefix}g\\d+$`)
	const nameOf = (generation: GenerationId): string => `${prefix}g${generation}`

	/** Makes and loads the collection where that was not done yet. */
	function open(id: GenerationId): Promise<void> {
		const known = opened.get(id)
		if (known) return known
		const generation = generations.get(id)
		if (!generation) throw new RangeError(`no generation ${id} in the index`)
		const opening = openCollection(connection, nameOf(id), generation.dimensions)
		opened.set(id, opening)
		opening.catch(() => opened.get(id) === opening && opened.delete(id))
		return opening
	}

	/** Does something with a loaded collection; once more, when a restarted server has it no longer loaded, or lost it. */
	async function using<Result>(id: GenerationId, work: (name: string) => Promise<Result>): Promise<Result> {
		const name = nameOf(id)
		try {
			await open(id)
			return await loaded(name, work)
		} catch (error) {
			if (error instanceof UnusableServer) throw unusable(error)
			if (!isMissing(error)) throw error
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
			await loadCollection(connection, name)
			return work(name)
		}
	}

	function unusable(error: UnusableServer): AppError {
		options.report(error.message)
		return Object.assign(new AppError('unavailable', { part: 'milvus' }), { cause: error })
	}

	async function find(
		id: GenerationId,
		about: { anns_field: string; metric_type: string; data: string | number[] },
		where: string,
		limit: number,
	) {
		const found = await using(id, (name) =>
			call(SEARCH_MS, (client, timeout) =>
				client.search({ collection_name: name, ...about, filter: where, limit, output_fields: ['chunk_id', 'document_id'], timeout }),
			),
		)
		return found.results as FoundRow[]
	}

	async function findWords(id: GenerationId, { workspaceId, text, limit }: IndexQuery): Promise<Hit[]> {
		const data = queryLexemes(workspaceId, text)
		if (data === '') return []
		const about = { anns_field: 'sparse', metric_type: 'BM25', data }
		return hitsOf(await find(id, about, equals('workspace_id', workspaceId), limit), Math.abs)
	}

	async function findNear(id: GenerationId, { workspaceId, vector, limit }: IndexQuery): Promise<Hit[]> {
		const made = await vector
		if (!made || generations.get(id)?.dimensions === null) return []
		const about = { anns_field: 'dense', metric_type: 'COSINE', data: Array.from(made) }
		const where = `${equals('workspace_id', workspaceId)} and has_vector == true`
		return hitsOf(await find(id, about, where, limit), (cosine) => cosine)
	}

	/** From every generation, those of other processes and of the past included. */
	async function remove(where: string): Promise<void> {
		const listed = await call(REMOVE_MS, (client, timeout) => client.listCollections({ timeout }))
		for (const { name } of listed.data.filter(({ name }) => isOurs.test(name))) {
			try {
				await loaded(name, () =>
					call(REMOVE_MS, (client, timeout) =>
						client.deleteEntities({ collection_name: name, expr: where, consistency_level: 'Strong', timeout }),
					),
				)
			} catch (error) {
				if (!isMissing(error)) throw error // dropped meanwhile
			}
		}
	}

	return {
		async create(generation) {
			generations.set(generation.id, generation)
			const late = sleep(START_MS, 'late', { ref: false })
			try {
				await Promise.race([open(generation.id), late])
			} catch (error) {
				if (!isUnavailable(error)) throw error // the connection has reported it; who needs the collection opens it
			}
		},

		async drop(generation) {
			generations.delete(generation)
			opened.delete(generation)
			try {
				await call(WRITE_MS, (client, timeout) => client.dropCollection({ collection_name: nameOf(generation), timeout }))
			} catch (error) {
				if (!isMissing(error)) throw error
			}
		},

		async upsert(generation, chunks) {
			const dimensions = generations.get(generation)?.dimensions ?? null
			const distinct = [...new Map(chunks.map((chunk) => [chunk.chunkId, chunk])).values()]
			for (let from = 0; from < distinct.length; from += UPSERT_ROWS) {
				const rows = distinct.slice(from, from + UPSERT_ROWS).map((chunk) => rowOf(chunk, dimensions))
				await using(generation, (name) =>
					call(WRITE_MS, (client, timeout) => client.upsert({ collection_name: name, data: rows, timeout })),
				)
				settling.wrote(nameOf(generation), rows.length)
			}
		},

		removeDocument: (documentId) => remove(equals('document_id', documentId)),

		removeWorkspace: (workspaceId) => remove(equals('workspace_id', workspaceId)),

		async search(generation, query) {
			const [lexical, dense] = await Promise.all([findWords(generation, query), findNear(generation, query)])
			return { lexical, dense }
		},

		async ping() {
			const { isHealthy, reasons } = await call(PING_MS, (client) => client.checkHealth() as Promise<Health>)
			if (!isHealthy) throw new Error(`Milvus is not well: ${reasons.join(', ')}`)
			await Promise.all([...generations.keys()].map(open))
		},

		async close() {
			await Promise.all([settling.stop(), connection.close()])
		},
	}
}

/** The SDK's type leaves the status out. */
type Health = CheckHealthResponse & { status: ResStatus }

/** A filter: numbers alone get into one. */
function equals(field: string, id: number): string {
	if (!Number.isSafeInteger(id)) throw new RangeError(`${field}: ${id} is no id`)
	return `${field} == ${id}`
}
