import type { Piece } from '../text/pieces.ts'
import type { EmbedderLimits } from './embedder.ts'

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
