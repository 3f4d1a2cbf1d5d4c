import { describe, expect, it } from 'vitest'
import { byLanguage, measuresOf, ndcg, refusalsAt, refusalsKeeping, scoresOf } from '../../eval/measures.ts'
import { outcome } from './runs.ts'

describe('measures of an evaluation', () => {
	it('counts ranks, reciprocal ranks and gains', () => {
		const measures = measuresOf([[1], [2], [7], []].map((ranks) => outcome({ ranks })))
		expect(measures).toMatchObject({ questions: 4, 'R@1': 25, 'R@5': 50, 'R@10': 75 })
		expect(measures['MRR@10']).toBe(41.1) // (1 + 1/2 + 1/7 + 0) / 4
		expect(measures['nDCG@10']).toBe(49.1) // (1 + 1/log2(3) + 1/3 + 0) / 4
	})

	it.each([
		[[1], 1, 1],
		[[3], 1, 0.5],
		[[1, 3], 2, 1.5 / (1 + 1 / Math.log2(3))],
		[[11], 1, 0],
		[[], 1, 0],
		[[], 0, 0],
	])('gives right results at %j of %i a gain of %f', (ranks, relevant, gain) => {
		expect(ndcg({ ranks, relevant }, 10)).toBeCloseTo(gain, 10)
	})

	it('counts answers, quotes and refusals where there are some', () => {
		const outcomes = [
			outcome({ isAnswered: false, quotes: { all: 4, found: 3 } }),
			outcome({ isAnswered: null, isRefused: true, quotes: { all: 0, found: 0 } }),
			outcome({ isAnswerable: false, ranks: [], relevant: 0, isAnswered: null, isRefused: true, quotes: { all: 0, found: 0 } }),
		]
		expect(measuresOf(outcomes)).toMatchObject({ questions: 2, answered: 0, quotes: 75, refused: 100, kept: 50, 'R@1': 100 })
	})

	it('says nothing of what nobody asked', () => {
		expect(measuresOf([])).toEqual({
			...{ questions: 0, 'R@1': null, 'R@5': null, 'R@10': null, 'MRR@10': null, 'nDCG@10': null },
			...{ answered: null, quotes: null, refused: null, kept: null, p50Ms: null },
		})
	})

	it('groups by language, the most frequent first', () => {
		const asked = ['en', 'zh', 'zh'].map((language) => outcome({ language }))
		expect(byLanguage(asked).map(([language, of]) => [language, of.length])).toEqual([
			['zh', 2],
			['en', 1],
		])
	})

	it('holds scores against thresholds', () => {
		const scores = { answerable: [0.2, 0.4, 0.6, 0.8], others: [0.1, 0.3, 0.5] }
		expect(refusalsAt(scores, 0.4)).toEqual({ threshold: 0.4, kept: 75, refused: 66.7 })
		expect(refusalsKeeping(scores, 0.75)).toEqual({ threshold: 0.4, kept: 75, refused: 66.7 })
	})

	it('takes scores from where half of the documents were away, with the questions that have no answer at all', () => {
		const removed = [true, false].map((isAnswerable) => ({ id: 'r', language: 'en', isAnswerable, score: isAnswerable ? 0.7 : 0.2 }))
		const outcomes = [outcome({ score: 0.9 }), outcome({ isAnswerable: false, score: 0.1 })]
		expect(scoresOf({ removed, outcomes })).toEqual({ answerable: [0.7], others: [0.2, 0.1] })
		expect(scoresOf({ removed: [], outcomes })).toEqual({ answerable: [0.9], others: [0.1] })
	})
})
