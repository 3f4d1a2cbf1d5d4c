import pg from 'pg'
import { Unavailable } from '../errors.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** Of Prisma, https://www.prisma.io/docs/orm/reference/error-reference, or of PostgreSQL, for what does not go through Prisma. */
const hasCode = (error: unknown, ...codes: string[]): boolean =>
	(error instanceof Prisma.PrismaClientKnownRequestError || error instanceof pg.DatabaseError) && codes.includes(error.code ?? '')

/** A row with this unique value is there already. */
export const isUniqueViolation = (error: unknown): boolean => hasCode(error, 'P2002', '23505')

/** Somebody was faster: the row that was to be changed, or one that a new row refers to, is gone. */
export const isGone = (error: unknown): boolean => hasCode(error, 'P2025', 'P2003', '23503')

/**
 * PostgreSQL's reasons that lie in its state, not in the statement: connections (08), wrong credentials (28) and a database that is gone (3D000) on a
 * server that runs, a standby (25006), idle for too long in a transaction (25P03), resources (53), a lock or a statement that took too long (55P03, 57014),
 * shutdown and start (57P0x), input and output (58), and transactions that stood in each other's way (40001, 40P01).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const STATES = /^(08|28|53|58|57P0)|^(25006|25P03|3D000|40001|40P01|55P03|57014)$/

/** What `pg` says, without a code, when a connection cannot be had or was lost. */
const LOST = /terminated|timeout|not queryable|after calling end|SSL|was restarted/i

/** An error of `pg` as the rest of the product knows it: {@link Unavailable} when the database is the reason, else itself. */
export function unavailable(error: unknown): unknown {
	if (!(error instanceof Error) || error instanceof Unavailable) return error
	const isState = error instanceof pg.DatabaseError && STATES.test(error.code ?? '')
	const isSystem = 'syscall' in error || ('code' in error && /^ERR_(SSL|TLS)/.test(String(error.code)))
	const isLost = !(error instanceof pg.DatabaseError) && LOST.test(error.message)
	return isState || isSystem || isLost ? new Unavailable('database', error) : error
}

const MAX_ATTEMPTS = 5

/**
 * A statement or a transaction, done again when PostgreSQL ended it because it and others waited for each other: nothing of it has happened then.
 */
export async function retried<Result>(work: () => Promise<Result>): Promise<Result> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await work()
		} catch (error) {
			const cause = error instanceof Unavailable ? error.cause : error
			if (attempt === MAX_ATTEMPTS || !hasCode(cause, '40001', '40P01')) throw error
		}
	}
}
