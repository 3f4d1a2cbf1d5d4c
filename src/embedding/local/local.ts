import type { Embedder } from '../embedder.ts'
import { isLatin } from '../reads.ts'
import { createModelProcess } from './model-process.ts'
import { DIMENSIONS } from './protocol.ts'
import { WINDOW_TOKENS } from './windows.ts'

export interface LocalEmbedderOptions {
	/** Where the model's file is kept; it is made when first needed. */
	directory: string
	/** Of the processor; 1. More is faster only where the others are free. */
	threads?: number
	/** Without a call for so long, the model leaves memory; a minute. It is back in half a second. */
	idleMs?: number
	/** Hears of children that crashed, hung or grew too large. */
	report?(problem: string): void
}

export const LOCAL_MODEL = 'all-MiniLM-L6-v2'
/** A call takes any number; with so many it is not much longer than a turn. */
const MAX_TEXTS = 32

/** all-MiniLM-L6-v2 in a child process, for English. Needs no network and no key. */
export function createLocalEmbedder({ directory, threads = 1, idleMs = 60_000, report = () => undefined }: LocalEmbedderOptions): Embedder {
	const model = createModelProcess({ directory, threads, idleMs, report })

	return {
		id: `local/${LOCAL_MODEL}`,
		dimensions: DIMENSIONS,
		languages: ['en'],
		limits: { maxTokens: WINDOW_TOKENS, maxTexts: MAX_TEXTS, maxRequestTokens: null },
		weight: 0.3,
		unrelated: 0,
		reads: isLatin,
		async embed(texts, kind, signal) {
			if (texts.length === 0) return []
			return split(await model.embed([...texts], kind, signal))
		},
		stop: () => model.stop(),
	}
}

const split = (vectors: Float32Array): Float32Array[] =>
	Array.from({ length: vectors.length / DIMENSIONS }, (_, row) => vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS))
