import { expect, it } from 'vitest'
import { watch } from '../../src/models/watch.ts'
import { Silence } from '../../src/providers/silence.ts'

const never = new Promise<never>(() => {})

it('opens nothing when the signal is aborted already', async () => {
	let opened = false
	const open = async () => {
		opened = true
		return (async function* () {})()
	}
	await expect(Array.fromAsync(watch(open, () => 1_000, AbortSignal.abort(new Error('cancelled'))))).rejects.toThrow('cancelled')
	expect(opened).toBe(false)
})

it('asks before each wait how long it may last', async () => {
	const waits = [1_000, 1_000, 10]
	const open = async () =>
		(async function* () {
			yield 'a'
			await never
		})()
	await expect(Array.fromAsync(watch(open, () => waits.shift() ?? 0, new AbortController().signal))).rejects.toThrow(Silence)
	expect(waits).toEqual([])
})

it('aborts what it gave to the source, however the iteration ends', async () => {
	const given: AbortSignal[] = []
	const open = async (signal: AbortSignal) => {
		given.push(signal)
		return (async function* () {
			yield 'a'
		})()
	}
	const { signal } = new AbortController()
	await Array.fromAsync(watch(open, () => 1_000, signal))
	for await (const _ of watch(open, () => 1_000, signal)) break
	expect(given.map(({ aborted }) => aborted)).toEqual([true, true])
})
