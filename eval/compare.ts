import { byLanguage, MEASURES, type Measures, measuresOf, type Refusals, refusalsKeeping, scoresOf } from './measures.ts'
import { type Outcome, type Run, rankOf } from './run.ts'

/** The same question in both runs. */
export interface Pair {
	before: Outcome
	after: Outcome
	/** Better (1), worse (-1), or the same. */
	verdict: -1 | 0 | 1
}

export interface Difference {
	measure: string
	before: number | null
	after: number | null
}

export interface ComparedSet {
	name: string
	/** In both runs: the measures are of these. */
	pairs: Pair[]
	/** In one of them only. */
	others: number
	differences: Difference[]
	languages: { language: string; differences: Difference[] }[]
}

export interface Comparison {
	before: Run
	after: Run
	/** What is not the same in how they were set up. */
	configuration: { name: string; before: string; after: string }[]
	sets: ComparedSet[]
	/** Sets of one run only. */
	missing: string[]
}

/** Two runs, question by question. */
export function compare(before: Run, after: Run): Comparison {
	const shared = before.sets.flatMap((set) => {
		const other = after.sets.find(({ name }) => name === set.name)
		return other ? [[set, other] as const] : []
	})
	const names = new Set(shared.map(([{ name }]) => name))
	return {
		before,
		after,
		configuration: configurationDifferences(before, after),
		sets: shared.map(([one, other]) => {
			const pairs = pairsOf(one.outcomes, other.outcomes)
			const refusals = [0.97, 0.9].map((share) => ({
				measure: `refused, ${share * 100}% kept`,
				...bothOf((set) => refusalsKeeping(scoresOf(set), share).refused, one, other),
			}))
			return {
				name: one.name,
				pairs,
				others: one.outcomes.length + other.outcomes.length - 2 * pairs.length,
				differences: [...differencesOf(pairs), ...refusals],
				languages: byLanguage(pairs.map((pair) => ({ ...pair, language: pair.before.language }))).map(([language, of]) => ({
					language,
					differences: differencesOf(of),
				})),
			}
		}),
		missing: [...new Set([...before.sets, ...after.sets].map(({ name }) => name))].filter((name) => !names.has(name)),
	}
}

const bothOf = <From>(measure: (from: From) => Refusals['refused'], one: From, other: From) => ({
	before: measure(one),
	after: measure(other),
})

function pairsOf(one: readonly Outcome[], other: readonly Outcome[]): Pair[] {
	const others = new Map(other.map((outcome) => [outcome.id, outcome]))
	return one.flatMap((before) => {
		const after = others.get(before.id)
		return after?.question === before.question && after.isAnswerable === before.isAnswerable
			? [{ before, after, verdict: verdictOf(before, after) }]
			: []
	})
}

/** By the rank first, then by the refusal, then by the answer. */
function verdictOf(before: Outcome, after: Outcome): Pair['verdict'] {
	const isRight = ({ isRefused, isAnswerable }: Outcome): number => (isRefused === null ? 0 : Number(isRefused !== isAnswerable))
	const ranks = [1 / rankOf(before), 1 / rankOf(after)] as const
	const refusals = [isRight(before), isRight(after)] as const
	const answers = [Number(before.isAnswered), Number(after.isAnswered)] as const
	for (const [was, is] of [ranks, refusals, answers]) if (was !== is) return is > was ? 1 : -1
	return 0
}

function differencesOf(pairs: readonly Pair[]): Difference[] {
	const before: Measures = measuresOf(pairs.map((pair) => pair.before))
	const after: Measures = measuresOf(pairs.map((pair) => pair.after))
	return MEASURES.map((measure) => ({ measure, before: before[measure], after: after[measure] }))
}

function configurationDifferences(before: Run, after: Run): Comparison['configuration'] {
	const of = ({ configuration, commit, node, threshold }: Run): Record<string, unknown> => ({ ...configuration, commit, node, threshold })
	const [one, other] = [of(before), of(after)]
	return [...new Set([...Object.keys(one), ...Object.keys(other)])]
		.filter((name) => one[name] !== other[name])
		.map((name) => ({ name, before: String(one[name] ?? '–'), after: String(other[name] ?? '–') }))
}
