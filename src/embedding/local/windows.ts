/** What the model was made for; positions end at 512. */
export const WINDOW_TOKENS = 256
/** Of the tokeniser's work at once: it takes long for a long text without spaces. */
const STRETCH_CHARACTERS = 4_096

const CLS = 101
const SEP = 102

/** A part of a text, as tokens with the model's marks of beginning and end. */
export interface Window {
	/** Of the text among those asked for. */
	text: number
	ids: number[]
}

/** Cuts the tokens of a text into windows of about the same length, all of them; a short text is one window. */
export function windowsOf(text: number, tokens: readonly number[]): Window[] {
	const room = WINDOW_TOKENS - 2
	const count = Math.max(1, Math.ceil(tokens.length / room))
	const length = Math.ceil(tokens.length / count)
	return Array.from({ length: count }, (_, at) => ({ text, ids: [CLS, ...tokens.slice(at * length, (at + 1) * length), SEP] }))
}

/** The text in parts that end before white space, where there is any. */
export function* stretchesOf(text: string): Generator<string> {
	for (let from = 0; from < text.length; ) {
		const most = from + STRETCH_CHARACTERS
		const space = most < text.length ? text.lastIndexOf(' ', most) : text.length
		const to = space > from ? space : most
		yield text.slice(from, to)
		from = to
	}
}
