import { describe, expect, it } from 'vitest'
import { createGate } from '../../src/providers/gate.ts'
import { backoffMs, exhaustedMs, retryAfterMs } from '../../src/providers/patience.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

describe('how long to wait', () => {
	it.each([
		[{ 'retry-after': '7' }, 7_000],
		[{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
		[{ 'retry-after': new Date(Date.now() - 60_000).toUTCString() }, 0],
		[{ 'retry-after': 'soon' }, undefined],
		[{}, undefined],
	])('after %j is %s ms', (headers, expected) => {
		expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(expected)
	})

	it.each([
		[{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m30s' }, 90_000],
		[{ 'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': '1m30s' }, 0],
		[{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '20ms' }, 20],
		[{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 + 5) }, 5_000],
		[{ 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, 12_000],
		[{ 'ratelimit-remaining': '0' }, 0],
		[{ 'ratelimit-remaining': '', 'ratelimit-reset': 'x' }, 0],
	])('where the provider says %j is %i ms', (headers, expected) => {
		expect(exhaustedMs(new Headers(headers as Record<string, string>), NOW)).toBe(expected)
	})

	it('grows with each try, half of it by chance, up to a limit', () => {
		expect([1, 2, 3].map((attempt) => backoffMs(attempt, () => 1))).toEqual([500, 1_000, 2_000])
		expect([1, 2, 3].map((attempt) => backoffMs(attempt, () => 0))).toEqual([250, 500, 1_000])
		expect(backoffMs(30, () => 1)).toBe(8_000)
	})
})

describe('the calls of a provider', () => {
	const never = new AbortController().signal

	it('are under way at once as many as there are places, in the order in which they came', async () => {
		const gate = createGate(2)
		const order: number[] = []
		const ends = [0, 1, 2].map(() => Promise.withResolvers<void>())
		const calls = ends.map(({ promise }, at) =>
			gate.run(() => {
				order.push(at)
				return promise
			}, never),
		)
		await Promise.resolve()
		expect(order).toEqual([0, 1])
		ends[1]?.resolve()
		await calls[1]
		await expect.poll(() => order).toEqual([0, 1, 2])
		ends[0]?.resolve()
		ends[2]?.resolve()
		await Promise.all(calls)
	})

	it('give their place back when they fail, and wait no longer than their caller', async () => {
		const gate = createGate(1)
		await expect(gate.run(() => Promise.reject(new Error('failed')), never)).rejects.toThrow('failed')
		const held = Promise.withResolvers<void>()
		const holding = gate.run(() => held.promise, never)
		const left = new AbortController()
		const waiting = gate.run(async () => 'never', left.signal)
		left.abort(new Error('left'))
		await expect(waiting).rejects.toThrow('left')
		held.resolve()
		await holding
		expect(await gate.run(async () => 'next', never)).toBe('next')
	})

	it('begin when the pause that the provider wants is over, or not at all', async () => {
		const gate = createGate(1)
		gate.pause(30)
		expect(await gate.run(async () => 'then', never)).toBe('then')
		gate.pause(60_000)
		await expect(gate.run(async () => 'too early', AbortSignal.timeout(20))).rejects.toThrow(/timeout/)
	})
})
