import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedded } from '../../src/database/embedded.ts'
import type { ChunkIndex } from '../../src/retrieval/chunk-index.ts'
import { createEmbeddedIndex } from '../../src/retrieval/embedded-index.ts'
import type { WorkspaceState } from '../../src/retrieval/embedded-sql.ts'
import { createVectorSearch } from '../../src/retrieval/vectors/vector-search.ts'
import { createVectorThread, type VectorThread } from '../../src/retrieval/vectors/vector-thread.ts'
import { axis } from './chunk-index-suite.ts'

let directory: string
let pool: pg.Pool
let close: () => Promise<void>
let index: ChunkIndex

beforeAll(async () => {
	directory = mkdtempSync(path.join(tmpdir(), 'vectors-'))
	const opened = await openEmbedded({ directory, durable: false, report: console.error })
	pool = opened.pool
	close = opened.close
	index = createEmbeddedIndex({ pool })
	await index.create({ id: 1, embedder: 'test', dimensions: 8 })
	for (const workspaceId of [1, 2, 3]) await fill(workspaceId, workspaceId * 10_000, 10)
})
afterAll(async () => {
	await index.close()
	await close()
	rmSync(directory, { recursive: true })
})

async function fill(workspaceId: number, firstId: number, count: number): Promise<void> {
	const chunks = Array.from({ length: count }, (_, at) => ({
		...{ chunkId: firstId + at, documentId: firstId + at, workspaceId, text: 'x' },
		vector: axis(at % 8),
	}))
	await index.upsert(1, chunks)
}

async function stateOf(workspaceId: number): Promise<WorkspaceState & { workspaceId: number }> {
	const { rows } = await pool.query<WorkspaceState>('SELECT revision, removals FROM chunk_index.states WHERE workspace_id = $1', [
		workspaceId,
	])
	const [state] = rows
	if (!state) throw new Error('no state')
	return { workspaceId, ...state }
}

/** Replies overtake each other, as they do on a busy machine. */
async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await setImmediate()
}

describe('dense search', () => {
	it('keeps as many workspaces in memory as it may, and finds the others all the same', async () => {
		const search = createVectorSearch(pool, 2 * 10 * (8 + 64))
		for (const workspaceId of [1, 2, 3, 1, 3, 2]) {
			expect(await search.search(1, await stateOf(workspaceId), axis(0), { limit: 50, documentIds: null })).toHaveLength(10)
			expect(search.loaded).toBeLessThanOrEqual(2)
		}
		expect(search.loaded).toBe(2)
		await search.close()
	})

	it('keeps the workspace that is searched, however large, and loses none under way', async () => {
		const thread = createVectorThread()
		const ask: VectorThread['ask'] = async (...request) => {
			const reply = await thread.ask(...request)
			await turns(replies++ % 5)
			return reply
		}
		let replies = 0
		const search = createVectorSearch(pool, 1, { ...thread, ask })
		const states = await Promise.all([1, 2, 3].map(stateOf))
		for (let round = 0; round < 50; round++) {
			const found = await Promise.all(states.map((state) => search.search(1, state, axis(0), { limit: 50, documentIds: null })))
			expect(found.map((hits) => hits.length)).toEqual([10, 10, 10])
			expect(found.map((hits) => new Set(hits.map(({ chunkId }) => Math.floor(chunkId / 10_000))))).toEqual(
				[1, 2, 3].map((id) => new Set([id])),
			)
		}
		await search.close()
	})

	it('reads everything again after its thread has ended', async () => {
		const thread = createVectorThread()
		const search = createVectorSearch(pool, 1_000_000, thread)
		expect(await search.search(1, await stateOf(1), axis(0), { limit: 50, documentIds: null })).toHaveLength(10)
		await thread.close()
		expect(await search.search(1, await stateOf(1), axis(0), { limit: 50, documentIds: null })).toHaveLength(10)
		const [, hits] = await Promise.all([thread.close(), search.search(1, await stateOf(1), axis(0), { limit: 50, documentIds: null })])
		expect(hits).toHaveLength(10)
		await search.close()
	})

	it('reads a workspace of several pages', async () => {
		const search = createVectorSearch(pool, 10_000_000)
		await fill(4, 40_000, 4_500)
		expect(await search.search(1, await stateOf(4), axis(0), { limit: 10_000, documentIds: null })).toHaveLength(4_500)
		await search.close()
	})
})
