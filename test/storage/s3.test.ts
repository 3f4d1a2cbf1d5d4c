import { afterAll, beforeAll, describe } from 'vitest'
import { openStorage } from '../../src/storage/open.ts'
import { type Bucket, makeBucket } from './bucket.ts'
import { describeStorage } from './storage-suite.ts'

const server = process.env['TEST_S3_URL']

describe.skipIf(!server)('S3 (TEST_S3_URL)', () => {
	let bucket: Bucket
	beforeAll(async () => {
		bucket = await makeBucket(server ?? '')
	})
	afterAll(() => bucket.remove())

	describeStorage('in a bucket', (directory, place) =>
		openStorage({ directory, s3: { ...bucket.place, prefix: `${place}/` }, report: () => undefined }),
	)
})
