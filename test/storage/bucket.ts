import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import type { S3Place } from '../../src/storage/s3/place.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' }

export interface Bucket {
	readonly place: S3Place
	/** What `STORAGE_URL` says of it. */
	readonly url: string
	/** What is in it. */
	keys(): Promise<string[]>
	/** With all that is in it. */
	remove(): Promise<void>
}

/** A bucket of our own at a server that speaks S3. `endpoint`: what uses the bucket goes that way, unless it is the server itself. */
export async function makeBucket(server: string, endpoint = server): Promise<Bucket> {
	const client = new S3Client({ endpoint: server, region: 'us-east-1', forcePathStyle: true, credentials })
	const Bucket = `test-${crypto.randomUUID()}`
	await client.send(new CreateBucketCommand({ Bucket }))
	const keys = async (): Promise<string[]> =>
		((await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).flatMap(({ Key }) => Key ?? [])
	return {
		place: { bucket: Bucket, prefix: 'some/place/', region: 'us-east-1', endpoint, isPathStyle: true, credentials },
		url: `s3://${credentials.accessKeyId}:${credentials.secretAccessKey}@${Bucket}/some/place?endpoint=${endpoint}`,
		keys,
		async remove() {
			const Objects = (await keys()).map((Key) => ({ Key }))
			if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
			await client.send(new DeleteBucketCommand({ Bucket }))
			client.destroy()
		},
	}
}
