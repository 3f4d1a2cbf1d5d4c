import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, fuse } from '../../src/retrieval/fusion.ts'
import { coverageOf, informationOf } from '../../src/retrieval/score.ts'
import { countTerms, queryTerms } from '../../src/text/terms.ts'

const candidatesOf = (query: string, chunks: [text: string, cosine: number | null][]): Candidate[] =>
	chunks.map(([text, cosine]) => ({ terms: countTerms(text, new Set(queryTerms(query))), cosine }))

function order(query: string, chunks: [text: string, cosine: number | null][], weight = 0.3): number[] {
	const candidates = candidatesOf(query, chunks)
	return fuse(queryTerms(query), candidates, { weight, unrelated: 0 }).map(({ candidate }) => candidates.indexOf(candidate))
}

const words = fc.constantFrom('red', 'green', 'blue', 'gold', 'grey')
const texts = fc.array(words, { minLength: 1, maxLength: 12 }).map((chosen) => chosen.join(' '))
const cosines = fc.option(fc.double({ min: -1, max: 1, noNaN: true }))
const anyCandidates = fc.array(fc.tuple(texts, cosines), { maxLength: 60 })

describe('putting results in order', () => {
	it('prefers more of the rarer words, and shorter texts', () => {
		expect(
			order('red gold', [
				['red', null],
				['red gold', null],
				['red', null],
				['red', null],
			])[0],
		).toBe(1)
		expect(
			order('gold', [
				['gold and much else besides, none of it asked for', null],
				['gold', null],
			]),
		).toEqual([1, 0])
	})

	it('goes by words alone where there are no vectors', () => {
		const chunks: [string, null][] = [
			['red', null],
			['red gold', null],
			['grey', null],
		]
		expect(order('red gold', chunks, 0.9)).toEqual([1, 0, 2])
	})

	it('lets vectors decide between texts with the same words, and not against much better words', () => {
		expect(
			order('red gold', [
				['red gold', 0.2],
				['red gold', 0.8],
				['grey', 0.1],
			]),
		).toEqual([1, 0, 2])
		expect(
			order('red gold blue', [
				['red gold blue', 0.4],
				['grey', 0.8],
			]),
		).toEqual([0, 1])
	})

	it('goes by vectors alone where the words of the query are hardly found: one weak word does not outvote a match across languages', () => {
		const query = '2016 年 谁 赢得 了 超级碗 冠军 奖杯 比赛'
		expect(
			order(query, [
				['an unrelated year, 2016', 0.1],
				['Denver won the final', 0.8],
			]),
		).toEqual([1, 0])
	})

	it('gives each candidate once, with scores from 0 to 1 that are not above its better part nor below what it needs', () => {
		fc.assert(
			fc.property(texts, anyCandidates, fc.double({ min: 0, max: 1, noNaN: true }), (query, chunks, weight) => {
				const candidates = candidatesOf(query, chunks)
				const scored = fuse(queryTerms(query), candidates, { weight, unrelated: 0 })
				expect(scored).toHaveLength(candidates.length)
				expect(new Set(scored.map(({ candidate }) => candidate))).toEqual(new Set(candidates))
				for (const { score, lexicalScore, denseScore } of scored) {
					for (const value of [score, lexicalScore, denseScore ?? 0]) expect(value >= 0 && value <= 1).toBe(true)
					if (denseScore === null) continue
					expect(score).toBeLessThanOrEqual(Math.max(lexicalScore, denseScore))
					if (weight > 0) expect(score).toBeGreaterThanOrEqual(Math.max(Math.min(lexicalScore, denseScore), denseScore * 0.75))
				}
				for (const { candidate, denseScore } of scored) {
					expect(denseScore === null).toBe(candidate.cosine === null)
				}
			}),
		)
	})

	it('never puts a candidate behind one that is worse in both', () => {
		fc.assert(
			fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 }), (values) => {
				const chunks = values.map((value): [string, number] => [`red ${'grey '.repeat(Math.round((1 - value) * 20))}`, value])
				const ranks = order('red', chunks)
				for (const [at, candidate] of ranks.entries()) {
					const next = ranks[at + 1]
					if (next !== undefined) expect(values[candidate]).toBeGreaterThanOrEqual((values[next] ?? 0) - 0.05) // lengths are rounded
				}
			}),
		)
	})
})

describe('how much of the query a chunk covers', () => {
	const coverage = (query: string, ...chunks: string[]) => {
		const asked = queryTerms(query)
		const counted = chunks.map((text) => countTerms(text, new Set(asked)))
		return coverageOf(informationOf(asked, counted), counted)
	}

	it('is 1 for a chunk of average length with every term once, 0 with none', () => {
		const [all, none] = coverage('red gold', 'gold, and red', 'grey and blue')
		expect(all).toBeCloseTo(1, 5)
		expect(none).toBe(0)
	})

	it('grows with repetition, and is less in a longer text', () => {
		const [twice = 0, once = 0, long = 0] = coverage('red', 'red, red', 'red, 8.5', 'red and other colours that nobody asked for')
		expect(twice).toBeGreaterThan(once)
		expect(once).toBeGreaterThan(long)
	})

	it('counts a term that nobody has most, and a common one least', () => {
		const [rare = 0, common = 0] = coverage('red gold unheard', 'gold red', ...Array.from({ length: 40 }, () => 'red more'))
		expect(rare).toBeLessThan(0.7)
		expect(common).toBeLessThan(0.1)
	})

	it('counts a foreign name as much as a Chinese word, not as one of its characters', () => {
		const [name = 0, word = 0] = coverage('完成，Triad', 'Triad', '完成不了它')
		expect(name / word).toBeCloseTo(1, 1)
	})

	it('means the same in a workspace of one chunk', () => {
		const [alone = 0] = coverage('who won the golden trophy in Denver', 'Denver won the golden trophy')
		expect(alone).toBeCloseTo(1, 5)
		const [half = 0] = coverage('golden trophy Denver weather', 'golden trophy')
		expect(half).toBeGreaterThan(0.35)
		expect(half).toBeLessThan(0.6)
	})

	it('is 0 for a query without terms', () => {
		expect(coverage('🎉', 'anything')).toEqual([0])
	})
})
