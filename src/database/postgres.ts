import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { Unavailable } from '../errors.ts'
import type { Body } from './body.ts'
import { unavailable } from './errors.ts'
import { connect, holdConnection } from './held-connection.ts'
import { CONNECTION_TIMEOUT_MS, LOCK_TIMEOUT_MS, QUERY_TIMEOUT_MS } from './limits.ts'
import { type Connection, Pool } from './pool.ts'

/** The server answers, but what the URL says of it is wrong, or it is none that the product runs on. In words for who wrote the URL. */
export class RefusedError extends Error {}
/** There is nobody at the address. */
export class UnreachableError extends Error {}

interface Options {
	url: string
	/** Hears of a server that is gone, and of one that is back. */
	report(problem: string): void
	/** How long a server that is not there yet is waited for; 30 s. */
	patienceMs?: number
}

const POOL_SIZE = 10
/** What the queries and pg-boss need. */
const OLDEST_VERSION = 15
const PATIENCE_MS = 30_000
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 2_000

/** The number that Prisma's own engine locks by: its migrations wait for ours too. */
const ADVISORY_LOCK = 72_707_369
const LOCK_RETRY_MS = 100
/** Longer than everything of a first start takes. */
const LOCK_PATIENCE_MS = 60_000

/**
 * Connects to PostgreSQL. While the server does not answer, everything fails with UNAVAILABLE at once; it is found again within seconds.
 * @throws RefusedError, UnreachableError
 */
export async function openPostgres({ url, report, patienceMs = PATIENCE_MS }: Options): Promise<Body> {
	const base = {
		connectionString: url,
		application_name: 'anythingllm-api',
		connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
		keepAlive: true,
		keepAliveInitialDelayMillis: 10_000,
	}
	const first = await reach(base, report, patienceMs)
	await check(first).catch(async (error: unknown) => {
		await first.end()
		throw error
	})
	const pool = new Pool({
		...base,
		max: POOL_SIZE,
		idleTimeoutMillis: 60_000,
		statement_timeout: QUERY_TIMEOUT_MS,
		query_timeout: QUERY_TIMEOUT_MS + 5_000,
		lock_timeout: LOCK_TIMEOUT_MS,
		idle_in_transaction_session_timeout: 2 * QUERY_TIMEOUT_MS,
	})
	let isDown = false
	const held = holdConnection({
		config: base,
		first,
		onDown(reason) {
			if (!isDown) report(`PostgreSQL does not answer: ${reason.message}`)
			isDown = true
			pool.refuse(reason)
		},
		onUp() {
			if (isDown) report('PostgreSQL answers again')
			isDown = false
			pool.accept()
		},
	})

	return {
		pool,
		listen: held.listen,
		ping: held.ping,

		async exclusively(task) {
			const ask = async (sql: string) => (await held.query(`SELECT ${sql}($1) AS done`, [ADVISORY_LOCK])).rows[0]?.done === true
			const limit = performance.now() + LOCK_PATIENCE_MS
			while (!(await ask('pg_try_advisory_lock'))) {
				if (performance.now() > limit) throw new Error('Another process has been starting on this database for too long.')
				await setTimeout(LOCK_RETRY_MS)
			}
			try {
				return await task()
			} finally {
				await ask('pg_advisory_unlock')
			}
		},

		async withoutLimits(task) {
			const connection = await connect(base)
			try {
				return await task(connection)
			} finally {
				await connection.end()
			}
		},

		async close() {
			await pool.end()
			await held.close()
		},
	}
}

/** The first connection, once the server is there. */
async function reach(config: pg.ClientConfig, report: Options['report'], patienceMs: number): Promise<Connection> {
	const { host, port } = new pg.Client(config)
	const place = `${host}:${port}`
	const limit = performance.now() + patienceMs
	for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)) {
		try {
			return await connect(config)
		} catch (error) {
			const refusal = refusalOf(error, place)
			if (refusal) throw new RefusedError(refusal)
			const reason = error instanceof Error ? error.message || String('code' in error ? error.code : error) : String(error)
			if (!(unavailable(error) instanceof Unavailable)) throw error
			if (performance.now() + retryMs > limit) {
				throw new UnreachableError(`PostgreSQL at ${place} could not be reached for ${patienceMs / 1_000} s: ${reason}`)
			}
			if (retryMs === FIRST_RETRY_MS)
				report(`PostgreSQL at ${place} is not there yet (${reason}); it is waited for ${patienceMs / 1_000} s`)
		}
		await setTimeout(retryMs)
	}
}

/** What the server has against the URL, in words without its password; undefined when it may change its mind. */
function refusalOf(error: unknown, place: string): string | undefined {
	if (!(error instanceof Error)) return undefined
	const code = error instanceof pg.DatabaseError ? error.code : undefined
	if (code === '28P01') return `PostgreSQL at ${place} refuses the user name or the password.`
	if (code === '28000') return `PostgreSQL at ${place} does not let this user in: ${error.message}.`
	if (code === '3D000') return `there is no such database at ${place}: ${error.message}. Create it first.`
	if (code === '42501') return `this user may not connect to the database at ${place}: ${error.message}.`
	if (/client password must be a string/.test(error.message)) return `PostgreSQL at ${place} asks for a password, and the URL has none.`
	if (/does not support SSL/.test(error.message)) return `PostgreSQL at ${place} does not speak TLS, which the URL asks for.`
	return undefined
}

/** @throws RefusedError for a server that the product does not run on. */
async function check(connection: Connection): Promise<void> {
	const { rows } = await connection.query(
		`SELECT current_setting('server_version_num')::int / 10000 AS version, pg_encoding_to_char(encoding) AS encoding, pg_is_in_recovery() AS "isStandby",
			has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege(current_schema(), 'CREATE')
				AND has_database_privilege(current_database(), 'TEMPORARY') AS "mayCreate"
		FROM pg_database WHERE datname = current_database()`,
	)
	const [{ version, encoding, isStandby, mayCreate }] = rows
	if (version < OLDEST_VERSION) throw new RefusedError(`PostgreSQL ${version} is too old; ${OLDEST_VERSION} or later is needed.`)
	if (encoding !== 'UTF8') throw new RefusedError(`the database is encoded in ${encoding}; make one with ENCODING 'UTF8'.`)
	if (isStandby) throw new RefusedError('this PostgreSQL is a standby, which nobody can write to.')
	if (!mayCreate)
		throw new RefusedError('this user may not create schemas, tables and temporary tables in the database; make it the owner.')
}
