import type pg from 'pg'
import { isGone } from '../database/errors.ts'
import { AppError } from '../errors.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { LEASE_SECONDS } from '../leases.ts'

/** The id of what a call made. */
export type MadeId = number | string

/** What names a call. */
export interface CallName {
	userId: number
	operation: string
	key: string
}

/** A call that came before. */
export type Earlier =
	| { isRunning: true }
	| { isRunning: false; payload: string; made: MadeId; request: string | null; answer: string | null }

const LEASE = `now() + interval '${LEASE_SECONDS} seconds'`
/** How long a call is known. */
const KEPT = "interval '24 hours'"

const CLAIM = `
	INSERT INTO "IdempotencyKey" AS known ("userId", operation, key, claim, "leaseUntil", "expiresAt")
	VALUES ($1, $2, $3, $4, ${LEASE}, now() + ${KEPT})
	ON CONFLICT ("userId", operation, key) DO UPDATE SET claim = excluded.claim, "leaseUntil" = excluded."leaseUntil",
		"expiresAt" = excluded."expiresAt", made = NULL, payload = NULL, request = NULL, answer = NULL
	WHERE known."expiresAt" <= now() OR known."leaseUntil" <= now()
	RETURNING claim`

const FIND = `
	SELECT claim IS NOT NULL AS "isRunning", payload, made, request, answer FROM "IdempotencyKey"
	WHERE "userId" = $1 AND operation = $2 AND key = $3`

const KEEP = `
	UPDATE "IdempotencyKey" SET request = $4, answer = $5
	WHERE "userId" = $1 AND operation = $2 AND key = $3 AND claim IS NULL AND answer IS NULL`

const RENEW = `UPDATE "IdempotencyKey" SET "leaseUntil" = ${LEASE} WHERE claim = ANY($1)`

/** Two calls may follow each other so fast that the one that was in the way is gone again. */
const MAX_LOOKS = 3

/** The rows of calls with a key. Until a call has made something its row belongs to the attempt that has the claim. */
export function createRows(pool: pg.Pool) {
	const nameOf = ({ userId, operation, key }: CallName) => [userId, operation, key]
	return {
		/** @returns null when the call is this attempt's to make. @throws AppError UNAUTHENTICATED when the user is gone. */
		async claim(name: CallName, claim: string): Promise<Earlier | null> {
			for (let look = 0; look < MAX_LOOKS; look++) {
				const { rowCount } = await pool
					.query({ name: 'claim-key', text: CLAIM, values: [...nameOf(name), claim] })
					.catch((error: unknown) => {
						throw isGone(error) ? new AppError('badToken') : error
					})
				if (rowCount === 1) return null
				const { rows } = await pool.query<Earlier>({ name: 'find-key', text: FIND, values: nameOf(name) })
				if (rows[0]) return rows[0]
			}
			return { isRunning: true }
		},

		/** In the transaction that makes it. @returns false when the claim is another's by now: then nothing may be made. */
		async done(tx: Prisma.TransactionClient, { claim, made, payload }: { claim: string; made: MadeId; payload: string }): Promise<boolean> {
			const changed = await tx.$executeRaw`
				UPDATE "IdempotencyKey" SET claim = NULL, "leaseUntil" = NULL, made = ${JSON.stringify(made)}::jsonb, payload = ${payload},
					"expiresAt" = now() + ${Prisma.raw(KEPT)}
				WHERE claim = ${claim}::uuid`
			return changed === 1
		},

		/** The first answer stays. */
		async keep(name: CallName, { request, answer }: { request: string; answer: string }): Promise<void> {
			await pool.query({ name: 'keep-answer', text: KEEP, values: [...nameOf(name), request, answer] })
		},

		/** Of an attempt that has made nothing. */
		async release(claim: string): Promise<void> {
			await pool.query({ name: 'release-key', text: 'DELETE FROM "IdempotencyKey" WHERE claim = $1', values: [claim] })
		},

		/** Says that the process of these attempts lives. */
		async renew(claims: readonly string[]): Promise<void> {
			await pool.query({ name: 'renew-keys', text: RENEW, values: [claims] })
		},

		/** Of every attempt. Only for the sole process of a database, before its first. */
		async releaseAll(): Promise<void> {
			await pool.query('DELETE FROM "IdempotencyKey" WHERE claim IS NOT NULL')
		},

		async removeExpired(): Promise<void> {
			await pool.query('DELETE FROM "IdempotencyKey" WHERE "expiresAt" <= now()')
		},
	}
}
