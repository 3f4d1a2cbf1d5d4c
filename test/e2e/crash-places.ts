import { randomBytes } from 'node:crypto'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../src/database/database.ts'
import { lockDirectory } from '../../src/database/lock.ts'
import type { ChunkIndex } from '../../src/retrieval/chunk-index.ts'
import { createEmbeddedIndex } from '../../src/retrieval/embedded-index.ts'
import { createMilvusIndex } from '../../src/retrieval/milvus/milvus-index.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { createDatabase, dropDatabase } from '../support/services.ts'
import { emptyDirectory, startedDirectory } from './support.ts'

/** What servers that are killed stand on. */
export interface CrashPlace {
	directory: string
	environment: Record<string, string>
	/** What they have left, while none of them runs. */
	look<Result>(use: (database: Database, index: ChunkIndex, problems: readonly string[]) => Promise<Result>): Promise<Result>
	remove(): Promise<void>
}

/** A folder that holds everything. */
export async function embeddedPlace(): Promise<CrashPlace> {
	const directory = await startedDirectory()
	return {
		directory,
		environment: {},
		async look(use) {
			const unlock = lockDirectory(directory)
			try {
				return await withDatabase(undefined, directory, async (database, problems) => {
					const index = createEmbeddedIndex({ pool: database.pool })
					return use(database, index, problems).finally(() => index.close())
				})
			} finally {
				unlock()
			}
		},
		remove: async () => undefined,
	}
}

/** A database of PostgreSQL, collections of Milvus, and a folder for the files. */
export async function servicesPlace(databaseUrl: string, milvusAddress: string): Promise<CrashPlace> {
	const name = `crash_${process.pid}_${randomBytes(4).toString('hex')}` // a test that is tried again has its own
	const directory = await emptyDirectory()
	await symlink(path.join(inject('template'), 'models'), path.join(directory, 'models'))
	const url = await createDatabase({ databaseUrl }, name)
	const secret = 'of the tests: thirty-two characters'

	async function prefixIn({ prisma }: Database): Promise<string> {
		return `anythingllm_${(await prisma.installation.findUniqueOrThrow({ where: { id: 1 } })).key}_`
	}

	return {
		directory,
		environment: { DATABASE_URL: url, MILVUS_ADDRESS: milvusAddress, JWT_SECRET: secret, SETTINGS_KEY: secret, ADMIN_PASSWORD },
		look: (use) =>
			withDatabase(url, directory, async (database, problems) => {
				const index = createMilvusIndex({ address: milvusAddress, prefix: await prefixIn(database), report: console.error })
				const { id, embedder, dimensions } = await database.prisma.generation.findFirstOrThrow({ where: { status: 'active' } })
				await index.create({ id, embedder, dimensions })
				return use(database, index, problems).finally(() => index.close())
			}),
		async remove() {
			const prefix = await withDatabase(url, directory, prefixIn)
			const client = new MilvusClient({ address: milvusAddress, telemetry: { enabled: false } })
			const { data } = await client.showCollections()
			for (const collection of data)
				if (collection.name.startsWith(prefix)) await client.dropCollection({ collection_name: collection.name })
			await client.closeConnection()
			await dropDatabase({ databaseUrl }, name)
		},
	}
}

async function withDatabase<Result>(
	url: string | undefined,
	directory: string,
	use: (database: Database, problems: readonly string[]) => Promise<Result>,
): Promise<Result> {
	const problems: string[] = []
	const database = await openDatabase({ url, directory, durable: true, report: (problem) => void problems.push(problem) })
	try {
		return await use(database, problems)
	} finally {
		await database.close()
	}
}
