/**
 * PostgreSQL in WebAssembly, on a thread of its own: a query holds the thread it runs on. It has one session, which the logical
 * connections share: whoever is in a transaction has it alone until the transaction ends.
 */
import path from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { pg_textsearch } from '@electric-sql/pglite-pg_textsearch'
import { collectGarbage } from '../collect.ts'
import { DurableNodeFS } from './durable-fs.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './embedded-protocol.ts'

/** WAL written since the last checkpoint that makes the next one due: single-user mode has no checkpointer. */
const CHECKPOINT_BYTES = 48_000_000n
/** Statements between two looks at the WAL. */
const CHECKPOINT_STATEMENTS = 500
/** Rest after which maintenance runs: there is no autovacuum either. */
const IDLE_MS = 3_000
/**
 * pg_textsearch merges segments inside the statement that fills the last one. Unbounded, at 300,000 chunks that would hold the one session for half a
 * minute; bounded, for a second at most, and searches go through a few more segments.
 */
const BOUNDED_MERGES = 'pg_textsearch.max_segment_size=16MB'
/** By then the server has started. */
const STARTED_MS = 2_000
/** WAL written since the last vacuum that makes the next one due. */
const VACUUM_BYTES = 4_000_000n

if (!parentPort) throw new Error('runs in a worker thread only')
const port = parentPort
const { directory, durable } = workerData as WorkerOptions
const send = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
const settings = (...pairs: string[]) => pairs.flatMap((pair) => ['-c', pair])

const dataDir = path.join(directory, 'pgdata')
const db = await PGlite.create({
	...(durable ? { fs: new DurableNodeFS(dataDir) } : { dataDir }),
	extensions: { pg_textsearch },
	startParams: [
		...PGlite.defaultStartParams.filter((parameter) => !(durable && parameter === '-F')),
		...(durable ? settings('fsync=on', 'wal_sync_method=fsync') : []),
		...settings('shared_buffers=32MB', 'max_wal_size=64MB', 'min_wal_size=32MB', 'wal_level=minimal', 'max_wal_senders=0', 'jit=off'),
		...settings(BOUNDED_MERGES),
	],
})

const queue: Exclude<ToWorker, { close: true }>[] = []
let owner = 0 // the connection inside a transaction: only its messages pass
let newest = 0 // connections are numbered in the order of their opening
let working = false
let closing = false
let statements = 0
let idle: NodeJS.Timeout | undefined
let checkpointed = await walPosition()
let vacuumed = checkpointed

async function work(): Promise<void> {
	if (working) return
	working = true
	clearTimeout(idle)
	for (let job = next(); job; job = next()) {
		await run(job)
		if (owner === 0 && ++statements >= CHECKPOINT_STATEMENTS) await checkpointWhenDue()
	}
	working = false
	if (closing) await close()
	else idle = setTimeout(() => void maintain(), IDLE_MS)
}

function next() {
	const at = owner === 0 ? 0 : queue.findIndex(({ connection }) => connection === owner)
	return at < 0 ? undefined : queue.splice(at, 1)[0]
}

async function run(job: Exclude<ToWorker, { close: true }>): Promise<void> {
	const { connection } = job
	try {
		if ('end' in job) {
			if (owner === connection) await answerOf(simpleQuery('ROLLBACK'))
			if (owner === connection) owner = 0
			return
		}
		if (connection > newest) await beginConnection(connection)
		const bytes = await answerOf(job.bytes)
		owner = transactionStatus(bytes) === 'I' ? 0 : connection
		send({ connection, bytes }, [bytes.buffer])
	} catch (error) {
		if (owner === connection) owner = 0
		send({ connection, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
	}
}

/** A connection begins without prepared statements; the session may have those of one that is gone, by the same names. */
async function beginConnection(connection: number): Promise<void> {
	newest = connection
	await answerOf(simpleQuery('DEALLOCATE ALL'))
}

/** The bytes as they come. (What collects them for the caller reads each message too, which takes longer than most statements.) */
async function answerOf(message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	const parts: Uint8Array<ArrayBuffer>[] = []
	const onRawData = (part: Uint8Array) => parts.push(new Uint8Array(part)) // a view of PostgreSQL's own buffer
	await db.execProtocolRawStream(message, { syncToFs: false, onRawData })
	return parts.length === 1 && parts[0] ? parts[0] : new Uint8Array(Buffer.concat(parts))
}

/** `I` outside a transaction, `T` or `E` in one; undefined when the answer does not end with ReadyForQuery. */
function transactionStatus(bytes: Uint8Array): string | undefined {
	return bytes.at(-6) === 0x5a ? String.fromCharCode(bytes.at(-1) ?? 0) : undefined
}

function simpleQuery(sql: string): Uint8Array {
	const text = Buffer.from(`${sql}\0`)
	const message = Buffer.alloc(5 + text.length)
	message.write('Q')
	message.writeInt32BE(4 + text.length, 1)
	text.copy(message, 5)
	return new Uint8Array(message)
}

async function walPosition(): Promise<bigint> {
	const { rows } = await db.query<{ position: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint::text AS position")
	return BigInt(rows[0]?.position ?? 0)
}

async function checkpointWhenDue(leastBytes = CHECKPOINT_BYTES): Promise<void> {
	statements = 0
	const position = await walPosition()
	if (position - checkpointed < leastBytes) return
	await db.exec('CHECKPOINT')
	checkpointed = position
}

/** What autovacuum and the checkpointer would do, table by table, giving way to whoever comes. */
async function maintain(): Promise<void> {
	if (working || closing || owner !== 0) return
	working = true
	send({ busy: true })
	try {
		const position = await walPosition()
		if (position - vacuumed >= VACUUM_BYTES && (await vacuumAll())) vacuumed = position
		if (queue.length === 0) await checkpointWhenDue(1_000_000n)
	} catch (error) {
		send({ maintenanceError: error instanceof Error ? error.message : String(error) })
	}
	send({ busy: false })
	working = false
	if (queue.length > 0 || closing) void work()
}

/** Whether it went through all tables. */
async function vacuumAll(): Promise<boolean> {
	const { rows } = await db.query<{ name: string }>(
		"SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
	)
	for (const { name } of rows) {
		if (queue.length > 0 || closing) return false
		await db.exec(`VACUUM (ANALYZE) ${name}`)
		await new Promise(setImmediate) // lets messages in
	}
	return true
}

async function close(): Promise<void> {
	clearTimeout(idle)
	await db.exec('CHECKPOINT').catch((error: unknown) => send({ maintenanceError: String(error) }))
	await db.close()
	port.close()
}

port.on('message', (message: ToWorker) => {
	if ('close' in message) closing = true
	else queue.push(message)
	void work()
})
setTimeout(collectGarbage, STARTED_MS).unref() // 300 MB of making and reading the directory
send({ ready: true })
