import type { Language } from '../errors.ts'

/** `chat` may answer from general knowledge, `query` only from the sources. */
export type ChatMode = 'chat' | 'query'

/** A passage that the model may cite as `[n]`; n is its place in `Prompt.sources`, from 1. */
export interface PromptSource {
	/** File name, as the reader of the answer knows it. */
	document: string
	page: number | null
	heading: string | null
	text: string
}

export interface Message {
	role: 'user' | 'assistant'
	content: string
}

/** One question, twice: as parts, for a model that reads sources, and as messages, for one that reads text. */
export interface Prompt {
	question: string
	/** The language of the question; the answer is in it. */
	language: Language
	mode: ChatMode
	sources: PromptSource[]
	system: string
	/** Ends with the user's question; roles alternate. */
	messages: Message[]
}

/** In tokens. `estimated` when the provider did not count and we did. */
export interface Usage {
	promptTokens: number
	completionTokens: number
	totalTokens: number
	estimated: boolean
}

/** Text in order, then exactly one `finish`; `length` when the model ran into its limit. */
export type ModelEvent = { type: 'text'; text: string } | { type: 'finish'; reason: 'stop' | 'length'; usage: Usage }

/** Something that answers a prompt. */
export interface ChatModel {
	readonly provider: string
	readonly model: string
	/**
	 * Answers, piece by piece. An iteration that ends without an error has had its `finish`.
	 * Leaving the loop or aborting the signal ends the provider's request at once; an abort throws the signal's reason.
	 * @throws AppError of the problems `provider…`, and nothing else but an abort.
	 */
	stream(prompt: Prompt, signal: AbortSignal): AsyncIterable<ModelEvent>
	/** Lets go of what the model holds. */
	stop?(): Promise<void>
}

/** A model for one run. It stays as it is until then, whatever is set meanwhile. */
export interface Loan {
	model: ChatModel
	/** The run has ended. */
	release(): void
}
