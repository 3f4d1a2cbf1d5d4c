import { describe, it } from 'vitest'
import type {} from './services-template.ts'

describe.skip('the contract on PostgreSQL, Milvus and Redis (TEST_DATABASE_URL, TEST_MILVUS_ADDRESS, TEST_REDIS_URL)', () => {
	it('is what test/contract says', () => undefined)
})
