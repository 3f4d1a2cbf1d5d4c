/** What the model was made for; positions end at 512. */
export const WINDOW_TOKENS = 256
/** Text beyond is not read: no chunk is as long. */
const MAX_WINDOWS = 4
/** Longest stretch of text that {@link MAX_WINDOWS} windows can hold, seen generously; keeps hostile texts from being split at length. */
export const MAX_CHARACTERS = WINDOW_TOKENS * MAX_WINDOWS * 12

const CLS = 101
const SEP = 102

/** A part of a text, as tokens with the model's marks of beginning and end. */
export interface Window {
	/** Of the text among those asked for. */
	text: number
	ids: number[]
}

/** Cuts the tokens of a text into windows of about the same length; a short text is one window. */
export function windowsOf(text: number, tokens: readonly number[]): Window[] {
	const room = WINDOW_TOKENS - 2
	const kept = tokens.slice(0, room * MAX_WINDOWS)
	const count = Math.max(1, Math.ceil(kept.length / room))
	const length = Math.ceil(kept.length / count)
	return Array.from({ length: count }, (_, at) => ({ text, ids: [CLS, ...kept.slice(at * length, (at + 1) * length), SEP] }))
}
