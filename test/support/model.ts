import type { ChatModel, ModelEvent } from '../../src/models/model.ts'

/** Stands for a model at the far end of a network: it says what the test lets it say, when the test does. */
export interface DictatedModel extends ChatModel {
	say(text: string): void
	finish(): void
	fail(error: Error): void
	/** How often it was asked. */
	readonly asked: number
}

const USAGE = { promptTokens: 11, completionTokens: 7, totalTokens: 18, estimated: false }

export function createDictatedModel(): DictatedModel {
	const words: (ModelEvent | Error)[] = []
	let asked = 0
	let ring = Promise.withResolvers<void>()
	const add = (word: ModelEvent | Error) => {
		words.push(word)
		ring.resolve()
		ring = Promise.withResolvers()
	}
	return {
		provider: 'dictated',
		model: 'dictated',
		get asked() {
			return asked
		},
		say: (text) => add({ type: 'text', text }),
		finish: () => add({ type: 'finish', reason: 'stop', usage: USAGE }),
		fail: (error) => add(error),
		async *stream(_prompt, signal) {
			asked++
			const aborted = Promise.withResolvers<void>()
			signal.addEventListener('abort', () => aborted.resolve(), { once: true })
			for (;;) {
				signal.throwIfAborted()
				const word = words.shift()
				if (word instanceof Error) throw word
				if (word) yield word
				else await Promise.race([ring.promise, aborted.promise])
				if (word?.type === 'finish') return
			}
		},
	}
}
