import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pooled, requestsOf } from '../../src/embedding/batches.ts'
import { type Piece, piecesOf } from '../../src/text/pieces.ts'
import { estimateTokens } from '../../src/text/tokens.ts'

const text = fc.string({ unit: fc.constantFrom('word ', '港口', '🎉', '. ', '。', '\n', 'x', '7', ' ', 'é'), maxLength: 400 })

describe('a text that is too long', () => {
	it('is cut into parts that are all of it, none over the limit', () => {
		fc.assert(
			fc.property(text, fc.integer({ min: 8, max: 60 }), (whole, maxTokens) => {
				const pieces = piecesOf(whole, maxTokens)
				expect(pieces.map((piece) => piece.text).join('')).toBe(whole)
				for (const piece of pieces) {
					expect(estimateTokens(piece.text)).toBeLessThanOrEqual(maxTokens + 1e-6)
					expect(piece.text.isWellFormed()).toBe(true)
				}
			}),
		)
	})

	it('is cut at the ends of sentences, into parts about as long as each other', () => {
		const sentence = 'The harbour freezes in January and stays so until the end of March. '
		const pieces = piecesOf(sentence.repeat(10), 60)
		for (const piece of pieces) expect(piece.text.trimEnd()).toMatch(/March\.$/)
		const sizes = pieces.map(({ tokens }) => tokens)
		expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2 * estimateTokens(sentence))
	})

	it('has one vector, in which longer parts count more', () => {
		const [long, short] = [Float32Array.of(1, 0), Float32Array.of(0, 1)]
		const vector = pooled([
			{ vector: long, tokens: 30 },
			{ vector: short, tokens: 10 },
		])
		expect(Math.hypot(...vector)).toBeCloseTo(1)
		expect((vector[0] ?? 0) / (vector[1] ?? 1)).toBeCloseTo(3)
	})
})

it('requests keep the order, and hold no more texts and tokens than one may', () => {
	const pieces = fc.array(fc.record({ text: fc.string(), tokens: fc.integer({ min: 0, max: 100 }) }), { maxLength: 50 })
	fc.assert(
		fc.property(
			pieces,
			fc.integer({ min: 1, max: 8 }),
			fc.option(fc.integer({ min: 100, max: 300 })),
			(all, maxTexts, maxRequestTokens) => {
				const requests = requestsOf(all, { maxTokens: 100, maxTexts, maxRequestTokens })
				expect(requests.flat()).toEqual(all)
				const sum = (request: Piece[]) => request.reduce((total, { tokens }) => total + tokens, 0)
				for (const request of requests) {
					expect(request.length).toBeLessThanOrEqual(maxTexts)
					expect(sum(request)).toBeLessThanOrEqual(maxRequestTokens ?? Number.POSITIVE_INFINITY)
				}
			},
		),
	)
})
