import { describe, expect, it } from 'vitest'
import type { EventLog, LogEntry } from '../../src/events/event-log.ts'

export interface Word {
	word: string
}

/** What every body of the log must do; `open` gives an empty one. */
export function describeEventLog(name: string, open: () => Promise<EventLog<Word>>): void {
	const forever = new AbortController().signal

	async function log(words: string): Promise<EventLog<Word>> {
		const log = await open()
		for (const word of words.split(' ')) await log.append('run', { word })
		return log
	}

	async function follow(log: EventLog<Word>, after = 0, signal = forever): Promise<AsyncIterator<LogEntry<Word>>> {
		const entries = await log.read('run', after, signal)
		if (!entries) throw new Error('The stream is unknown.')
		return entries[Symbol.asyncIterator]()
	}

	async function rest(reader: AsyncIterator<LogEntry<Word>>): Promise<string> {
		const seen: string[] = []
		for (let next = await reader.next(); !next.done; next = await reader.next())
			seen.push(`${next.value.sequence}:${next.value.event.word}`)
		return seen.join(' ')
	}

	describe(`the event log: ${name}`, () => {
		it('numbers the events of each stream from 1', async () => {
			const log = await open()
			expect(await log.append('run', { word: 'a' })).toBe(1)
			expect(await log.append('run', { word: 'b' })).toBe(2)
			expect(await log.append('other', { word: 'c' })).toBe(1)
			await log.stop()
		})

		it('gives the past, then what comes, then ends when the stream is finished', async () => {
			const events = await log('a b')
			const reader = await follow(events)
			expect((await reader.next()).value).toEqual({ sequence: 1, event: { word: 'a' } })
			expect((await reader.next()).value).toEqual({ sequence: 2, event: { word: 'b' } })
			const live = reader.next()
			await events.append('run', { word: 'c' })
			expect((await live).value).toEqual({ sequence: 3, event: { word: 'c' } })
			const end = reader.next()
			await events.finish('run')
			expect((await end).done).toBe(true)
			await events.stop()
		})

		it('gives the whole of a finished stream, and from any sequence on', async () => {
			const events = await log('a b c')
			await events.finish('run')
			expect(await rest(await follow(events))).toBe('1:a 2:b 3:c')
			expect(await rest(await follow(events, 2))).toBe('3:c')
			expect(await rest(await follow(events, 3))).toBe('')
			await events.stop()
		})

		it('waits for the sequences that a reader has not seen, when it starts past the end of a live stream', async () => {
			const events = await log('a')
			const reader = await follow(events, 2)
			const next = reader.next()
			await events.append('run', { word: 'b' })
			await events.append('run', { word: 'c' })
			expect((await next).value).toEqual({ sequence: 3, event: { word: 'c' } })
			await events.stop()
		})

		it('lets several readers go at their own pace', async () => {
			const events = await log('a')
			const [quick, slow] = [await follow(events), await follow(events)]
			const all = rest(quick)
			await events.append('run', { word: 'b' })
			await events.finish('run')
			expect(await all).toBe('1:a 2:b')
			expect(await rest(slow)).toBe('1:a 2:b')
			await events.stop()
		})

		it('ends a waiting reader when its signal aborts, and when it leaves', async () => {
			const events = await log('a')
			const leaving = new AbortController()
			const [aborted, left] = [await follow(events, 1, leaving.signal), await follow(events, 1)]
			const waiting = [aborted.next(), left.next()]
			leaving.abort()
			await left.return?.()
			expect((await Promise.all(waiting)).map((next) => next.done)).toEqual([true, true])
			await events.stop()
		})

		it('says that a stream is unknown', async () => {
			const events = await log('a')
			expect(await events.read('another', 0, forever)).toBeNull()
			await events.finish('another')
			expect(await events.read('another', 0, forever)).toBeNull()
			await events.stop()
		})

		it('takes nothing after the end, and an end twice', async () => {
			const events = await log('a')
			await events.finish('run')
			await events.finish('run')
			await expect(events.append('run', { word: 'b' })).rejects.toThrow('finished')
			expect(await rest(await follow(events))).toBe('1:a')
			await events.stop()
		})

		it('ends every reader when it stops', async () => {
			const events = await log('a')
			const waiting = rest(await follow(events))
			await events.stop()
			expect(await waiting).toBe('1:a')
		})
	})
}
