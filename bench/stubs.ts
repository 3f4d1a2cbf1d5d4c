import path from 'node:path'
import type { Embedder } from '../src/embedding/embedder.ts'
import { createEmbedder } from '../src/embedding/index.ts'
import type { ChatModel } from '../src/models/model.ts'
import type { StubEmbedder } from './subject.ts'
import { random } from './text.ts'

/** Answers at once. */
export const model: ChatModel = {
	provider: 'stub',
	model: 'stub',
	async *stream() {
		for (let word = 0; word < 20; word++) yield { type: 'text', text: `word ${word} ` }
		yield { type: 'finish', reason: 'stop', usage: { promptTokens: 0, completionTokens: 20, totalTokens: 20, estimated: false } }
	},
}

const DIMENSIONS = 384

/** Makes vectors that say nothing, at no cost: what is left is the product's own. */
const stub: Embedder = {
	id: 'stub',
	dimensions: DIMENSIONS,
	languages: null,
	limits: { maxTokens: 8_192, maxTexts: 32, maxRequestTokens: null },
	weight: 0.3,
	unrelated: 0,
	reads: () => true,
	embed: async (texts) => texts.map((text) => vector(seedOf(text))),
	stop: async () => {},
}

const silent: Embedder = {
	...stub,
	embed: (_texts, _kind, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
}

/** @param directory of the server's data. */
export async function embedderOf(which: StubEmbedder, directory: string): Promise<Embedder> {
	if (which !== 'questions') return { stub, silent }[which]
	const local = await createEmbedder({ provider: 'local' }, { dataDirectory: path.join(directory, 'questions'), report: console.error })
	return {
		...local,
		id: stub.id,
		embed: (texts, kind, signal) => (kind === 'query' ? local : stub).embed(texts, kind, signal),
	}
}

function vector(seed: number): Float32Array {
	const next = random(seed)
	const made = Float32Array.from({ length: DIMENSIONS }, () => next() - 0.5)
	const length = Math.hypot(...made)
	return made.map((value) => value / length)
}

function seedOf(text: string): number {
	let seed = text.length
	for (let at = 0; at < text.length; at += 7) seed = (Math.imul(seed, 31) + text.charCodeAt(at)) >>> 0
	return seed
}
