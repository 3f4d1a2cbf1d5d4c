import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/database.ts'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { createLocalEmbedder } from '../../src/embedding/local/local.ts'
import { Unavailable } from '../../src/errors.ts'
import type { DocumentStatus } from '../../src/generated/prisma/enums.ts'
import type { ChunkIndex } from '../../src/retrieval/chunk-index.ts'
import { createEmbeddedIndex, hasTextSearch } from '../../src/retrieval/embedded-index.ts'
import { createGenerations, Superseded } from '../../src/retrieval/generations.ts'
import { createRetrieval, type Retrieval } from '../../src/retrieval/retrieval.ts'

const never = new AbortController().signal
let directory: string
let database: Database
let index: ChunkIndex
let embedder: Embedder
let retrieval: Retrieval
let documents = 0

beforeAll(async () => {
	directory = mkdtempSync(path.join(tmpdir(), 'retrieval-'))
	database = await openDatabase({ url: undefined, directory, durable: false, report: console.error })
	embedder = createLocalEmbedder({ directory: path.join(directory, 'models') })
	index = createEmbeddedIndex({ pool: database.pool })
	const generation = await createGenerations({ prisma: database.prisma, index }).ensure(embedder, 384)
	retrieval = createRetrieval({ pool: database.pool, index, serving: async () => ({ embedder, generation }) })
})
afterAll(async () => {
	await Promise.all([embedder.stop(), index.close()])
	await database.close()
	rmSync(directory, { recursive: true })
})

async function newWorkspace(): Promise<number> {
	const slug = `workspace-${++documents}`
	return (await database.prisma.workspace.create({ data: { slug, name: slug } })).id
}

/** A document of one chunk, indexed. */
async function addDocument(
	workspaceId: number,
	text: string,
	status: DocumentStatus = 'processed',
): Promise<{ documentId: number; chunkId: number }> {
	const name = `document-${++documents}.txt`
	const document = await database.prisma.document.create({
		data: {
			...{
				workspaceId,
				filename: name,
				originalName: name,
				mimeType: 'text/plain',
				format: 'text',
				size: text.length,
				hash: name,
				storageKey: name,
				status,
			},
			chunks: { create: { workspaceId, ordinal: 0, start: 3, end: 3 + text.length, text, page: 2, heading: 'Chapter' } },
		},
		include: { chunks: true },
	})
	const chunkId = document.chunks[0]?.id ?? 0
	const [vector = null] = embedder.reads(text) ? await embedder.embed([text], 'passage', never) : []
	await index.upsert(1, [{ chunkId, documentId: document.id, workspaceId, text, vector }])
	return { documentId: document.id, chunkId }
}

describe('searching a workspace', () => {
	it('answers the chunk with its place, its document and its scores', async () => {
		const workspaceId = await newWorkspace()
		const text = 'The warranty of the pump lasts two years.'
		const added = await addDocument(workspaceId, text)
		await addDocument(workspaceId, 'Invoices are paid within thirty days.')
		const [first, ...others] = await retrieval.search({
			workspaces: [{ id: workspaceId }],
			query: 'How long is the warranty of a pump?',
			limit: 5,
		})
		expect(first).toEqual({
			...added,
			...{ workspaceId, text, start: 3, end: 3 + text.length, page: 2, heading: 'Chapter' },
			document: expect.stringMatching(/^document-\d+\.txt$/),
			score: expect.any(Number),
			lexicalScore: expect.any(Number),
			denseScore: expect.any(Number),
			fusedScore: 1,
			rerankScore: null,
		})
		expect(first?.score).toBeGreaterThan(0.5)
		for (const { score } of others) expect(score).toBeLessThan(0.35)
	})

	it('finds a paraphrase that shares no word', async () => {
		const workspaceId = await newWorkspace()
		const wanted = await addDocument(workspaceId, 'Employees receive twenty-five vacation days each year.')
		for (const other of ['The cafeteria opens at noon.', 'Servers are backed up nightly.', 'Parking costs ten euros.'])
			await addDocument(workspaceId, other)
		const [first] = await retrieval.search({ workspaces: [{ id: workspaceId }], query: 'How much holiday leave do staff get?', limit: 1 })
		expect(first).toMatchObject({ chunkId: wanted.chunkId })
		expect(first?.score).toBeGreaterThan(0.35)
	})

	it('goes by words alone for Chinese', async () => {
		const workspaceId = await newWorkspace()
		const wanted = await addDocument(workspaceId, '合同期限为三年，自签署之日起计算。')
		await addDocument(workspaceId, '付款应在收到发票后三十日内完成。')
		const [first] = await retrieval.search({ workspaces: [{ id: workspaceId }], query: '请问合同的期限是多久？', limit: 5 })
		expect(first).toMatchObject({ chunkId: wanted.chunkId, denseScore: null })
		expect(first?.score).toBe(first?.lexicalScore)
		expect(first?.score).toBeGreaterThan(0.35)
	})

	it('shows nothing of another workspace, of a document in the making, or of a deleted one', async () => {
		const [mine, other] = [await newWorkspace(), await newWorkspace()]
		await addDocument(other, 'the secret of the other workspace')
		await addDocument(mine, 'a secret in the making', 'indexing')
		const deleted = await addDocument(mine, 'a deleted secret')
		await database.prisma.document.delete({ where: { id: deleted.documentId } }) // the index still has it
		expect(await retrieval.search({ workspaces: [{ id: mine }], query: 'secret', limit: 5 })).toEqual([])
	})

	it('has no results, and no error, for queries that say nothing', async () => {
		const workspaceId = await newWorkspace()
		await addDocument(workspaceId, 'something')
		for (const query of ['', ' ', '🎉', '"\\%', '\0', '未知'])
			expect(await retrieval.search({ workspaces: [{ id: workspaceId }], query, limit: 5 }), query).toEqual([])
		expect(await retrieval.search({ workspaces: [{ id: workspaceId }], query: 'something '.repeat(100_000), limit: 5 })).toHaveLength(1)
	})

	it('goes on without the embedder when that fails, and stops when it is told to', async () => {
		const failing = { ...embedder, embed: () => Promise.reject(new Error('gone')) }
		const generation = { id: 1, embedder: embedder.id, dimensions: embedder.dimensions }
		const lexical = createRetrieval({ pool: database.pool, index, serving: async () => ({ embedder: failing, generation }) })
		const workspaceId = await newWorkspace()
		const { chunkId } = await addDocument(workspaceId, 'plain words')
		expect(await lexical.search({ workspaces: [{ id: workspaceId }], query: 'plain words', limit: 5 })).toMatchObject([
			{ chunkId, denseScore: null },
		])
		await expect(
			retrieval.search({ workspaces: [{ id: workspaceId }], query: 'plain', limit: 5, signal: AbortSignal.abort(new Error('enough')) }),
		).rejects.toThrow('enough')
	})
})

describe('generations', () => {
	it('are made once for an embedder, and again for another', async () => {
		const { prisma, pool } = database
		expect(await hasTextSearch(pool)).toBe(true)
		expect((await pool.query('SHOW pg_textsearch.max_segment_size')).rows).toEqual([{ 'pg_textsearch.max_segment_size': '16MB' }])
		const generations = createGenerations({ prisma, index })
		const same = await generations.find(embedder)
		expect(same).toEqual({ id: 1, embedder: embedder.id, dimensions: 384 })
		const remote = { id: 'openai/some-model', dimensions: null }
		expect(await generations.find(remote)).toBeNull()
		await expect(generations.ensure(remote, 3)).rejects.toBeInstanceOf(Superseded)
		await expect(generations.ensure({ ...embedder }, 3)).rejects.toMatchObject({ problem: 'otherDimensions' })
		const other = await generations.prepare(remote.id, 3)
		expect(other).toEqual({ id: expect.any(Number), embedder: remote.id, dimensions: 3 })
		expect(await generations.prepare(remote.id, 3)).toEqual(other)
		expect(await generations.find(remote)).toBeNull()
		const chunk = { chunkId: 1, documentId: 1, workspaceId: 999, text: 'words', vector: new Float32Array(3).fill(0.57735) }
		await index.upsert(other.id, [chunk])
		const search = () => index.search(other.id, { workspaceIds: [999], documentIds: null, text: 'words', vector: chunk.vector, limit: 5 })
		expect(await search()).toMatchObject({ lexical: [{ chunkId: 1 }], dense: [{ chunkId: 1 }] })
		await generations.drop(other.id, 0)
		expect(await search()).toMatchObject({ lexical: [{ chunkId: 1 }] }) // it is being filled
		await expect(prisma.$transaction((tx) => generations.replace(tx, other.id))).rejects.toBeInstanceOf(Unavailable)
		await generations.close(prisma, true)
		expect(await prisma.$transaction((tx) => generations.replace(tx, other.id))).toEqual([1])
		expect(await createGenerations({ prisma, index }).find(remote)).toEqual(other)
		await expect(prisma.$transaction((tx) => generations.hold(tx, 1))).rejects.toBeInstanceOf(Superseded)
		await generations.close(prisma, true)
		expect(await prisma.$transaction((tx) => generations.replace(tx, 1))).toEqual([other.id])
		await generations.drop(other.id, 60)
		expect(await search()).toMatchObject({ lexical: [{ chunkId: 1 }] }) // it served a moment ago
		await generations.drop(other.id, 0)
		await expect(search()).rejects.toThrow()
		expect(await generations.retired()).toEqual([])
	})
})
