import type { ErrorCode } from '../errors.ts'
import type { ChatMode, Usage } from '../models/model.ts'

/** A passage that an answer was made from; `documentText.slice(start, end) === chunk`. */
export interface Source {
	documentId: number
	chunkId: number
	/** File name. */
	document: string
	/** The passage itself. */
	chunk: string
	/** Absolute, 0 to 1. */
	score: number
	page: number | null
	start: number
	end: number
	heading: string | null
}

/** A marker `[n]` in an answer, and the words of source n that carry the sentence before it. */
export interface Citation {
	/** n, the place of the source in the run's sources, from 1. */
	marker: number
	/** Where the marker stands: `answer.slice(answerStart, answerEnd)`. Numbers that share brackets share the place. */
	answerStart: number
	answerEnd: number
	documentId: number
	chunkId: number
	document: string
	page: number | null
	/** Where the quote stands: `documentText.slice(start, end) === quote`. Null, like the quote, when nothing supports the sentence. */
	start: number | null
	end: number | null
	quote: string | null
	supported: boolean
}

/** A finished exchange, as the run's last event shows it. */
export interface CompletedChat {
	id: number
	threadId: string
	runId: string
	mode: ChatMode
	message: string
	response: string
	sources: Source[]
	/** ISO-8601 UTC with milliseconds. */
	createdAt: string
}

/** What happens in a run, before the log numbers it. The last three end it; a run has exactly one of them. */
export type RunEventBody =
	| { type: 'started'; runId: string; threadId: string }
	| { type: 'sources'; sources: Source[] }
	| { type: 'delta'; text: string }
	| { type: 'completed'; chat: CompletedChat; usage: Usage; citations: Citation[] }
	| { type: 'failed'; code: ErrorCode; error: string; partial: string }
	| { type: 'cancelled'; partial: string }

/** An event as callers see it; `sequence` counts 1, 2, 3 … within its run. */
export type RunEvent = RunEventBody & { sequence: number }

export const isTerminal = (event: RunEventBody): boolean =>
	event.type === 'completed' || event.type === 'failed' || event.type === 'cancelled'
