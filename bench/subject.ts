import type { Place } from './place.ts'

/** What a server under test is. */
export type Subject =
	/** Answers everything with this text. */
	{ kind: 'bare'; text: string } | { kind: 'product'; place: Place; role?: 'api' | 'worker'; hasStubEmbedder?: boolean }

/** What the processes of a benchmark say to each other. */
export type Question = 'usage' | 'collect' | 'stop'
export type Reply = { port: number } | { cpuMicros: number; rssBytes: number }
