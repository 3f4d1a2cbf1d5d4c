import type { Comparison } from './compare.ts'
import { byLanguage, measuresOf, refusalsAt, refusalsKeeping, scoresOf } from './measures.ts'
import { type Outcome, type Run, rankOf } from './run.ts'
import { TARGETS } from './sets.ts'

const THRESHOLDS = Array.from({ length: 21 }, (_, at) => (20 + at) / 100)
/** Questions that are named of each set: the page has all of them. */
const MAX_NAMED = 10

export function printRun({ sets }: Run): void {
	const bySet = <Row>(row: (set: Run['sets'][number]) => Row) => Object.fromEntries(sets.map((set) => [set.name, row(set)]))
	console.table(bySet(({ outcomes }) => measuresOf(outcomes)))
	for (const { name, outcomes } of sets) {
		const languages = byLanguage(outcomes)
		if (languages.length < 2) continue
		console.log(`\n${name} by language`)
		console.table(Object.fromEntries(languages.map(([language, of]) => [language, measuresOf(of)])))
	}
	const measured = sets.filter(({ removed }) => removed.length > 0)
	if (measured.length === 0) return
	console.log(
		'\nHalf of the articles removed: share of the questions refused that nothing answers, at the threshold that keeps 97 (90) % of the others',
	)
	const ofMeasured = <Row>(row: (scores: ReturnType<typeof scoresOf>) => Row) =>
		Object.fromEntries(measured.map((set) => [set.name, row(scoresOf(set))]))
	console.table(
		ofMeasured((scores) => {
			const [keeping97, keeping90] = [refusalsKeeping(scores, 0.97), refusalsKeeping(scores, 0.9)]
			return {
				...{ 'at 97 %': keeping97.refused, threshold: keeping97.threshold },
				...{ 'at 90 %': keeping90.refused, 'its threshold': keeping90.threshold },
			}
		}),
	)
	console.log('\nThe same at one threshold for all: kept / refused, per cent')
	const at = (threshold: number) => ofMeasured((scores) => Object.values(refusalsAt(scores, threshold)).slice(1).join(' / '))
	console.table(Object.fromEntries(THRESHOLDS.map((threshold) => [threshold.toFixed(2), at(threshold)])))
	if (!sets.some(({ name }) => TARGETS[name])) return
	console.log('\nTargets, per cent')
	console.table(TARGETS)
}

export function printComparison({ configuration, sets, missing }: Comparison): void {
	console.table(Object.fromEntries(configuration.map(({ name, before, after }) => [name, { before, after }])))
	for (const { name, pairs, others, differences } of sets) {
		console.log(`\n${name}: ${pairs.length} questions in both, ${others} in one only`)
		console.table(
			Object.fromEntries(
				differences
					.filter(({ before, after }) => before !== null || after !== null)
					.map(({ measure, before, after }) => [measure, { before, after, difference: differenceOf(before, after) }]),
			),
		)
		for (const [word, wanted] of [['worse', -1] as const, ['better', 1] as const]) {
			const found = pairs.filter(({ verdict }) => verdict === wanted)
			console.log(`${found.length} ${word}`)
			for (const { before, after } of found.slice(0, MAX_NAMED))
				console.log(`  ${before.id}: ${shown(before)} → ${shown(after)}  ${before.question.replace(/\p{Cc}/gu, ' ')}`)
		}
	}
	if (missing.length > 0) console.log(`\nIn one of them only: ${missing.join(', ')}`)
}

const differenceOf = (before: number | null, after: number | null): number | null =>
	before === null || after === null ? null : Math.round((after - before) * 10) / 10

/** Its rank, and what became of the answer. */
function shown(outcome: Outcome): string {
	const rank = rankOf(outcome)
	return [Number.isFinite(rank) ? rank : 'none', outcome.isRefused ? 'refused' : '', outcome.isAnswered ? 'answered' : '']
		.filter(Boolean)
		.join(' ')
}
