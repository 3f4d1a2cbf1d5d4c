import { expect, it } from 'vitest'
import { coalesce } from '../../src/chat/deltas.ts'
import type { ModelEvent } from '../../src/models/model.ts'

const finish: ModelEvent = {
	type: 'finish',
	reason: 'stop',
	usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2, estimated: false },
}
const tick = () => new Promise(setImmediate)

/** '|' is a tick of the event loop, 'fail' an error, 'finish' the end; anything else is text. */
async function* saying(script: string): AsyncGenerator<ModelEvent, void, void> {
	for (const word of script.split(' ')) {
		if (word === '|') await tick()
		else if (word === 'fail') throw new Error('broke')
		else yield word === 'finish' ? finish : { type: 'text', text: word }
	}
}

const heard = (event: ModelEvent) => (event.type === 'text' ? event.text : event.type)

it('joins the texts of one tick, and only these', async () => {
	const events = await Array.fromAsync(coalesce(saying('a b c | | d | | e f finish')))
	expect(events.map(heard)).toEqual(['abc', 'd', 'ef', 'finish'])
	expect(events.at(-1)).toBe(finish)
})

it('gives what came before an error, then the error', async () => {
	const seen: string[] = []
	const reading = async () => {
		for await (const event of coalesce(saying('a | | b c fail'))) seen.push(heard(event))
	}
	await expect(reading()).rejects.toThrow('broke')
	expect(seen).toEqual(['a', 'bc'])
})

it('holds an error that comes while the consumer is busy until it asks', async () => {
	const reading = async () => {
		for await (const _ of coalesce(saying('a | | fail'))) for (let n = 0; n < 5; n++) await tick()
	}
	await expect(reading()).rejects.toThrow('broke')
})

it('reads one event ahead of a busy consumer, no more', async () => {
	let given = 0
	async function* counting(): AsyncGenerator<ModelEvent, void, void> {
		for (;;) {
			given++
			yield { type: 'text', text: 'x' }
			await tick()
		}
	}
	const events = coalesce(counting())
	await events.next()
	const before = given
	for (let n = 0; n < 5; n++) await tick()
	expect(given).toBeLessThanOrEqual(before + 1)
	await events.return()
})

it('lets go of the source when it is left', async () => {
	let left = false
	async function* endless(): AsyncGenerator<ModelEvent, void, void> {
		try {
			for (;;) {
				yield { type: 'text', text: 'x' }
				await tick()
			}
		} finally {
			left = true
		}
	}
	for await (const _ of coalesce(endless())) break
	expect(left).toBe(true)
})
