import type { TermCounts } from '../text/terms.ts'

/** As in the index: see `embedded-sql.ts`. */
const K1 = 0.9
const B = 0.4
/** A workspace with fewer chunks is taken for one where the others have none of the terms: else one chunk alone would make every term common. */
const LEAST_CHUNKS = 50

/**
 * A word counts as much as a Chinese word of two characters, which is three terms: two characters and their pair. In a query of both scripts
 * the foreign name is what it is about. Against one term a word: R@1 0.5 points better, refusals 2.
 */
const WORTH_OF_WORD = 3
const IS_PART = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/**
 * What each term of the query tells: much where few candidates have it, most where none has. The candidates stand for the workspace,
 * because the index tells no document frequencies; on our questions they did as well as the whole collection.
 */
export function informationOf(query: readonly string[], candidates: readonly TermCounts[]): Map<string, number> {
	const total = Math.max(LEAST_CHUNKS, candidates.length)
	return new Map(
		query.map((term) => {
			const frequency = sum(candidates, ({ counts }) => (counts.has(term) ? 1 : 0))
			const worth = IS_PART.test(term) ? 1 : WORTH_OF_WORD
			return [term, worth * Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))]
		}),
	)
}

/**
 * How much of the query's information each candidate carries, 0 to about 1: its BM25, counted anew inside the workspace, over that of a chunk of
 * average length with every term once. So it can be held against a threshold. (The bare share of the terms that are there, however often
 * and in however long a text, refused 3 to 6 points fewer of the questions that nothing answers.)
 */
export function coverageOf(information: ReadonlyMap<string, number>, candidates: readonly TermCounts[]): number[] {
	const whole = sum(information.values(), (worth) => worth) || 1
	const averageLength = sum(candidates, ({ length }) => length) / candidates.length || 1
	return candidates.map(({ counts, length }) => {
		const slack = K1 * (1 - B + (B * length) / averageLength)
		return sum(counts, ([term, count]) => ((information.get(term) ?? 0) * count * (K1 + 1)) / (count + slack)) / whole
	})
}

function sum<Item>(items: Iterable<Item>, worthOf: (item: Item) => number): number {
	let total = 0
	for (const item of items) total += worthOf(item)
	return total
}
