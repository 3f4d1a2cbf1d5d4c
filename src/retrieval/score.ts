import type { TermCounts } from '../text/terms.ts'

/** As in the index: see `embedded-sql.ts`. */
const K1 = 0.9
const B = 0.4
/** A workspace with fewer chunks is taken for one where the others have none of the terms: else one chunk alone would make every term common. */
const LEAST_CHUNKS = 50

/**
 * What each term of the query tells: much where few candidates have it, most where none has. The candidates stand for the workspace,
 * because the index tells no document frequencies; on our questions they did as well as the whole collection.
 */
export function informationOf(query: readonly string[], candidates: readonly TermCounts[]): Map<string, number> {
	const total = Math.max(LEAST_CHUNKS, candidates.length)
	return new Map(
		query.map((term) => {
			const frequency = candidates.reduce((sum, { counts }) => sum + (counts.has(term) ? 1 : 0), 0)
			return [term, Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))]
		}),
	)
}

/** The share of the query's information that each candidate has, 0 to 1: absolute, so that it can be held against a threshold. */
export function sharesOf(information: ReadonlyMap<string, number>, candidates: readonly TermCounts[]): number[] {
	const whole = sum(information.values(), (worth) => worth)
	return candidates.map(({ counts }) => (whole > 0 ? sum(information, ([term, worth]) => (counts.has(term) ? worth : 0)) / whole : 0))
}

/** BM25 of each candidate: what the index answers, counted again inside the workspace. Good for the order. */
export function bm25Of(information: ReadonlyMap<string, number>, candidates: readonly TermCounts[]): number[] {
	const averageLength = sum(candidates, ({ length }) => length) / candidates.length || 1
	return candidates.map(({ counts, length }) => {
		const slack = K1 * (1 - B + (B * length) / averageLength)
		return sum(counts, ([term, count]) => ((information.get(term) ?? 0) * count * (K1 + 1)) / (count + slack))
	})
}

function sum<Item>(items: Iterable<Item>, worthOf: (item: Item) => number): number {
	let total = 0
	for (const item of items) total += worthOf(item)
	return total
}
