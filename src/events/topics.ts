import type { Bus, BusSubscription } from './bus.ts'
import { type Leavable, leavable, ring } from './leave.ts'

/** Events that matter while someone listens, in whatever process, and are kept nowhere. What they announce is read from the database. */
export interface Topics<E> {
	/** Never rejects; who missed it is told to read again. */
	publish(topic: string, event: E): Promise<void>
	/**
	 * Everything published after the promise resolves, in order, until the signal aborts or the iteration is left.
	 * Subscribe, then read the state, then iterate: nothing falls between.
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

interface Subscriber<E> {
	pending: E[]
	tooSlow: boolean
	waiting: Set<() => void>
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
			for (const subscriber of subscribers) {
				add(subscriber, event)
				if (subscriber.tooSlow) subscribers.delete(subscriber)
			}
		}
		const subscription = bus.subscribe(name, { hear: (message) => tell(decode(message)), resync: () => tell(missed) })
		const topic = { subscribers, subscription }
		topics.set(name, topic)
		return topic
	}

	function join(name: string, subscriber: Subscriber<E>, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return Promise.resolve()
		const topic = topics.get(name) ?? openTopic(name)
		topic.subscribers.add(subscriber)
		const leave = () => {
			topic.subscribers.delete(subscriber)
			if (topic.subscribers.size > 0 || topics.get(name) !== topic) return
			topics.delete(name)
			topic.subscription.leave()
		}
		signal.addEventListener('abort', leave, { once: true })
		return topic.subscription.active
	}

	function add(subscriber: Subscriber<E>, event: E): void {
		const subject = subscriber.pending.length >= capacity ? supersededBy(event) : null
		if (subject !== null) subscriber.pending = subscriber.pending.filter((earlier) => supersededBy(earlier) !== subject)
		subscriber.pending.push(event)
		subscriber.tooSlow = subscriber.pending.length > limit
		for (const wake of [...subscriber.waiting]) wake()
	}

	return {
		publish: (topic, event) => bus.publish(topic, encode(event)),
		async subscribe(topic, signal) {
			const subscriber: Subscriber<E> = { pending: [], tooSlow: false, waiting: new Set() }
			let joined = Promise.resolve()
			const events: Leavable<E> = leavable(signal, (leaving) => {
				leaving.addEventListener('abort', () => open.delete(events), { once: true })
				joined = join(topic, subscriber, leaving)
				return follow(topic, subscriber, leaving)
			})
			if (!signal.aborted) open.add(events)
			if (isStopped) await events.return()
			await joined
			return events
		},
		async stop() {
			isStopped = true
			await Promise.all([...open].map((events) => events.return()))
		},
	}
}

async function* follow<E>(topic: string, subscriber: Subscriber<E>, signal: AbortSignal): AsyncGenerator<E, void, void> {
	while (!signal.aborted) {
		if (subscriber.tooSlow) throw new TooSlow(topic)
		const event = subscriber.pending.shift()
		if (event !== undefined) yield event
		else await ring(subscriber.waiting, signal)
	}
}
