import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHealth } from '../../src/server/health.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A part that answers when the test says so. */
function dictatedPart() {
	const questions: { answer: PromiseWithResolvers<void>; signal: AbortSignal }[] = []
	return {
		questions,
		check(signal: AbortSignal): Promise<void> {
			const answer = Promise.withResolvers<void>()
			questions.push({ answer, signal })
			return answer.promise
		},
	}
}

describe('the state of a part', () => {
	it('is asked for once, however many want to know', async () => {
		const { check, questions } = dictatedPart()
		const health = createHealth({ part: check })
		const askers = Array.from({ length: 100 }, health)
		expect(questions).toHaveLength(1)
		questions[0]?.answer.resolve()
		for (const asker of askers) expect(await asker).toEqual({ part: 'up' })
		expect([await health(), questions.length]).toEqual([{ part: 'up' }, 1])
	})

	it('is asked for again when the answer is old, whatever it was', async () => {
		const { check, questions } = dictatedPart()
		const health = createHealth({ part: check })
		const first = health()
		questions[0]?.answer.reject(new Error('away'))
		expect(await first).toEqual({ part: 'down' })
		expect([await health(), questions.length]).toEqual([{ part: 'down' }, 1])
		await vi.advanceTimersByTimeAsync(1_001)
		const second = health()
		questions[1]?.answer.resolve()
		expect([await second, questions.length]).toEqual([{ part: 'up' }, 2])
	})

	it('is down while the part hangs: it is told to give up, and asked nothing more for half a minute', async () => {
		const { check, questions } = dictatedPart()
		const health = createHealth({ part: check, other: async () => {} })
		const first = health()
		await vi.advanceTimersByTimeAsync(2_001)
		expect(await first).toEqual({ part: 'down', other: 'up' })
		expect(questions[0]?.signal.aborted).toBe(true)
		for (let second = 0; second < 20; second++) {
			await vi.advanceTimersByTimeAsync(1_000)
			expect(await health()).toEqual({ part: 'down', other: 'up' })
		}
		expect(questions).toHaveLength(1)
		await vi.advanceTimersByTimeAsync(10_000)
		const late = health()
		expect(questions).toHaveLength(2)
		questions[1]?.answer.resolve()
		expect(await late).toEqual({ part: 'up', other: 'up' })
	})

	it('is asked for anew as soon as what hung has ended', async () => {
		const { check, questions } = dictatedPart()
		const health = createHealth({ part: check })
		const first = health()
		await vi.advanceTimersByTimeAsync(2_001)
		await first
		questions[0]?.answer.reject(new Error('at last'))
		await vi.advanceTimersByTimeAsync(1_001)
		const second = health()
		questions[1]?.answer.resolve()
		expect(await second).toEqual({ part: 'up' })
	})

	it('is down when the check itself throws', async () => {
		const broken = () => {
			throw new Error('broken')
		}
		expect(await createHealth({ part: broken })()).toEqual({ part: 'down' })
	})
})
