import { sentences } from '../text/sentences.ts'
import { estimateTokens, fitTokens } from '../text/tokens.ts'
import type { EmbedderLimits } from './embedder.ts'

/** A text, or a part of one that is too long for the embedder. */
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

/** In their order, as many in each as one request takes. */
export function requestsOf(pieces: readonly Piece[], { maxTexts, maxRequestTokens }: EmbedderLimits): Piece[][] {
	const requests: Piece[][] = []
	let tokens = 0
	for (const piece of pieces) {
		const last = requests.at(-1)
		const fits = last && last.length < maxTexts && (maxRequestTokens === null || tokens + piece.tokens <= maxRequestTokens)
		if (fits) last.push(piece)
		else requests.push([piece])
		tokens = fits ? tokens + piece.tokens : piece.tokens
	}
	return requests
}

/** One vector for a text of several parts: longer parts count more. Of length 1. */
export function pooled(parts: readonly { vector: Float32Array; tokens: number }[]): Float32Array {
	const [first] = parts
	if (!first) throw new Error('a text without parts')
	if (parts.length === 1) return first.vector
	const sum = new Float32Array(first.vector.length)
	for (const { vector, tokens } of parts)
		for (const [at, component] of vector.entries()) sum[at] = (sum[at] ?? 0) + Math.max(1, tokens) * component
	const length = Math.hypot(...sum) || 1
	return sum.map((component) => component / length)
}
