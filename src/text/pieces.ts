import { sentences } from './sentences.ts'
import { estimateTokens, fitTokens } from './tokens.ts'

/** A text, or a part of one that is too long for a model. */
export interface Piece {
	text: string
	tokens: number
}

/** Cuts a text into parts of about the same length, none over `maxTokens` by our estimate, at the ends of sentences where that can be. */
export function piecesOf(text: string, maxTokens: number): Piece[] {
	const total = estimateTokens(text)
	if (total <= maxTokens) return [{ text, tokens: total }]
	const aim = total / Math.ceil(total / maxTokens)
	const pieces: Piece[] = []
	let [start, tokens] = [0, 0]
	const close = (end: number) => {
		if (end > start) pieces.push({ text: text.slice(start, end), tokens })
		;[start, tokens] = [end, 0]
	}
	for (const [from, to] of spans(text, maxTokens)) {
		const cost = estimateTokens(text, from, to)
		if (tokens + cost > maxTokens) close(from)
		tokens += cost
		if (tokens >= aim) close(to)
	}
	close(text.length)
	return pieces
}

/** Sentences; of one that is too long, as much as fits at a time. */
function* spans(text: string, maxTokens: number): Generator<[from: number, to: number]> {
	for (const [start, end] of sentences(text)) {
		for (let from = start; from < end; ) {
			const to = whole(text, from, fitTokens(text, from, end, maxTokens))
			yield [from, to]
			from = to
		}
	}
}

/** Not between the halves of a character. */
function whole(text: string, from: number, to: number): number {
	const isCut = to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00 && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800
	if (!isCut) return to
	return to - 1 > from ? to - 1 : to + 1
}
