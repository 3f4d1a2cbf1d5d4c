import type { EmbeddingKind } from '../embedder.ts'

/** Of every vector. */
export const DIMENSIONS = 384

/** What the child is started with, as JSON in its only argument. */
export interface ChildOptions {
	/** Where the converted model is kept. */
	directory: string
	threads: number
}

export type ToChild = { embed: { id: number; texts: string[]; kind: EmbeddingKind } } | { cancel: { id: number } }

/** `vectors`: one after the other. `rss`: bytes of memory. */
export type FromChild =
	| { ready: true }
	| { failed: string }
	| { id: number; vectors: Float32Array; rss: number }
	| { id: number; error: string; rss: number }
