import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Config } from '../src/config.ts'
import { openDatabase } from '../src/database/database.ts'
import { createChunkRows } from '../src/documents/chunk-rows.ts'
import { chunk } from '../src/documents/chunking.ts'
import { createEmbedder } from '../src/embedding/index.ts'
import { createReranker } from '../src/reranking/index.ts'
import { createReranking } from '../src/reranking/reranking.ts'
import type { ChunkIndex } from '../src/retrieval/chunk-index.ts'
import { createEmbeddedIndex } from '../src/retrieval/embedded-index.ts'
import { createGenerations } from '../src/retrieval/generations.ts'
import { createMilvusIndex } from '../src/retrieval/milvus/milvus-index.ts'
import { createRetrieval, type Found } from '../src/retrieval/retrieval.ts'
import type { Configuration } from './run.ts'
import type { Passage } from './sets.ts'

/** Passages that can be searched; a hit's `document` is the passage's id. */
export interface Searchable {
	search(query: string, limit: number): Promise<Found[]>
}

export interface Product extends AsyncDisposable {
	configuration: Configuration
	/** Makes a workspace of the passages, a document each, the way uploads become one. */
	load(passages: readonly Passage[]): Promise<Searchable>
}

const BATCH = 64
/** A model that was made by an earlier run serves again. */
export const MODELS = path.join(tmpdir(), 'anythingllm-api-eval')
/** Longest time that an embedder has to say how long its vectors are. */
const TRIAL_MS = 30_000

/**
 * The embedded database in a throw-away directory, with the embedder and the reranker of the configuration, and the index in its Milvus, where nothing
 * is left of it afterwards, or in the database.
 */
export async function openProduct({ milvus, embedding, reranking }: Pick<Config, 'milvus' | 'embedding' | 'reranking'>): Promise<Product> {
	const directory = await mkdtemp(path.join(tmpdir(), 'eval-'))
	const { prisma, pool, close } = await openDatabase({ url: undefined, directory, durable: false, report: console.error })
	const embedder = await createEmbedder(embedding, { dataDirectory: MODELS, pool, report: console.error })
	const index: ChunkIndex = milvus
		? createMilvusIndex({ ...milvus, prefix: `eval_${process.pid}_`, report: console.error })
		: createEmbeddedIndex({ pool })
	const isReranked = reranking.provider !== 'none'
	const { rerank } = createReranking({
		pool,
		config: async () => reranking,
		make: createReranker,
		watch: () => undefined,
		report: console.error,
	})
	const [trial] = embedder.dimensions === null ? await embedder.embed(['trial'], 'query', AbortSignal.timeout(TRIAL_MS)) : []
	const generation = await createGenerations({ prisma, index }).ensure(embedder, embedder.dimensions ?? trial?.length ?? 0)
	const retrieval = createRetrieval({ pool, index, serving: async () => ({ embedder, generation }), rerank })
	const rows = createChunkRows(pool)
	const never = new AbortController().signal
	let workspaces = 0

	async function addDocuments(workspaceId: number, passages: readonly Passage[]): Promise<void> {
		const documents = await prisma.document.createManyAndReturn({
			data: passages.map(({ id, text }) => ({
				...{ workspaceId, filename: id, originalName: id, hash: id, storageKey: id },
				...{ mimeType: 'text/plain', format: 'text', size: text.length, status: 'processed' as const },
			})),
		})
		const chunks = []
		for (const [at, document] of documents.entries()) {
			const text = passages[at]?.text.normalize('NFKC') ?? ''
			await rows.insert(document, workspaceId, [...chunk({ text, pages: [], headings: [] })])
			for (const row of await rows.read(document.id, 0, 10_000))
				chunks.push({ chunkId: row.id, documentId: document.id, workspaceId, text: row.text })
		}
		const readable = chunks.filter(({ text }) => embedder.reads(text))
		const made = await embedder.embed(
			readable.map(({ text }) => text),
			'passage',
			never,
		)
		const vectors = new Map(readable.map(({ chunkId }, at) => [chunkId, made[at]]))
		await index.upsert(
			generation.id,
			chunks.map((row) => ({ ...row, vector: vectors.get(row.chunkId) ?? null })),
		)
	}

	return {
		configuration: {
			index: milvus ? 'milvus' : 'embedded',
			embedder: embedder.id,
			denseWeight: embedder.weight,
			reranker: isReranked ? [reranking.provider, reranking.model].filter(Boolean).join('/') : null,
			model: 'extractive',
		},
		async load(passages) {
			const name = `eval-${++workspaces}`
			const { id: workspaceId } = await prisma.workspace.create({ data: { name, slug: name, rerank: isReranked } })
			for (let from = 0; from < passages.length; from += BATCH) await addDocuments(workspaceId, passages.slice(from, from + BATCH))
			return { search: (query, limit) => retrieval.search({ workspaces: [{ id: workspaceId }], query, limit }) }
		},
		async [Symbol.asyncDispose]() {
			await index.drop(generation.id)
			await Promise.all([embedder.stop(), index.close()])
			await close()
			await rm(directory, { recursive: true, force: true })
		},
	}
}
