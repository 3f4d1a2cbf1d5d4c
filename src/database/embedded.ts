import { Worker } from 'node:worker_threads'
import type pg from 'pg'
import type { Body } from './body.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './embedded-protocol.ts'
import { EmbeddedStream } from './embedded-stream.ts'
import type { Listen } from './held-connection.ts'
import { QUERY_TIMEOUT_MS } from './limits.ts'
import { Pool } from './pool.ts'

export interface EmbeddedOptions extends WorkerOptions {
	/** Hears of a worker that had to be restarted and of maintenance that failed. */
	report(problem: string): void
}

/** A worker that says nothing for so long is ended and started anew: a query in WebAssembly cannot be interrupted. */
const STUCK_MS = 30_000
/** The same while it maintains itself: vacuuming a large table takes its time. */
const STUCK_IN_MAINTENANCE_MS = 300_000
const WATCH_MS = 1_000

/**
 * Opens (and at first makes) the embedded PostgreSQL of a directory, as a pool of `pg`. The caller has locked the directory.
 * A query that takes too long fails, and past {@link STUCK_MS} takes the worker with it; what was committed stays.
 */
export async function openEmbedded({ report, ...options }: EmbeddedOptions): Promise<Body> {
	const streams = new Map<number, EmbeddedStream>()
	let connections = 0
	let writes = 0
	let pending = 0
	let maintaining = false
	let heardAt = 0
	let closing = false
	let worker = await startWorker()
	const watch = setInterval(restartWhenStuck, WATCH_MS).unref()

	async function startWorker(): Promise<Worker> {
		const started = new Worker(new URL('./embedded-worker.ts', import.meta.url), { workerData: options satisfies WorkerOptions })
		await new Promise<void>((resolve, reject) => {
			started.once('error', reject)
			started.once('message', () => resolve())
		})
		pending = 0
		maintaining = false
		started.on('message', hear)
		started.on('error', (error) => report(`the embedded database failed: ${error.message}`))
		started.once('exit', () => started === worker && !closing && void replaceWorker())
		return started
	}

	function hear(message: FromWorker): void {
		heardAt = performance.now()
		if ('busy' in message) maintaining = message.busy
		else if ('maintenanceError' in message) report(`maintenance failed: ${message.maintenanceError}`)
		else if ('bytes' in message) {
			pending--
			streams.get(message.connection)?.deliver(message.bytes)
		} else if ('error' in message) {
			pending--
			streams.get(message.connection)?.destroy(new Error(message.error))
		}
	}

	function send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
		worker.postMessage(message, transfer)
	}

	function openStream(): EmbeddedStream {
		const connection = ++connections
		const stream = new EmbeddedStream({
			send(bytes) {
				if (pending === 0) heardAt = performance.now()
				pending++
				send({ connection, bytes }, [bytes.buffer as ArrayBuffer])
			},
			end: () => streams.delete(connection) && send({ connection, end: true }),
		})
		streams.set(connection, stream)
		return stream
	}

	function restartWhenStuck(): void {
		const limit = maintaining ? STUCK_IN_MAINTENANCE_MS : STUCK_MS
		if (pending > 0 && performance.now() - heardAt > limit) void worker.terminate()
	}

	async function replaceWorker(): Promise<void> {
		report('the embedded database is restarted')
		dropStreams()
		worker = await startWorker()
		writes++ // what was sent last may be lost
		dropStreams() // those that were opened meanwhile spoke to nobody
	}

	function dropStreams(): void {
		const lost = [...streams.values()]
		streams.clear()
		for (const stream of lost) stream.destroy(new Error('the embedded database was restarted'))
	}

	const pool = new Pool({
		user: 'postgres',
		database: 'postgres',
		host: 'embedded',
		ssl: false,
		stream: openStream,
		max: 1, // there is one session; and a prepared statement belongs to the connection that made it
		idleTimeoutMillis: 0,
		query_timeout: QUERY_TIMEOUT_MS,
		writing: () => writes++,
	} as unknown as pg.PoolConfig) // its types do not know that `stream` may be any duplex stream

	return {
		pool,
		writes: () => writes,
		listen: (...listener) => listen(pool, ...listener),
		async ping() {
			await pool.query('SELECT 1')
		},
		exclusively: (task) => task(), // the directory is locked
		async withoutLimits(task) {
			const connection = await pool.connect()
			try {
				return await task(connection)
			} finally {
				connection.release()
			}
		},
		async close() {
			await pool.end()
			closing = true
			clearInterval(watch)
			const ended = new Promise((resolve) => worker.once('exit', resolve))
			send({ close: true })
			await ended
		},
	}
}

/** The embedded database has one session: whichever connection has the wire when a NOTIFY comes receives it, so all are watched. */
async function listen(pool: pg.Pool, ...[channel, hear, connected]: Parameters<Listen>): ReturnType<Listen> {
	const onNotification = (message: pg.Notification) => {
		if (message.channel === channel) hear(message.payload ?? '')
	}
	const watched = new Set<pg.PoolClient>()
	const watch = (client: pg.PoolClient) => {
		if (!watched.has(client)) client.on('notification', onNotification)
		watched.add(client)
	}
	const forget = (client: pg.PoolClient) => void watched.delete(client)
	pool.on('connect', watch)
	pool.on('acquire', watch)
	pool.on('remove', forget)
	await pool.query(`LISTEN "${channel}"`)
	connected()
	return {
		async close() {
			pool.off('connect', watch)
			pool.off('acquire', watch)
			pool.off('remove', forget)
			for (const client of watched) client.off('notification', onNotification)
			await pool.query(`UNLISTEN "${channel}"`)
		},
	}
}
