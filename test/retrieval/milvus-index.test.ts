import { describe } from 'vitest'
import { createMilvusIndex } from '../../src/retrieval/milvus/milvus-index.ts'
import { describeChunkIndex, GENERATIONS } from './chunk-index-suite.ts'

const address = process.env['TEST_MILVUS_ADDRESS'] ?? ''

describe.skipIf(!address)('Milvus (TEST_MILVUS_ADDRESS)', () => {
	describeChunkIndex('in Milvus', async () => {
		const index = createMilvusIndex({ address, prefix: `test_${process.pid}_`, report: console.error })
		return {
			index,
			async close() {
				for (const generation of GENERATIONS) await index.drop(generation)
				await index.close()
			},
		}
	})
})
