import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { Body } from './body.ts'
import { openEmbedded } from './embedded.ts'
import { CONNECTION_TIMEOUT_MS, TRANSACTION_TIMEOUT_MS } from './limits.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'

export { Prisma, type PrismaClient }

/**
 * The one database, embedded or PostgreSQL: Prisma and, for what Prisma cannot say, the pool that it stands on. When it does not answer, both
 * throw `Unavailable`.
 */
export interface Database extends Pick<Body, 'pool' | 'writes' | 'ping' | 'listen' | 'exclusively' | 'close'> {
	readonly kind: 'embedded' | 'postgres'
	readonly prisma: PrismaClient
}

export interface DatabaseOptions {
	/** Unset: the embedded one in `directory`, which the caller has locked. */
	url: string | undefined
	directory: string
	durable: boolean
	report(problem: string): void
}

/**
 * Opens the database and brings its schema up to date.
 * @throws RefusedError when the URL is wrong, UnreachableError when nobody is there.
 */
export async function openDatabase({ url, ...options }: DatabaseOptions): Promise<Database> {
	const { withoutLimits, ...body } = url ? await openPostgres({ url, report: options.report }) : await openEmbedded(options)
	try {
		await body.exclusively(() => withoutLimits(migrate))
	} catch (error) {
		await body.close()
		throw error
	}
	const prisma = new PrismaClient({
		adapter: new PrismaPg(body.pool, { statementNameGenerator: statementNames() }),
		transactionOptions: { maxWait: 2 * CONNECTION_TIMEOUT_MS, timeout: TRANSACTION_TIMEOUT_MS },
	})
	return {
		...body,
		kind: url ? 'postgres' : 'embedded',
		prisma,
		async close() {
			await prisma.$disconnect()
			await body.close()
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
