import { setImmediate, setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { Connection } from './pool.ts'

/** Hears what is notified on a channel. */
export interface Listener {
	channel: string
	hear(payload: string): void
	/** It listens from now on: what was notified before is for the listener to find out. */
	connected(): void
}

export type Listen = (channel: string, hear: Listener['hear'], connected: Listener['connected']) => Promise<{ close(): Promise<void> }>

/** One connection to PostgreSQL that is held while the process lives: it listens, and it knows first when the server is gone or back. */
export interface HeldConnection {
	readonly listen: Listen
	/** Rejects when the server does not answer. */
	ping(): Promise<void>
	/** One that is there; rejects while there is none. */
	query(text: string, values?: unknown[]): Promise<pg.QueryResult>
	close(): Promise<void>
}

interface Options {
	config: pg.ClientConfig
	/** The connection to begin with. */
	first: Connection
	/** Nobody can connect. */
	onDown(reason: Error): void
	onUp(): void
}

/** A question in between, so that a server that stands still, or a network that lost us, is noticed. */
const HEARTBEAT_MS = 2_000
/** It is lost when it does not answer for so long. */
const ANSWER_MS = 3_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 1_000

/** There was no answer in time. */
class Silence extends Error {}

export function holdConnection({ config, first, onDown, onUp }: Options): HeldConnection {
	const listeners = new Set<Listener>()
	const closing = new AbortController()
	let current: Connection | null = first
	let failure = new Error('not connected')
	const kept = keep()

	async function keep(): Promise<void> {
		for (let connection: Connection | null = first; connection; connection = await reconnect()) {
			failure = await use(connection)
			current = null
			if (failure instanceof Silence) onDown(failure) // another connection would get no answer either
			connection.breakOff(failure)
		}
	}

	/** @returns why it was lost. */
	async function use(connection: Connection): Promise<Error> {
		try {
			const lost = new Promise<never>((_, reject) => {
				connection.on('error', reject)
				connection.on('end', () => reject(new Error('the connection ended')))
			})
			lost.catch(() => undefined)
			connection.on('notification', ({ channel, payload = '' }) => {
				for (const listener of listeners) if (listener.channel === channel) listener.hear(payload)
			})
			for (const { channel } of listeners) await withinTime(connection.query(`LISTEN "${channel}"`))
			current = connection
			for (const { connected } of listeners) connected()
			for (;;) {
				await Promise.race([lost, setTimeout(HEARTBEAT_MS, undefined, { signal: closing.signal })])
				await Promise.race([lost, withinTime(connection.query('SELECT 1'))])
			}
		} catch (error) {
			return asError(error)
		}
	}

	/** @returns null when it is not wanted any more. */
	async function reconnect(): Promise<Connection | null> {
		let retryMs = FIRST_RETRY_MS
		while (!closing.signal.aborted) {
			try {
				const connection = await connect(config)
				onUp()
				return connection
			} catch (error) {
				failure = asError(error)
				onDown(failure)
			}
			await setTimeout(retryMs, undefined, { signal: closing.signal }).catch(() => undefined)
			retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
		}
		return null
	}

	function required(): Connection {
		if (!current) throw failure
		return current
	}

	return {
		async listen(channel, hear, connected) {
			const listener = { channel, hear, connected }
			listeners.add(listener)
			await withinTime(required().query(`LISTEN "${channel}"`))
			connected()
			return {
				async close() {
					listeners.delete(listener)
					if ([...listeners].every((other) => other.channel !== channel)) await current?.query(`UNLISTEN "${channel}"`)
				},
			}
		},
		ping: async () => void (await withinTime(required().query('SELECT 1'))),
		query: async (text, values) => required().query(text, values),
		async close() {
			const last = current
			current = null
			closing.abort(new Error('closed'))
			await last?.end()
			await kept
		},
	}
}

export async function connect(config: pg.ClientConfig): Promise<Connection> {
	const connection = new Connection(config)
	connection.on('error', () => undefined) // whoever uses it is told by what it asks
	try {
		await connection.connect()
	} catch (error) {
		connection.breakOff(asError(error))
		throw error
	}
	return connection
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

async function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
	const timer = new AbortController()
	const late = setTimeout(ANSWER_MS, undefined, { signal: timer.signal }).then(async () => {
		await setImmediate() // an answer that came while this process was busy counts
		throw new Silence(`no answer within ${ANSWER_MS / 1_000} s`)
	})
	return Promise.race([answer, late]).finally(() => timer.abort())
}
