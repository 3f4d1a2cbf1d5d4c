import { leavable, ring } from './leave.ts'

/** Events that matter while someone listens and are kept nowhere. What they announce is read from the database. */
export interface Topics<E> {
	publish(topic: string, event: E): Promise<void>
	/**
	 * Everything published after the promise resolves, in order, until the signal aborts or the iteration is left.
	 * Subscribe, then read the state, then iterate: nothing falls between.
	 */
	subscribe(topic: string, signal: AbortSignal): Promise<AsyncIterable<E>>
	/** Ends every subscription. */
	stop(): Promise<void>
}

export interface TopicOptions<E> {
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

interface Subscriber<E> {
	pending: E[]
	tooSlow: boolean
	waiting: Set<() => void>
}

/**
 * The topics of one process. A publisher never waits. For a slow subscriber, from `capacity` on, an event that comes removes the
 * waiting ones that it supersedes, so that what waits is the latest of each thing and everything that must arrive: its size is
 * that of what is going on, not that of how long the subscriber slept. `limit` is for more than that.
 */
export function createTopics<E extends object>({ supersededBy, capacity = 64, limit = 4_096 }: TopicOptions<E>): Topics<E> {
	const topics = new Map<string, Set<Subscriber<E>>>()
	const stopping = new AbortController()

	function join(topic: string, subscriber: Subscriber<E>, signal: AbortSignal): void {
		if (signal.aborted) return
		const subscribers = topics.get(topic) ?? new Set()
		topics.set(topic, subscribers.add(subscriber))
		const leave = () => {
			subscribers.delete(subscriber)
			if (subscribers.size === 0 && topics.get(topic) === subscribers) topics.delete(topic)
		}
		signal.addEventListener('abort', leave, { once: true })
	}

	function add(subscriber: Subscriber<E>, event: E): void {
		const subject = subscriber.pending.length >= capacity ? supersededBy(event) : null
		if (subject !== null) subscriber.pending = subscriber.pending.filter((earlier) => supersededBy(earlier) !== subject)
		subscriber.pending.push(event)
		subscriber.tooSlow = subscriber.pending.length > limit
		for (const wake of [...subscriber.waiting]) wake()
	}

	return {
		async publish(topic, event) {
			const subscribers = topics.get(topic)
			for (const subscriber of subscribers ?? []) {
				add(subscriber, event)
				if (subscriber.tooSlow) subscribers?.delete(subscriber)
			}
		},
		async subscribe(topic, signal) {
			const subscriber: Subscriber<E> = { pending: [], tooSlow: false, waiting: new Set() }
			return leavable(AbortSignal.any([signal, stopping.signal]), (leaving) => {
				join(topic, subscriber, leaving)
				return follow(topic, subscriber, leaving)
			})
		},
		async stop() {
			stopping.abort()
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
