import type { ModelEvent } from '../models/model.ts'

/**
 * The same events, with the texts that arrive in one tick of the event loop joined to one. A provider's frames come in
 * bursts, and whatever happens to an event (a row in the log, a message a follower) then happens once a burst. While the
 * consumer is busy nothing is read ahead but one event, so a slow consumer slows the model down.
 * Each text is one that a database can hold: a character that was cut in two is whole again, what stays half is replaced.
 */
export async function* coalesce(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent, void, void> {
	const source = events[Symbol.asyncIterator]()
	let next = source.next()
	let text = ''
	let tick: Promise<undefined> | undefined
	try {
		for (;;) {
			const result = tick ? await Promise.race([next, tick]) : await next
			if (result?.done === false && result.value.type === 'text') {
				text += result.value.text
				tick ??= endOfTick()
				next = source.next()
				continue
			}
			const cut = !result && endsInHalf(text) ? text.length - 1 : text.length // the other half may come
			const whole = storable(text.slice(0, cut))
			if (whole !== '') yield { type: 'text', text: whole }
			text = text.slice(cut)
			tick = undefined
			if (result?.done) return
			if (!result) continue
			yield result.value
			next = source.next()
		}
	} catch (error) {
		const whole = storable(text)
		if (whole !== '') yield { type: 'text', text: whole }
		throw error
	} finally {
		await source.return?.()
	}
}

const endOfTick = (): Promise<undefined> => new Promise((resolve) => setImmediate(resolve, undefined))

const endsInHalf = (text: string): boolean => /[\uD800-\uDBFF]$/.test(text)

const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed()
