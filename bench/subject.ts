import type { Place } from './place.ts'

/** In place of a real embedder: one that answers at once, one that never does, or one that answers at once but for English questions, which the local one embeds. */
export type StubEmbedder = 'stub' | 'silent' | 'questions'

/** What a server under test is. */
export type Subject =
	/** Answers everything with this text. */
	{ kind: 'bare'; text: string } | { kind: 'product'; place: Place; role?: 'api' | 'worker'; embedder?: StubEmbedder }

/** Processor time of all threads so far; memory; the longest that the event loop was held since memory was last collected. */
export interface Usage {
	cpuMicros: number
	rssBytes: number
	stallMs: number
}

/** What the processes of a benchmark say to each other. */
export type Question = 'usage' | 'collect' | 'stop'
export type Reply = { port: number } | Usage
