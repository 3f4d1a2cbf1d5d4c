import { expect, it } from 'vitest'
import { createMemoryBus } from '../../src/events/bus.ts'
import { createTopics, TooSlow } from '../../src/events/topics.ts'

interface Progress {
	of: string
	done: number | 'end'
}

const open = (options: { capacity?: number; limit?: number } = {}) =>
	createTopics<Progress>({
		bus: createMemoryBus({ report: (error) => expect.fail(String(error)) }),
		supersededBy: ({ of, done }) => (done === 'end' ? null : of),
		encode: (event) => event,
		decode: (message) => message as Progress,
		missed: { of: 'missed', done: 0 },
		...options,
	})

const forever = new AbortController().signal

async function take(events: AsyncIterable<Progress>, count: number, last?: string): Promise<string> {
	const seen: string[] = []
	for await (const { of, done } of events) if (seen.push(`${of}${done}`) === count || seen.at(-1) === last) break
	return seen.join(' ')
}

it('gives each subscriber of a topic what is published from then on, in order', async () => {
	const topics = open()
	await topics.publish('t', { of: 'a', done: 0 })
	const [one, two, other] = [
		await topics.subscribe('t', forever),
		await topics.subscribe('t', forever),
		await topics.subscribe('u', forever),
	]
	for (const done of [1, 2, 'end'] as const) await topics.publish('t', { of: 'a', done })
	await topics.publish('u', { of: 'b', done: 1 })
	expect(await take(one, 3)).toBe('a1 a2 aend')
	expect(await take(two, 3)).toBe('a1 a2 aend')
	expect(await take(other, 1)).toBe('b1')
})

it('wakes a subscriber that waits', async () => {
	const topics = open()
	const next = take(await topics.subscribe('t', forever), 1)
	await topics.publish('t', { of: 'a', done: 7 })
	expect(await next).toBe('a7')
})

it('keeps for a slow subscriber the latest progress of each thing and every end', async () => {
	const topics = open({ capacity: 3 })
	const slow = await topics.subscribe('t', forever)
	for (let done = 1; done <= 1_000; done++) for (const of of ['a', 'b']) await topics.publish('t', { of, done })
	for (const of of ['a', 'b', 'c', 'd', 'e']) await topics.publish('t', { of, done: 'end' })
	const seen = await take(slow, Number.POSITIVE_INFINITY, 'eend')
	expect(seen).toMatch(/a1000 (.* )?aend bend cend dend eend$/)
	expect(seen).toMatch(/b1000 (.* )?aend/)
	expect(seen.split(' ').length).toBeLessThanOrEqual(3 + 5)
})

it('ends a subscription that falls behind without bound, and only that one', async () => {
	const topics = open({ capacity: 2, limit: 10 })
	const [slow, quick] = [await topics.subscribe('t', forever), await topics.subscribe('t', forever)]
	const seen = take(quick, 12)
	for (let n = 0; n < 12; n++) {
		await topics.publish('t', { of: `document ${n} `, done: 'end' })
		await new Promise(setImmediate)
	}
	await expect(take(slow, 1)).rejects.toThrow(TooSlow)
	expect((await seen).split('end')).toHaveLength(13)
})

it('ends a waiting subscription when its signal aborts, when it is left, and when the topics stop', async () => {
	const topics = open()
	const aborting = new AbortController()
	const subscriptions = await Promise.all([
		topics.subscribe('t', aborting.signal),
		topics.subscribe('t', forever),
		topics.subscribe('t', forever),
	])
	const [aborted, left, stopped] = subscriptions.map((events) => events[Symbol.asyncIterator]())
	const waiting = [aborted?.next(), left?.next(), stopped?.next()]
	aborting.abort()
	await left?.return?.()
	await topics.stop()
	expect((await Promise.all(waiting)).map((next) => next?.done)).toEqual([true, true, true])
})
