import type { Bus, BusSubscription } from './bus.ts'
import type { Leavable } from './leave.ts'

/** Events that matter while someone listens, in whatever process, and are kept nowhere. What they announce is read from the database. */
export interface Topics<E> {
	/** Never rejects; who missed it is told to read again. */
	publish(topic: string, event: E): Promise<void>
	/**
	 * Everything published after the promise resolves, in order, until the signal aborts or the iteration is left.
	 * Subscribe, then read the state, then iterate: nothing falls between. One reads it, one event after the other.
	 */
	subscribe(topic: string, signal: AbortSignal): Promise<Leavable<E>>
	/** Ends every subscription. */
	stop(): Promise<void>
}

export interface TopicOptions<E> {
	bus: Bus
	/** The event as other processes get it: JSON, and no more than a subscriber needs. */
	encode: (event: E) => object
	decode: (message: object) => E
	/** What tells a subscriber that events may have been missed, so that it reads the state again. */
	missed: E
	/**
	 * What an event is about, when a later event about the same makes it worthless (progress); null when it must arrive
	 * (the end of something).
	 */
	supersededBy: (event: E) => string | null
	/** How many events wait for a subscriber before superseded ones are dropped. Default 64. */
	capacity?: number
	/** How many wait at most; past it the subscription throws TooSlow. Default 4,096. */
	limit?: number
}

/** A subscriber that fell so far behind that keeping what must arrive would have no bound. It reads the state and subscribes again. */
export class TooSlow extends Error {
	override name = 'TooSlow'
	constructor(topic: string) {
		super(`A subscriber of "${topic}" is too slow.`)
	}
}

interface Topic<E> {
	subscribers: Set<Subscriber<E>>
	subscription: BusSubscription
}

interface Subscriber<E> extends Leavable<E> {
	tell(event: E): void
}

/**
 * Topics on a bus, each on a channel of its own while it has subscribers here. A publisher never waits for them. For a slow subscriber, from
 * `capacity` on, an event that comes removes the waiting ones that it supersedes, so that what waits is the latest of each thing and everything that
 * must arrive: its size is that of what is going on, not that of how long the subscriber slept. `limit` is for more than that.
 */
export function createTopics<E extends object>(options: TopicOptions<E>): Topics<E> {
	const { bus, encode, decode, missed, supersededBy, capacity = 64, limit = 4_096 } = options
	const topics = new Map<string, Topic<E>>()
	const open = new Set<Leavable<E>>()
	let isStopped = false

	function openTopic(name: string): Topic<E> {
		const subscribers = new Set<Subscriber<E>>()
		const tell = (event: E) => {
			for (const subscriber of subscribers) subscriber.tell(event)
		}
		const subscription = bus.subscribe(name, { hear: (message) => tell(decode(message)), resync: () => tell(missed) })
		const topic = { subscribers, subscription }
		topics.set(name, topic)
		return topic
	}

	function leave(name: string, subscriber: Subscriber<E>): void {
		open.delete(subscriber)
		const topic = topics.get(name)
		if (!topic?.subscribers.delete(subscriber) || topic.subscribers.size > 0) return
		topics.delete(name)
		topic.subscription.leave()
	}

	/** By hand: a generator with a signal of its own weighs several times as much, and there are thousands. */
	function createSubscriber(name: string, signal: AbortSignal): Subscriber<E> {
		let pending: E[] = []
		let isTooSlow = false
		let isOver = false
		let wake: (() => void) | undefined
		const end = () => {
			isOver = true
			signal.removeEventListener('abort', end)
			leave(name, subscriber)
			wake?.()
		}
		const subscriber: Subscriber<E> = {
			tell(event) {
				const subject = pending.length >= capacity ? supersededBy(event) : null
				if (subject !== null) pending = pending.filter((earlier) => supersededBy(earlier) !== subject)
				pending.push(event)
				isTooSlow = pending.length > limit
				if (isTooSlow) leave(name, subscriber)
				wake?.()
			},
			async next() {
				if (!isOver && pending.length === 0) {
					await new Promise<void>((resolve) => {
						wake = resolve
					})
					wake = undefined
				}
				if (isTooSlow && !isOver) {
					end()
					throw new TooSlow(name)
				}
				const event = isOver ? undefined : pending.shift()
				return event === undefined ? { done: true, value: undefined } : { done: false, value: event }
			},
			async return() {
				end()
				return { done: true, value: undefined }
			},
			[Symbol.asyncIterator]: () => subscriber,
		}
		signal.addEventListener('abort', end)
		return subscriber
	}

	return {
		publish: (topic, event) => bus.publish(topic, encode(event)),
		async subscribe(name, signal) {
			const subscriber = createSubscriber(name, signal)
			if (isStopped || signal.aborted) {
				await subscriber.return()
				return subscriber
			}
			open.add(subscriber)
			const topic = topics.get(name) ?? openTopic(name)
			topic.subscribers.add(subscriber)
			await topic.subscription.active
			return subscriber
		},
		async stop() {
			isStopped = true
			await Promise.all([...open].map((events) => events.return()))
		},
	}
}
