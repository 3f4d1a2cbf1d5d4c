import { randomUUID } from 'node:crypto'
import { AppError } from '../errors.ts'
import { type Bus, type BusListener, createMemoryBus, guarded, type Message } from './bus.ts'
import type { Redis } from './redis.ts'

interface Options {
	redis: Redis
	/** Hears what listeners throw, and once that Redis does not take messages. */
	report(error: unknown): void
}

/** A message on its way, with the process that it comes from; without one, others of that process may have been lost. */
interface Envelope {
	from: string
	message?: Message
}

/** Where processes say that others may have missed something. */
const LOST = 'lost'

/**
 * The bus of several processes, over Redis' publish and subscribe. This process hears itself directly, so also while Redis is away; what the others
 * could not be told then they are told to read again, as they are when they were away themselves.
 */
export function createRedisBus({ redis, report }: Options): Bus {
	const here = randomUUID()
	const local = createMemoryBus({ report })
	const leaving = new Map<BusListener, () => void>()
	let isAnyLost = false

	const resyncAll = () => {
		for (const { resync } of leaving.keys()) guarded(() => resync?.(), report)
	}
	const lost = redis.subscribe(LOST, {
		hear: (text) => guarded(() => fromElsewhere(text) && resyncAll(), report),
		resync: () => undefined, // each channel is told by itself
	})
	const forget = redis.onReturn(() => void tellLost())

	function fromElsewhere(text: string): Envelope | null {
		const envelope = JSON.parse(text) as Envelope
		return envelope.from === here ? null : envelope
	}

	/** @returns whether it went out. */
	async function send(channel: string, envelope: Envelope): Promise<boolean> {
		try {
			await redis.send('PUBLISH', redis.name(channel), JSON.stringify(envelope))
			return true
		} catch (error) {
			const isTold = isAnyLost || (error instanceof AppError && error.cause === undefined) // by whoever keeps the connection
			if (!isTold) report(error)
			isAnyLost = true
			return false
		}
	}

	async function tellLost(): Promise<void> {
		if (isAnyLost && (await send(LOST, { from: here }))) isAnyLost = false
	}

	return {
		async publish(channel, message) {
			await local.publish(channel, message)
			if (await send(`bus:${channel}`, { from: here, message })) await tellLost()
		},
		subscribe(channel, { hear, resync }) {
			const own = { hear, resync }
			const inside = local.subscribe(channel, own)
			const outside = redis.subscribe(`bus:${channel}`, {
				hear: (text) =>
					guarded(() => {
						const message = fromElsewhere(text)?.message
						if (message) hear(message)
					}, report),
				resync: () => guarded(() => resync?.(), report),
			})
			const leave = () => {
				leaving.delete(own)
				inside.leave()
				outside.leave()
			}
			leaving.set(own, leave)
			return { active: outside.active, leave }
		},
		async stop() {
			forget()
			lost.leave()
			for (const leave of leaving.values()) leave()
			await local.stop()
		},
	}
}
