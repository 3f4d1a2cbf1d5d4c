import { describe, expect, it } from 'vitest'
import { type EventLog, type LogEntry, StreamFinished } from '../../src/events/event-log.ts'

export interface Word {
	word: string
}

/** An empty log, as the process that writes has it and as one that reads: the same one, or another process' of the same log. */
export interface Logs {
	writer: EventLog<Word>
	reader: EventLog<Word>
	/** Stops both. */
	stop(): Promise<void>
}

/** What every body of the log must do. */
export function describeEventLog(name: string, open: () => Promise<Logs>): void {
	const forever = new AbortController().signal

	async function log(words: string): Promise<Logs> {
		const logs = await open()
		for (const word of words.split(' ')) await logs.writer.append('run', { word })
		return logs
	}

	async function follow({ reader }: Logs, after = 0, signal = forever): Promise<AsyncIterator<LogEntry<Word>>> {
		const entries = await reader.read('run', after, signal)
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
			const { writer, stop } = await open()
			expect(await writer.append('run', { word: 'a' })).toBe(1)
			expect(await writer.append('run', { word: 'b' })).toBe(2)
			expect(await writer.append('other', { word: 'c' })).toBe(1)
			await stop()
		})

		it('gives the past, then what comes, then ends when the stream is finished', async () => {
			const events = await log('a b')
			const reader = await follow(events)
			expect((await reader.next()).value).toEqual({ sequence: 1, event: { word: 'a' } })
			expect((await reader.next()).value).toEqual({ sequence: 2, event: { word: 'b' } })
			const live = reader.next()
			await events.writer.append('run', { word: 'c' })
			expect((await live).value).toEqual({ sequence: 3, event: { word: 'c' } })
			const end = reader.next()
			await events.writer.finish('run')
			expect((await end).done).toBe(true)
			await events.stop()
		})

		it('gives the whole of a finished stream, and from any sequence on', async () => {
			const events = await log('a b c')
			await events.writer.finish('run')
			expect(await rest(await follow(events))).toBe('1:a 2:b 3:c')
			expect(await rest(await follow(events, 2))).toBe('3:c')
			expect(await rest(await follow(events, 3))).toBe('')
			await events.stop()
		})

		it('waits for the sequences that a reader has not seen, when it starts past the end of a live stream', async () => {
			const events = await log('a')
			const reader = await follow(events, 2)
			const next = reader.next()
			await events.writer.append('run', { word: 'b' })
			await events.writer.append('run', { word: 'c' })
			expect((await next).value).toEqual({ sequence: 3, event: { word: 'c' } })
			await events.stop()
		})

		it('lets several readers go at their own pace', async () => {
			const events = await log('a')
			const [quick, slow] = [await follow(events), await follow(events)]
			const all = rest(quick)
			await events.writer.append('run', { word: 'b' })
			await events.writer.finish('run')
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
			expect(await events.reader.read('another', 0, forever)).toBeNull()
			await events.writer.finish('another')
			expect(await events.reader.read('another', 0, forever)).toBeNull()
			await events.stop()
		})

		it('takes nothing after the end, and an end twice', async () => {
			const events = await log('a')
			await events.writer.finish('run')
			await events.writer.finish('run')
			await expect(events.writer.append('run', { word: 'b' })).rejects.toThrow('finished')
			expect(await rest(await follow(events))).toBe('1:a')
			await events.stop()
		})

		it('ends every reader when it stops', async () => {
			const events = await log('a')
			const waiting = rest(await follow(events))
			await events.stop()
			expect(await waiting).toBe('1:a')
		})

		it('keeps the order and the number of events that are added without waiting', async () => {
			const events = await log('0')
			const all = rest(await follow(events))
			const numbers = Array.from({ length: 1_200 }, (_, n) => String(n + 1))
			expect(await Promise.all(numbers.map((word) => events.writer.append('run', { word })))).toEqual(
				numbers.map((word) => Number(word) + 1),
			)
			await events.writer.finish('run')
			expect(await all).toBe(['0', ...numbers].map((word) => `${Number(word) + 1}:${word}`).join(' '))
			await events.stop()
		})

		it('lets another process finish the stream of one that it takes for dead', async () => {
			const events = await log('a b')
			const [waiting, late] = [rest(await follow(events)), await follow(events, 1)]
			await events.reader.finish('run')
			await events.reader.finish('run')
			expect(await waiting).toBe('1:a 2:b')
			expect(await rest(late)).toBe('2:b')
			expect(await rest(await follow(events))).toBe('1:a 2:b')
			await events.stop()
		})

		it('tells a producer that was taken for dead, and ends its own readers', async () => {
			const events = await log('a')
			const own = await events.writer.read('run', 0, forever)
			await events.reader.finish('run')
			await events.writer.append('run', { word: 'b' }).catch(() => undefined) // this one may still be taken, by this process alone
			const seen = await Array.fromAsync(own ?? [])
			expect(seen[0]).toEqual({ sequence: 1, event: { word: 'a' } })
			await expect(events.writer.append('run', { word: 'c' })).rejects.toThrow(StreamFinished)
			expect(await rest(await follow(events))).toBe('1:a')
			await events.stop()
		})
	})
}
