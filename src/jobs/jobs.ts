import type pg from 'pg'
import { type Db, fromPrisma, PgBoss } from 'pg-boss'
import type { Database, Prisma } from '../database/database.ts'
import { prepared } from '../database/prepared.ts'
import { Unavailable } from '../errors.ts'

/**
 * A worker's way to do one job; an error hands it back for later. The signal aborts when the server stops.
 * @returns `more` when there is more to do: it is the job's turn again after those of other groups that wait.
 */
export type Work<Data> = (data: Data, signal: AbortSignal) => Promise<void> | Promise<'more' | undefined>

/** What a queue stores. Groups take turns, however many jobs each of them has. */
export interface Job {
	data: object
	group: string
}

/** Background work that is stored with the change that asked for it, and done at least once. */
export interface Jobs {
	/** Stores a job in the caller's transaction: it is there exactly when the change is. Jobs with a group take turns with those of others. */
	enqueue(tx: Prisma.TransactionClient, queue: string, data: object, group?: string): Promise<void>
	/** The same, for a later time. */
	enqueueLater(tx: Prisma.TransactionClient, queue: string, data: object, seconds: number): Promise<void>
	/** Begins to work, so many jobs side by side; one group has all but one of them at most. */
	work<Data extends object>(queue: string, concurrency: number, work: Work<Data>): Promise<void>
	/** Replaces all jobs of a queue, those a dead process left half done included. Only for the sole process of a database. */
	replace(queue: string, jobs: readonly Job[]): Promise<void>
	/** Makes the jobs of a queue that a dead process left half done due at once. Only for the sole process of a database. */
	takeOver(queue: string): Promise<void>
	/** What failed and waits for its next try begins at once: the reason is over. */
	retryNow(): Promise<void>
	/** Stores a job without data at the times of a cron expression (UTC): once, however many processes say so. */
	schedule(queue: string, cron: string): Promise<void>
	/** Hands running jobs back after `timeoutMs`, and returns when none runs. */
	stop(timeoutMs: number): Promise<void>
}

export interface JobsOptions {
	database: Pick<Database, 'kind' | 'pool' | 'listen'>
	queues: readonly string[]
	/** Those of them in which one job waits and one runs at a time, in whichever process: what is stored beside one that waits is dropped. */
	single?: readonly string[]
	/** Hears of what went wrong in the background; that the database does not answer says the database. */
	report(error: unknown): void
}

/** A job whose worker has not been heard of for so long goes to another. */
const HEARTBEAT_SECONDS = 20
/** Jobs are asked for so often when no notification comes. */
const POLLING_SECONDS = 2
/** And so often while notifications are heard. */
const QUIET_POLLING_SECONDS = 30
/** The longest wait before the next try of what failed. */
const RETRY_SECONDS = 60
/** Workers that have not been heard of are looked for so often, where there may be others than this process. */
const WATCH_SECONDS = 10

/**
 * The priority of a job that joins a line in which groups take turns (start-time fair queueing, Goyal, Vin and Cheng 1996): behind the last one
 * of its group, and not before what is next now.
 */
const NEXT_PRIORITY = `
	SELECT coalesce(least(
		(SELECT max(priority) FROM pgboss.job WHERE name = $1 AND state = 'created' AND NOT blocked),
		(SELECT min(priority) - 1 FROM pgboss.job WHERE name = $1 AND state < 'active' AND NOT blocked AND group_id = $2)
	), 0)::int AS priority`

/** pg-boss on the pool that Prisma uses too. */
export async function startJobs({ database, queues, single = [], report }: JobsOptions): Promise<Jobs> {
	const { pool } = database
	const db: Sql = { executeSql: (text, values) => executeSql(pool, text, values) }
	const boss = new PgBoss({
		db: { ...db, listen: database.listen },
		useListenNotify: true,
		...(database.kind === 'embedded'
			? { backend: 'pglite', schedule: false }
			: { backend: 'postgres', schedule: true, superviseIntervalSeconds: WATCH_SECONDS, monitorIntervalSeconds: WATCH_SECONDS }),
	})
	boss.on('error', (error) => error.name === Unavailable.name || report(error)) // it hands on copies
	await boss.start()
	for (const queue of queues) {
		await boss.createQueue(queue, {
			...(single.includes(queue) && { policy: 'stately' }),
			notify: true,
			expireInSeconds: 12 * 3_600,
			heartbeatSeconds: HEARTBEAT_SECONDS,
			retryLimit: 100_000, // weeks: how often something may fail is the feature's to say
			retryDelay: 1,
			retryBackoff: true,
			retryDelayMax: RETRY_SECONDS,
			deleteAfterSeconds: 3_600,
		})
	}
	const stopping = new AbortController()
	let failedAt = performance.now() // what another process has handed back as it stopped
	/** No notification tells that the wait after a failure is over. */
	const retries = setInterval(() => {
		if (performance.now() - failedAt < 2 * RETRY_SECONDS * 1_000) wake()
	}, POLLING_SECONDS * 1_000).unref()

	/** All workers look for jobs at once. */
	function wake(): void {
		for (const { id } of boss.getWipData()) boss.notifyWorker(id)
	}

	/** Those of a queue that have a job look for the next as soon as they have done it. One that has none has found none for itself. */
	function goOn(queue: string): void {
		for (const { id, name, count } of boss.getWipData()) if (name === queue && count > 0) boss.notifyWorker(id)
	}

	async function send(sql: Sql, queue: string, data: object, group: string | undefined): Promise<void> {
		if (group === undefined) return void (await boss.send(queue, data, { db: sql }))
		const { rows } = await sql.executeSql(NEXT_PRIORITY, [queue, group])
		const [{ priority }] = rows as [{ priority: number }]
		await boss.send(queue, data, { db: sql, priority, group: { id: group } })
	}

	return {
		enqueue: (tx, queue, data, group) => send(fromPrisma(tx), queue, data, group),
		async enqueueLater(tx, queue, data, seconds) {
			await boss.send(queue, data, { db: fromPrisma(tx), startAfter: seconds })
		},
		async work(queue, concurrency, work) {
			const options = {
				batchSize: 1,
				pollingIntervalSeconds: POLLING_SECONDS,
				notifyPollingIntervalSeconds: QUIET_POLLING_SECONDS,
				localConcurrency: concurrency,
				...(concurrency > 1 && { localGroupConcurrency: concurrency - 1 }),
			}
			await boss.work(queue, options, async ([job]) => {
				try {
					const outcome = job && (await work(job.data as never, AbortSignal.any([job.signal, stopping.signal])))
					if (outcome === 'more') await send(db, queue, job?.data as object, job?.groupId ?? undefined)
				} catch (error) {
					failedAt = performance.now()
					throw error
				} finally {
					goOn(queue) // one notification may stand for many jobs
				}
			})
		},
		async replace(queue, jobs) {
			await boss.deleteAllJobs(queue)
			const lengths = new Map<string, number>()
			const inTurn = jobs.map(({ data, group }) => {
				const before = lengths.get(group) ?? 0
				lengths.set(group, before + 1)
				return { data, group: { id: group }, priority: -before }
			})
			if (inTurn.length > 0) await boss.insert(queue, inTurn)
		},
		async takeOver(queue) {
			const { rows } = await pool.query<{ id: string; data: object }>(
				"SELECT id, data FROM pgboss.job WHERE name = $1 AND state = 'active'",
				[queue],
			)
			if (rows.length === 0) return
			await boss.insert(
				queue,
				rows.map(({ data }) => ({ data })),
			)
			await boss.deleteJob(
				queue,
				rows.map(({ id }) => id),
			)
		},
		async retryNow() {
			await pool.query("UPDATE pgboss.job SET start_after = now() WHERE state = 'retry' AND name = ANY ($1)", [queues])
			wake()
		},
		async schedule(queue, cron) {
			await boss.schedule(queue, cron)
		},
		async stop(timeoutMs) {
			clearInterval(retries)
			const timer = setTimeout(() => stopping.abort(new Error('the server stops')), timeoutMs)
			await boss.stop({ graceful: true, timeout: timeoutMs + 5_000, close: false })
			clearTimeout(timer)
		},
	}
}

type Sql = Pick<Db, 'executeSql'>

async function executeSql(pool: pg.Pool, text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
	const result: unknown = await (values?.length ? pool.query(prepared(text, values)) : pool.query(text))
	// several statements in one text answer several results
	return Array.isArray(result) ? { rows: result.flatMap((one: pg.QueryResult) => one.rows ?? []) } : (result as pg.QueryResult)
}
