import { afterAll, describe, expect, it } from 'vitest'
import { createMilvusIndex, type MilvusIndex } from '../../src/retrieval/milvus/milvus-index.ts'
import { axis, describeChunkIndex, GENERATIONS } from './chunk-index-suite.ts'

const address = process.env['TEST_MILVUS_ADDRESS'] ?? ''
const prefixOf = (name: string) => `test_${process.pid}_${name}_`
const open = (prefix: string) => createMilvusIndex({ address, prefix, report: console.error })

async function dropAll(index: MilvusIndex, generations: readonly number[]): Promise<void> {
	for (const generation of generations) await index.drop(generation)
	await index.close()
}

describe.skipIf(!address)('Milvus (TEST_MILVUS_ADDRESS)', () => {
	describeChunkIndex('in Milvus', async () => {
		const index = open(prefixOf('suite'))
		return { index, close: () => dropAll(index, GENERATIONS) }
	})

	describe('shared by several processes', () => {
		const [one, other, stranger] = [open(prefixOf('a')), open(prefixOf('a')), open(prefixOf('ab'))]
		const generation = { id: 1, embedder: 'test', dimensions: 8 }
		const chunk = { chunkId: 1, documentId: 1, workspaceId: 1, text: 'shared words', vector: axis(0) }
		const found = async (index: MilvusIndex, id = 1) =>
			(await index.search(id, { workspaceIds: [1], documentIds: null, text: 'shared', vector: null, limit: 10 })).lexical.length

		afterAll(async () => {
			await Promise.all([dropAll(one, [1, 2]), other.close(), dropAll(stranger, [1])])
		})

		it('makes one collection when both ask for it at once, and each finds at once what the other wrote or removed', async () => {
			await Promise.all([one, other, one, other].map((index) => index.create(generation)))
			for (let round = 0; round < 5; round++) {
				await one.upsert(1, [chunk])
				expect(await found(other)).toBe(1)
				await other.removeDocument(1)
				expect(await found(one)).toBe(0)
			}
		})

		it('removes from generations that it has not heard of, and nothing of another prefix', async () => {
			await Promise.all([one.create({ ...generation, id: 2 }), stranger.create(generation)])
			await one.upsert(2, [chunk])
			await stranger.upsert(1, [chunk])
			await other.removeWorkspace(1)
			expect(await found(one, 2)).toBe(0)
			expect(await found(stranger)).toBe(1)
		})
	})
})
