import { type Outcome, RESULTS, rankOf, type SetRun } from './run.ts'

/** Shares in per cent; null where nothing tells. */
export interface Measures {
	/** Those that the documents answer. */
	questions: number
	'R@1': number | null
	'R@5': number | null
	'R@10': number | null
	'MRR@10': number | null
	'nDCG@10': number | null
	/** Questions whose expected answer is in the answer. */
	answered: number | null
	/** Quotes that stand in the text of their document where they are said to. */
	quotes: number | null
	/** Of the questions that nothing answers: those that an answer was refused to. */
	refused: number | null
	/** Of the others, those that none was refused to. */
	kept: number | null
	p50Ms: number | null
}

export const MEASURES = ['R@1', 'R@5', 'R@10', 'MRR@10', 'nDCG@10', 'answered', 'quotes', 'refused', 'kept'] as const

export function measuresOf(outcomes: readonly Outcome[]): Measures {
	const answerable = outcomes.filter(({ isAnswerable }) => isAnswerable)
	const others = outcomes.filter(({ isAnswerable }) => !isAnswerable)
	const ranks = answerable.map(rankOf)
	const quotes = outcomes.flatMap(({ quotes: { all, found } }) => Array.from({ length: all }, (_, at) => at < found))
	return {
		questions: answerable.length,
		'R@1': percent(ranks.map((rank) => rank <= 1)),
		'R@5': percent(ranks.map((rank) => rank <= 5)),
		'R@10': percent(ranks.map((rank) => rank <= 10)),
		'MRR@10': mean(ranks.map((rank) => (rank <= RESULTS ? 1 / rank : 0))),
		'nDCG@10': mean(answerable.map((outcome) => ndcg(outcome, RESULTS))),
		answered: percent(answerable.flatMap(({ isAnswered }) => isAnswered ?? [])),
		quotes: percent(quotes),
		refused: percent(others.flatMap(({ isRefused }) => isRefused ?? [])),
		kept: percent(answerable.flatMap(({ isRefused }) => (isRefused === null ? [] : !isRefused))),
		p50Ms: outcomes.length === 0 ? null : rounded(outcomes.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(outcomes.length / 2)] ?? 0),
	}
}

/** By binary relevance: a right result at rank r is worth 1 / log2(r + 1), and all together are held against the best order. Järvelin, Kekäläinen 2002. */
export function ndcg({ ranks, relevant }: Pick<Outcome, 'ranks' | 'relevant'>, depth: number): number {
	const worth = (rank: number): number => 1 / Math.log2(rank + 1)
	const sum = (of: readonly number[]): number => of.reduce((total, rank) => total + worth(rank), 0)
	const best = sum(Array.from({ length: Math.min(relevant, depth) }, (_, at) => at + 1))
	return best === 0 ? 0 : sum(ranks.filter((rank) => rank <= depth)) / best
}

/** Those of each language, the most frequent first. */
export function byLanguage<Asked extends { language: string }>(asked: readonly Asked[]): [language: string, Asked[]][] {
	const groups = Map.groupBy(asked, ({ language }) => language)
	return [...groups].sort(([, a], [, b]) => b.length - a.length)
}

/** The best score of each question's sources: of those that the documents answer, and of the others. */
export interface Scores {
	answerable: number[]
	others: number[]
}

/** With half of the documents away; where nobody took them away, those of the questions that are said to have no answer. */
export function scoresOf({ removed, outcomes }: Pick<SetRun, 'removed' | 'outcomes'>): Scores {
	const asked = removed.length > 0 ? [...removed, ...outcomes.filter(({ isAnswerable }) => !isAnswerable)] : outcomes
	const of = (wanted: boolean) => asked.filter(({ isAnswerable }) => isAnswerable === wanted).map(({ score }) => score)
	return { answerable: of(true), others: of(false) }
}

/** At a threshold: of the questions that can be answered how many keep a source, and of the others how many lose them all. */
export interface Refusals {
	threshold: number
	kept: number | null
	refused: number | null
}

export const refusalsAt = ({ answerable, others }: Scores, threshold: number): Refusals => ({
	threshold: Math.round(threshold * 1000) / 1000,
	kept: percent(answerable.map((score) => score >= threshold)),
	refused: percent(others.map((score) => score < threshold)),
})

/** At the threshold that keeps this share of the questions that can be answered. */
export function refusalsKeeping(scores: Scores, share: number): Refusals {
	const sorted = scores.answerable.toSorted((a, b) => a - b)
	return refusalsAt(scores, sorted[Math.floor(sorted.length * (1 - share))] ?? 0)
}

const percent = (answers: readonly boolean[]): number | null => mean(answers.map(Number))

const mean = (values: readonly number[]): number | null =>
	values.length === 0 ? null : rounded((100 * values.reduce((sum, value) => sum + value, 0)) / values.length)

const rounded = (value: number): number => Math.round(value * 10) / 10
