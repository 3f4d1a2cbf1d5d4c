import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { openEmbedded } from './embedded.ts'
import { QUERY_TIMEOUT_MS } from './limits.ts'
import { migrate } from './migrate.ts'

export type { Prisma, PrismaClient }

/** The one database, embedded or PostgreSQL: Prisma and, for what Prisma cannot say, the pool that it stands on. */
export interface Database {
	readonly kind: 'embedded' | 'postgres'
	readonly pool: pg.Pool
	readonly prisma: PrismaClient
	/** Rejects when the database does not answer. */
	ping(): Promise<void>
	close(): Promise<void>
}

export interface DatabaseOptions {
	/** Unset: the embedded one in `directory`, which the caller has locked. */
	url: string | undefined
	directory: string
	durable: boolean
	report(problem: string): void
}

/** Opens the database and brings its schema up to date. */
export async function openDatabase({ url, ...options }: DatabaseOptions): Promise<Database> {
	const { pool, close } = url ? openPostgres(url, options.report) : await openEmbedded(options)
	try {
		await migrate(pool)
	} catch (error) {
		await close()
		throw error
	}
	const prisma = new PrismaClient({
		adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }),
		transactionOptions: { maxWait: 10_000, timeout: 10_000 },
	})
	return {
		kind: url ? 'postgres' : 'embedded',
		pool,
		prisma,
		async ping() {
			await pool.query('SELECT 1')
		},
		async close() {
			await prisma.$disconnect()
			await close()
		},
	}
}

/** Statements kept prepared at once: more than the product has, and a bound for what varies (lists of ids). */
const MAX_PREPARED = 500

/** Names the statements that come again, so that each is parsed and planned once a connection. */
function statementNames(): (query: { sql: string }) => string {
	const names = new Map<string, string>()
	return ({ sql }) => {
		const known = names.get(sql)
		if (known !== undefined) return known
		if (names.size >= MAX_PREPARED) return '' // unnamed: not kept
		const name = `p${names.size}`
		names.set(sql, name)
		return name
	}
}

function openPostgres(url: string, report: DatabaseOptions['report']): { pool: pg.Pool; close(): Promise<void> } {
	const pool = new pg.Pool({
		connectionString: url,
		max: 10,
		connectionTimeoutMillis: 10_000,
		statement_timeout: QUERY_TIMEOUT_MS,
		query_timeout: QUERY_TIMEOUT_MS + 5_000,
	})
	pool.on('error', (error) => report(`a connection to PostgreSQL failed: ${error.message}`))
	return { pool, close: () => pool.end() }
}
