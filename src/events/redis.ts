import { createHash } from 'node:crypto'
import { keepLink, RedisRefused } from './link.ts'

export { RedisRefused }

/** A Redis server, shared by the processes of this application and perhaps with others. */
export interface Redis {
	/** The name of a key or channel on the server. Channels know no databases: it holds the number of ours. */
	name(name: string): string
	/**
	 * Has a command done: those of one tick go out together.
	 * @throws AppError UNAVAILABLE at once while the server cannot be reached, and within the limit when it falls silent.
	 */
	send(...command: string[]): Promise<unknown>
	/** Has a script done on one key; the same errors. */
	run(script: Script, key: string, args: readonly string[]): Promise<unknown>
	/** Listens on a channel. One connection listens for the whole process. */
	subscribe(channel: string, listener: Listener): Subscription
	/** Calls back each time when commands can be sent again. @returns what takes that back. */
	onReturn(hear: () => void): () => void
	/** Rejects unless both connections answer. */
	ping(): Promise<void>
	/** What has no answer by now fails. */
	close(): Promise<void>
}

/** Both must not throw. */
export interface Listener {
	hear(message: string): void
	/** It listens again after it did not: messages may have been missed. */
	resync(): void
}

export interface Subscription {
	/** Resolves when everything sent from then on is heard; when that cannot be now, at once, and `resync` comes with the connection. */
	active: Promise<void>
	leave(): void
}

export interface RedisOptions {
	/** `redis://user:password@host:6379/0` or `rediss://…` */
	url: string
	/** Before every key and channel. Default `anythingllm`. */
	prefix?: string
	/** How long the server may be silent while it owes an answer, in milliseconds. Default 2,000. */
	limitMs?: number
	/** Hears when the server goes and comes, once each time. */
	report(problem: string): void
}

/** A Lua script with the name that the server gives it. */
export interface Script {
	text: string
	sha: string
}

export const scriptOf = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') })

const MAX_CHANNELS_A_COMMAND = 1_000

/**
 * Connects twice, once for commands and once to listen, and stays connected. A server that is down is tried again for ever; meanwhile
 * commands fail at once.
 * @throws RedisRefused when the server does not accept the user, the password or the database of the URL, or is too old.
 */
export async function openRedis({ url, prefix = 'anythingllm', limitMs = 2_000, report }: RedisOptions): Promise<Redis> {
	const redis = await import('@redis/client')
	const database = databaseOf(url)
	const returning = new Set<() => void>()
	const channels = new Map<string, { listeners: Set<Listener>; active: Promise<void> }>()
	const down = new Set<string>()

	const open = (name: string, onUp: () => void) =>
		keepLink(redis, {
			url,
			limitMs,
			onUp() {
				if (down.delete(name) && down.size === 0) report('Redis is back.')
				onUp()
			},
			onDown(reason) {
				if (down.size === 0) report(`Redis cannot be reached (${reason}); trying again.`)
				down.add(name)
			},
		})
	const commands = open('commands', () => returning.forEach((hear) => void hear()))
	const listening = open('listening', () => void resubscribe())

	async function resubscribe(): Promise<void> {
		const names = [...channels.keys()]
		for (let first = 0; first < names.length; first += MAX_CHANNELS_A_COMMAND) {
			const some = names.slice(first, first + MAX_CHANNELS_A_COMMAND).filter((name) => channels.has(name))
			if (await join(some)) for (const name of some) for (const { resync } of channels.get(name)?.listeners ?? []) resync()
		}
	}

	/** @returns whether they are listened to from now on; if not, the next connection joins them. */
	async function join(names: string[]): Promise<boolean> {
		try {
			await listening.ask((client) => client.subscribe(names, dispatch))
			return true
		} catch (error) {
			if (error instanceof redis.ErrorReply) report(`Redis refuses to be listened to: ${error.message}`)
			return false
		}
	}

	function dispatch(message: string, channel: string): void {
		for (const { hear } of channels.get(channel)?.listeners ?? []) hear(message)
	}

	function leave(name: string, listener: Listener): void {
		const channel = channels.get(name)
		if (!channel?.listeners.delete(listener) || channel.listeners.size > 0) return
		channels.delete(name)
		listening.ask((client) => client.unsubscribe(name, dispatch)).catch(() => undefined) // a connection that is gone listens to nothing
	}

	async function close(): Promise<void> {
		await Promise.all([commands.close(), listening.close()])
	}

	const name = (name: string): string => `${prefix}:${database}:${name}`

	try {
		await Promise.all([commands.attempted, listening.attempted])
	} catch (error) {
		await close()
		throw error
	}
	return {
		name,
		send: (...command) => commands.ask((client) => client.sendCommand(command)),
		async run({ text, sha }, key, args) {
			try {
				return await commands.ask((client) => client.sendCommand(['EVALSHA', sha, '1', key, ...args]))
			} catch (error) {
				if (!(error instanceof redis.ErrorReply && error.message.startsWith('NOSCRIPT'))) throw error
				return commands.ask((client) => client.sendCommand(['EVAL', text, '1', key, ...args]))
			}
		},
		subscribe(channelName, listener) {
			const full = name(channelName)
			let channel = channels.get(full)
			if (!channel) {
				channel = { listeners: new Set(), active: Promise.resolve() }
				channels.set(full, channel)
				channel.active = join([full]).then(() => undefined)
			}
			channel.listeners.add(listener)
			return { active: channel.active, leave: () => leave(full, listener) }
		},
		onReturn(hear) {
			returning.add(hear)
			return () => void returning.delete(hear)
		},
		async ping() {
			await Promise.all([commands, listening].map(({ ask }) => ask((client) => client.ping())))
		},
		close,
	}
}

/** @throws RedisRefused */
function databaseOf(url: string): number {
	const path = new URL(url).pathname.slice(1)
	if (!/^\d{0,5}$/.test(path)) throw new RedisRefused('the database must be a number')
	return Number(path)
}
