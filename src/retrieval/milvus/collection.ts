import { setTimeout as sleep } from 'node:timers/promises'
import type { FieldType, FunctionObject } from '@zilliz/milvus2-sdk-node'
import { Unavailable } from '../../errors.ts'
import { type Connection, withStatus } from './connection.ts'
import { MilvusError, UnusableServer } from './failures.ts'

/** Of a VarChar of Milvus. */
export const MAX_LEXEMES_BYTES = 65_535

const LOAD_POLL_MS = 100
const INDEX_NOT_FOUND = 700

/** Of `DataType` and `FunctionType` in the SDK, which is not loaded yet. */
const BOOL = 1
const INT64 = 5
const VARCHAR = 21
const FLOAT_VECTOR = 101
const SPARSE_FLOAT_VECTOR = 104
const BM25 = 1

/** As in the embedded index: see `embedded-sql.ts`. */
const LEXICAL_INDEX = {
	field_name: 'sparse',
	index_type: 'SPARSE_INVERTED_INDEX',
	metric_type: 'BM25',
	params: { bm25_k1: 0.9, bm25_b: 0.4 },
}
/**
 * Exact, as the embedded index: a search goes through the vectors of its workspace. Where that is a small part, Milvus would scan a graph (HNSW) too
 * (from 93% filtered out: https://github.com/milvus-io/knowhere/pull/829); it pays from about a million chunks in a single workspace.
 */
const DENSE_INDEX = { field_name: 'dense', index_type: 'FLAT', metric_type: 'COSINE', params: {} }

const LEXICAL_FUNCTION: FunctionObject = {
	...{ name: 'bm25', description: '', type: BM25, params: {} },
	...{ input_field_names: ['lexemes'], output_field_names: ['sparse'] },
}

/** The dense vector of a chunk without one is any: `has_vector` says so, and a search leaves it out. */
function fieldsOf(dimensions: number | null): FieldType[] {
	return [
		{ name: 'chunk_id', data_type: INT64, is_primary_key: true },
		{ name: 'workspace_id', data_type: INT64, is_partition_key: true },
		{ name: 'document_id', data_type: INT64 },
		// of our own words, which are ASCII: this tokenizer leaves them as they are
		{
			...{ name: 'lexemes', data_type: VARCHAR, max_length: MAX_LEXEMES_BYTES },
			...{ enable_analyzer: true, analyzer_params: { tokenizer: 'standard' } },
		},
		{ name: 'sparse', data_type: SPARSE_FLOAT_VECTOR },
		...(dimensions === null
			? []
			: [
					{ name: 'has_vector', data_type: BOOL },
					{ name: 'dense', data_type: FLOAT_VECTOR, dim: dimensions },
				]),
	]
}

/**
 * Makes the collection of a generation, or what is missing of it, and loads it. Safe to repeat, and to do in several processes at once.
 * @returns whether it had to be made.
 * @throws UnusableServer when the server has no BM25; and what a call throws.
 */
export async function openCollection(connection: Connection, name: string, dimensions: number | null, limitMs: number): Promise<boolean> {
	const { call } = connection

	async function exists(): Promise<boolean> {
		return (await call(limitMs, (client, timeout) => client.hasCollection({ collection_name: name, timeout }))).value === true
	}

	async function isIndexed(field: string): Promise<boolean> {
		try {
			const found = await call(limitMs, (client, timeout) => client.describeIndex({ collection_name: name, timeout }))
			return found.index_descriptions.some(({ field_name }) => field_name === field)
		} catch (error) {
			if (error instanceof MilvusError && error.code === INDEX_NOT_FOUND) return false
			throw error
		}
	}

	const { version } = await call(limitMs, (client) => withStatus(client.getVersion())) // the call by which a server shows that it is Milvus
	const isNew = await makeUnless(exists, () =>
		call(limitMs, (client, timeout) =>
			client.createCollection({
				...{ collection_name: name, fields: fieldsOf(dimensions), functions: [LEXICAL_FUNCTION] },
				...{ consistency_level: 'Strong', timeout },
			}),
		),
	)
	const { schema } = await call(limitMs, (client, timeout) => client.describeCollection({ collection_name: name, timeout }))
	if (!schema.functions.some(({ type }) => String(type) === 'BM25'))
		throw new UnusableServer(
			`MILVUS_ADDRESS: this Milvus, ${version}, is too old: it has no BM25 functions. The search needs Milvus 2.5 or later.`,
		)
	for (const index of dimensions === null ? [LEXICAL_INDEX] : [LEXICAL_INDEX, DENSE_INDEX]) {
		await makeUnless(
			() => isIndexed(index.field_name),
			() => call(limitMs, (client, timeout) => client.createIndex({ ...index, collection_name: name, timeout })),
		)
	}
	await loadCollection(connection, name, limitMs)
	return isNew
}

/** Somebody else may be making it at the same moment: what counts is that it is there. @returns whether it was made here. */
async function makeUnless(isThere: () => Promise<boolean>, make: () => Promise<unknown>): Promise<boolean> {
	if (await isThere()) return false
	try {
		await make()
		return true
	} catch (error) {
		if (!(error instanceof MilvusError) || !(await isThere())) throw error
		return false
	}
}

/** Into the server's memory, where it must be to be searched; a restarted server has it no longer there. */
export async function loadCollection({ call }: Connection, name: string, limitMs: number): Promise<void> {
	await call(limitMs, (client, timeout) => client.loadCollectionAsync({ collection_name: name, timeout }))
	for (const endsAt = performance.now() + limitMs; ; ) {
		const { progress } = await call(limitMs, (client) => client.getLoadingProgress({ collection_name: name }))
		if (Number(progress) >= 100) return
		if (performance.now() >= endsAt) throw new Unavailable('milvus', new Error(`${name} is not loaded after ${limitMs} ms`))
		await sleep(LOAD_POLL_MS)
	}
}
