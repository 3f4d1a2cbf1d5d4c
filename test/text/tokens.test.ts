import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateTokens, fitTokens } from '../../src/text/tokens.ts'

const texts = fc
	.array(fc.constantFrom('word ', 'Internationalisation', '123456', ' ', '中文', '。', 'かな', '한국', '...', 'é', '\n', '😀', 'Привет'))
	.map((parts) => parts.join(''))

describe('the estimate of tokens', () => {
	it.each([
		['The quick brown fox jumps over the lazy dog.', 10],
		['为了规范对外劳务合作,保障劳务人员的合法权益', 20],
		['', 0],
	])('of %j is near to %i', (text, tokens) => expect(Math.abs(estimateTokens(text) - tokens)).toBeLessThanOrEqual(2))

	it('of the pieces is never less than that of the whole', () => {
		fc.assert(
			fc.property(texts, fc.nat(), (text, cut) => {
				const at = cut % (text.length + 1)
				expect(estimateTokens(text, 0, at) + estimateTokens(text, at)).toBeGreaterThanOrEqual(estimateTokens(text) - 1e-9)
			}),
		)
	})

	it('agrees with what fits into a budget, to the character', () => {
		fc.assert(
			fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, budget) => {
				const end = fitTokens(text, 0, text.length, budget)
				expect(end).toBeGreaterThanOrEqual(Math.min(1, text.length))
				if (end > 1) expect(estimateTokens(text, 0, end)).toBeLessThanOrEqual(budget + 1e-9)
				if (end < text.length) expect(estimateTokens(text, 0, end + 1)).toBeGreaterThan(budget - 1e-9)
			}),
		)
	})
})
