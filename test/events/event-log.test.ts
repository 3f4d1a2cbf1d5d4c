import { expect, it } from 'vitest'
import { createMemoryEventLog } from '../../src/events/event-log.ts'
import { describeEventLog, type Word } from './event-log-suite.ts'

describeEventLog('in memory', async () => {
	const log = createMemoryEventLog<Word>()
	return { writer: log, reader: log, stop: log.stop }
})

const forever = new AbortController().signal

async function ended(retention: Parameters<typeof createMemoryEventLog>[0], streams: Record<string, number>) {
	const log = createMemoryEventLog<Word>(retention)
	for (const [name, length] of Object.entries(streams)) {
		for (let n = 0; n < length; n++) await log.append(name, { word: String(n) })
		await log.finish(name)
	}
	return log
}

it('drops the streams that ended first, past a number of streams', async () => {
	const log = await ended({ maxStreams: 2 }, { a: 1, b: 1, c: 1 })
	expect(await log.read('a', 0, forever)).toBeNull()
	expect(await log.read('b', 0, forever)).not.toBeNull()
})

it('drops the streams that ended first, past a number of events', async () => {
	const log = await ended({ maxEvents: 10 }, { a: 6, b: 6, c: 4 })
	expect(await log.read('a', 0, forever)).toBeNull()
	expect(await log.read('b', 0, forever)).not.toBeNull()
})

it('drops the streams that ended long ago, and never a live one', async () => {
	let clock = 0
	const log = await ended({ maxAgeMs: 1_000, now: () => clock }, { a: 1 })
	await log.append('live', { word: 'x' })
	clock = 1_000
	expect(await log.read('a', 0, forever)).not.toBeNull()
	clock = 1_001
	expect(await log.read('a', 0, forever)).toBeNull()
	expect(await log.read('live', 0, forever)).not.toBeNull()
})

it('lets a reader finish a stream that is dropped meanwhile', async () => {
	const log = await ended({ maxStreams: 1 }, { a: 3 })
	const entries = await log.read('a', 0, forever)
	await log.append('b', { word: 'x' })
	await log.finish('b')
	expect(await log.read('a', 0, forever)).toBeNull()
	expect((await Array.fromAsync(entries ?? [])).map((entry) => entry.sequence)).toEqual([1, 2, 3])
})
