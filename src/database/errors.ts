import pg from 'pg'
import { Unavailable } from '../errors.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** Prisma's codes: https://www.prisma.io/docs/orm/reference/error-reference */
const hasCode = (error: unknown, code: string): boolean => error instanceof Prisma.PrismaClientKnownRequestError && error.code === code

/** A row with this unique value is there already. */
export const isUniqueViolation = (error: unknown): boolean => hasCode(error, 'P2002')

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
