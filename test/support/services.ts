import pg from 'pg'

/** The services that the project `services` runs on, and what this run of it has there. */
export interface Services {
	/** Begins the name of every database, collection and key of this run. */
	run: string
	/** The database that others are copied from. */
	template: string
	/** Of an application; without DATABASE_URL, as each has its own. */
	environment: Record<string, string>
	/** Of a database in which others are made. */
	databaseUrl: string
}

/** @returns its URL. */
export async function createDatabase(services: Pick<Services, 'databaseUrl'>, name: string, template = 'template0'): Promise<string> {
	await administer(services, `CREATE DATABASE "${name}" TEMPLATE "${template}" STRATEGY file_copy`)
	const url = new URL(services.databaseUrl)
	url.pathname = `/${name}`
	return url.href
}

export const dropDatabase = (services: Pick<Services, 'databaseUrl'>, name: string): Promise<void> =>
	administer(services, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)

async function administer({ databaseUrl }: Pick<Services, 'databaseUrl'>, sql: string): Promise<void> {
	const client = new pg.Client(databaseUrl)
	await client.connect()
	try {
		await client.query(sql)
	} finally {
		await client.end()
	}
}
