import { randomBytes } from 'node:crypto'
import { createClient } from '@redis/client'
import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { createDatabase, dropDatabase, type Services } from './services.ts'
import { makeTemplate } from './template.ts'

declare module 'vitest' {
	export interface ProvidedContext {
		/** Null but in the project `services`. */
		services: Services | null
	}
}

/**
 * Makes the database that every test of the project `services` begins with, once a run; removes in the end whatever the run has left.
 * @public vitest.config.ts names it where the services are there
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const run = `test_${process.pid}_${randomBytes(3).toString('hex')}`
	const services: Services = {
		run,
		template: `${run}_template`,
		databaseUrl: addressIn('TEST_DATABASE_URL'),
		environment: {
			MILVUS_ADDRESS: addressIn('TEST_MILVUS_ADDRESS'),
			REDIS_URL: addressIn('TEST_REDIS_URL'),
			JWT_SECRET: 'of the tests: thirty-two characters',
			SETTINGS_KEY: 'of the tests: thirty-two characters',
		},
	}
	const url = await createDatabase(services, services.template)
	const removeTemplate = await makeTemplate(project, { ...services.environment, DATABASE_URL: url }, { prefix: `${services.template}_` })
	project.provide('services', services)
	return async () => {
		await Promise.all([removeTemplate(), removeDatabases(services), removeCollections(services), removeKeys(services)])
	}
}

function addressIn(variable: string): string {
	const address = process.env[variable]
	if (!address) throw new Error(`${variable} is not set`)
	return address
}

async function removeDatabases(services: Services): Promise<void> {
	const client = new pg.Client(services.databaseUrl)
	await client.connect()
	const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [services.run])
	await client.end()
	for (const { datname } of rows) await dropDatabase(services, datname)
}

async function removeCollections({ run, environment }: Services): Promise<void> {
	const client = new MilvusClient({ address: environment['MILVUS_ADDRESS'] ?? '', telemetry: { enabled: false }, timeout: 10_000 })
	const { data } = await client.showCollections()
	for (const { name } of data) if (name.startsWith(run)) await client.dropCollection({ collection_name: name })
	await client.closeConnection()
}

async function removeKeys({ run, environment }: Services): Promise<void> {
	const client = createClient({ url: environment['REDIS_URL'] ?? '' })
	await client.connect()
	for await (const keys of client.scanIterator({ MATCH: `${run}*` })) if (keys.length > 0) await client.unlink(keys)
	await client.close()
}
