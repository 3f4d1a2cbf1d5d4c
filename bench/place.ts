import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createClient } from '@redis/client'
import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import pg from 'pg'

/** Where a product under test keeps its things: a directory, and a database of its own on the engines that the environment names. */
export interface Place {
	directory: string
	environment: Record<string, string>
}

const newSecret = () => randomBytes(32).toString('hex')
const { DATABASE_URL, MILVUS_ADDRESS, MILVUS_TOKEN, REDIS_URL, JWT_SECRET = newSecret(), SETTINGS_KEY = newSecret() } = process.env

/** The engines, in words. Addresses may hold passwords. */
export const engines = DATABASE_URL
	? ['PostgreSQL', MILVUS_ADDRESS ? 'Milvus' : 'pg_textsearch', ...(REDIS_URL ? ['Redis'] : [])].join(', ')
	: 'embedded'

/** Several processes can share what they keep. */
export const canShare = DATABASE_URL !== undefined && REDIS_URL !== undefined
export const isOnPostgres = DATABASE_URL !== undefined

/** A place for the length of a benchmark: on the engines, where there are any. */
export const withPlace = <Result>(use: (place: Place) => Promise<Result>): Promise<Result> =>
	DATABASE_URL ? onEngines(DATABASE_URL, use) : embedded(use)

export async function embedded<Result>(use: (place: Place) => Promise<Result>): Promise<Result> {
	const directory = await mkdtemp(path.join(tmpdir(), 'bench-'))
	try {
		return await use({ directory, environment: {} })
	} finally {
		await rm(directory, { recursive: true, force: true })
	}
}

function onEngines<Result>(databaseUrl: string, use: (place: Place) => Promise<Result>): Promise<Result> {
	const name = `bench_${randomBytes(6).toString('hex')}`
	const url = new URL(databaseUrl)
	url.pathname = `/${name}`
	const environment = {
		DATABASE_URL: url.href,
		JWT_SECRET,
		SETTINGS_KEY,
		...(MILVUS_ADDRESS && { MILVUS_ADDRESS }),
		...(MILVUS_TOKEN && { MILVUS_TOKEN }),
		...(REDIS_URL && { REDIS_URL }),
	}
	return embedded(async ({ directory }) => {
		await ask(databaseUrl, `CREATE DATABASE "${name}" TEMPLATE template0`)
		try {
			return await use({ directory, environment })
		} finally {
			await removeShared(url.href)
			await ask(databaseUrl, `DROP DATABASE "${name}" WITH (FORCE)`)
		}
	})
}

/** The rows of a statement, on a connection of its own. */
export async function ask<Row extends object>(databaseUrl: string, sql: string): Promise<Row[]> {
	const client = new pg.Client(databaseUrl)
	await client.connect()
	try {
		return (await client.query<Row>(sql)).rows
	} finally {
		await client.end()
	}
}

/** What an installation made in Milvus and Redis, whose names begin with its key. */
async function removeShared(databaseUrl: string): Promise<void> {
	const [installation] = await ask<{ key: string }>(databaseUrl, 'SELECT key FROM "Installation"').catch(() => []) // it did not start
	if (!installation) return
	const prefix = `anythingllm_${installation.key}_`
	if (MILVUS_ADDRESS) {
		const client = new MilvusClient({
			address: MILVUS_ADDRESS,
			...(MILVUS_TOKEN && { token: MILVUS_TOKEN }),
			telemetry: { enabled: false },
			timeout: 10_000,
		})
		const { data } = await client.showCollections()
		for (const { name } of data) if (name.startsWith(prefix)) await client.dropCollection({ collection_name: name })
		await client.closeConnection()
	}
	if (REDIS_URL) {
		const client = createClient({ url: REDIS_URL })
		await client.connect()
		for await (const keys of client.scanIterator({ MATCH: `${prefix}*` })) if (keys.length > 0) await client.unlink(keys)
		await client.close()
	}
}
