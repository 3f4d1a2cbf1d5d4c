import { setTimeout as wait } from 'node:timers/promises'
import type { RedisClientType } from '@redis/client'
import { AppError } from '../errors.ts'

/** The package, loaded by whoever has a server to talk to. */
export type RedisPackage = typeof import('@redis/client')

/** The server answers and does not let us in: trying again is no use. */
export class RedisRefused extends Error {
	override name = 'RedisRefused'
}

/** One connection that comes back by itself. */
export interface Link {
	/** Settles with the first attempt to connect, made or not. @throws RedisRefused when the server refused it. */
	readonly attempted: Promise<void>
	/**
	 * Has a command sent.
	 * @throws AppError UNAVAILABLE: at once while there is no connection, when it breaks, when the server is silent for `limitMs`,
	 * and when it cannot serve now (memory, loading, read only), then with what it says as the cause. ErrorReply for anything else that it refuses.
	 */
	ask<T>(command: (client: RedisClientType) => Promise<T>): Promise<T>
	close(): Promise<void>
}

export interface LinkOptions {
	url: string
	/** How long the server may be silent while it owes an answer, in milliseconds. */
	limitMs: number
	/** Called with each new connection, before anything else is asked on it. */
	onUp(): void
	/** Called each time when a connection ended or could not be made. */
	onDown(reason: string): void
}

/** The time between two attempts, doubled from one to the next, less a random part of it. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [100, 2_000]
/** Whoever connects and is thrown out at once waits longer and longer too. */
const STABLE_MS = 5_000
/** A connection that nobody uses is asked so often whether it is one: a server that was unplugged says nothing. */
const HEARTBEAT_MS = 5_000
/** Looks at the server's silence, within its limit. A look late because this process was busy counts as one. */
const LOOKS = 4

const REFUSALS = /^(WRONGPASS|NOAUTH|NOPERM|ERR (DB index|invalid DB|unknown command|Client sent AUTH|AUTH|invalid password))/
const UNABLE = /^(OOM|LOADING|READONLY|MISCONF|BUSY|MASTERDOWN|NOREPLICAS)\b/

export function keepLink({ createClient, ErrorReply }: RedisPackage, { url, limitMs, onUp, onDown }: LinkOptions): Link {
	const closing = new AbortController()
	const attempted = Promise.withResolvers<void>()
	let client: RedisClientType | null = null
	/** Commands without an answer, and the looks since the last answer. */
	let owed = 0
	let silentLooks = 0

	function open(): RedisClientType {
		return createClient({
			url,
			RESP: 3,
			socket: { reconnectStrategy: false, connectTimeout: limitMs },
			disableOfflineQueue: true,
			disableClientInfo: true,
			maintNotifications: 'disabled',
			commandOptions: { timeout: 0 }, // a timer a command costs more than the command
		})
	}

	/** Makes a connection and stays until it ends. @throws what kept it from being made, or ended it. */
	async function connect(): Promise<void> {
		const connection = open()
		const ended = Promise.withResolvers<never>()
		ended.promise.catch(() => undefined) // awaited below, once there is a connection
		connection.on('error', ended.reject)
		connection.on('end', () => ended.reject(new Error(`no answer within ${limitMs} ms`)))
		const giveUp = () => connection.destroy()
		closing.signal.addEventListener('abort', giveUp)
		const late = setTimeout(giveUp, 2 * limitMs)
		let watching: NodeJS.Timeout | undefined
		let isOver = false
		try {
			const connecting = connection.connect()
			connecting.then(() => isOver && connection.destroy()).catch(() => undefined) // one that comes too late
			await Promise.race([connecting, ended.promise])
			clearTimeout(late)
			client = connection
			silentLooks = 0
			watching = setInterval(look, limitMs / LOOKS, connection)
			onUp()
			attempted.resolve()
			await ended.promise
		} finally {
			isOver = true
			client = null
			clearTimeout(late)
			clearInterval(watching)
			closing.signal.removeEventListener('abort', giveUp)
			connection.destroy()
		}
	}

	function look(connection: RedisClientType): void {
		silentLooks++
		if (owed > 0 && silentLooks > LOOKS) connection.destroy()
		const isIdle = owed === 0 && silentLooks * (limitMs / LOOKS) >= HEARTBEAT_MS
		if (isIdle) ask((client) => client.ping()).catch(() => undefined) // its failure ends the connection, and that is told
	}

	async function ask<T>(command: (client: RedisClientType) => Promise<T>): Promise<T> {
		if (!client) throw new AppError('unavailable', { part: 'redis' })
		if (owed++ === 0) silentLooks = 0
		try {
			return await command(client)
		} catch (error) {
			if (!(error instanceof ErrorReply)) throw new AppError('unavailable', { part: 'redis' })
			throw UNABLE.test(error.message) ? Object.assign(new AppError('unavailable', { part: 'redis' }), { cause: error }) : error
		} finally {
			owed--
			silentLooks = 0
		}
	}

	async function stayConnected(): Promise<void> {
		for (let failures = 0; !closing.signal.aborted; failures++) {
			const startedAt = performance.now()
			await connect().catch((error: unknown) => {
				const isRefused = error instanceof ErrorReply && REFUSALS.test(error.message)
				if (isRefused) attempted.reject(new RedisRefused(error.message))
				if (!closing.signal.aborted) onDown(reasonOf(error))
			})
			attempted.resolve()
			if (performance.now() - startedAt > STABLE_MS) failures = 0
			await wait(retryMs(failures), undefined, { signal: closing.signal }).catch(() => undefined)
		}
	}

	const kept = stayConnected()
	return {
		attempted: attempted.promise,
		ask,
		async close() {
			closing.abort()
			await kept
		},
	}
}

const retryMs = (failures: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2)

/** Where a name has several addresses the error has a code and no words. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error)
	return error.message || ('code' in error ? String(error.code) : error.name)
}
