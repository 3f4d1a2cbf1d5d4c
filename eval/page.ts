import type { ComparedSet, Comparison, Difference, Pair } from './compare.ts'
import { html, type Markup, pageOf } from './html.ts'
import { byLanguage, MEASURES, type Measures, measuresOf, refusalsKeeping, scoresOf } from './measures.ts'
import { bars, rankHistogram, refusalCurve, scoreHistogram } from './plots.ts'
import { type Outcome, RESULTS, type Run, rankOf, type SetRun } from './run.ts'

/** Questions that are listed of one set: those that went worst. */
const MAX_LISTED = 1_000
const RECALLS = ['R@1', 'R@5', 'R@10'] as const

/** A run on one page. */
export function runPage(run: Run): string {
	const rows = run.sets.flatMap((set) => [
		[set.name, measuresOf(set.outcomes)] as const,
		...languagesOf(set).map(([language, measures]) => [`${set.name}, ${language}`, measures] as const),
	])
	return pageOf(
		`Evaluation: ${run.label}`,
		html`${setUp(run)}
<h2>Measures, per cent</h2>
<table><tr><th></th><th class="number">questions</th>${MEASURES.map((name) => html`<th class="number">${name}</th>`)}<th class="number">p50, ms</th></tr>
${rows.map(([name, measures]) => html`<tr><td>${name}</td>${number(measures.questions)}${MEASURES.map((of) => number(measures[of]))}${number(measures.p50Ms)}</tr>`)}</table>
${bars(
	'Found among the first 1, 5, 10 results, per cent',
	RECALLS,
	rows.map(([name, measures]) => ({ name, values: RECALLS.map((recall) => measures[recall]) })),
)}
${run.sets.map((set) => setSection(set, run.threshold))}`,
	)
}

/** By language, where there is more than one. */
function languagesOf({ outcomes }: SetRun): [string, Measures][] {
	const languages = byLanguage(outcomes)
	return languages.length > 1 ? languages.map(([language, of]) => [language, measuresOf(of)]) : []
}

const setUp = ({ at, commit, node, threshold, configuration }: Run): Markup =>
	html`<p>${at}, commit ${commit ?? 'unknown'}, Node ${node}, threshold ${threshold}</p>
<table>${Object.entries(configuration).map(([name, value]) => html`<tr><td>${name}</td><td>${String(value ?? '–')}</td></tr>`)}</table>`

function setSection(set: SetRun, threshold: number): Markup {
	const scores = scoresOf(set)
	const ranks = set.outcomes.filter(({ isAnswerable }) => isAnswerable).map(rankOf)
	const wrong = set.outcomes.filter(isWrong).sort((a, b) => rankOf(b) - rankOf(a) || a.score - b.score)
	const kept = [0.97, 0.9].map((share) => refusalsKeeping(scores, share))
	const refusals =
		scores.others.length === 0 || scores.answerable.length === 0
			? html`<p>No question without an answer was asked: nothing is known of refusals.</p>`
			: html`<p>${set.removed.length > 0 ? 'Half of the documents away' : 'By the questions without an answer'}: at ${kept[0]?.threshold ?? 0}, ${kept[0]?.kept ?? 0}% kept and ${kept[0]?.refused ?? 0}% refused; at ${kept[1]?.threshold ?? 0}, ${kept[1]?.kept ?? 0}% and ${kept[1]?.refused ?? 0}%.</p>
${scoreHistogram(scores, threshold)}${refusalCurve(scores, threshold)}`
	return html`<h2>${set.name}</h2>
<p>${set.documents === null ? '' : `${set.documents} documents, `}${set.outcomes.length} questions</p>
${rankHistogram(ranks, RESULTS)}
${refusals}
<details><summary>${wrong.length} questions that did not go well${wrong.length > MAX_LISTED ? `, the worst ${MAX_LISTED}` : ''}</summary>
<table><tr><th>id</th><th>language</th><th>question</th><th class="number">rank</th><th class="number">score</th><th>first result</th><th>answer</th></tr>
${wrong.slice(0, MAX_LISTED).map((outcome) => html`<tr><td>${outcome.id}</td><td>${outcome.language}</td><td>${outcome.question}</td>${rank(outcome)}${number(rounded(outcome.score))}<td>${outcome.found ?? '–'}</td><td>${answerWords(outcome)}</td></tr>`)}</table></details>`
}

/** Not first, refused or answered the wrong way, or quoted what is not there. */
function isWrong(outcome: Outcome): boolean {
	const { isAnswerable, isRefused, isAnswered, quotes } = outcome
	return (isAnswerable && rankOf(outcome) !== 1) || isRefused === isAnswerable || isAnswered === false || quotes.found < quotes.all
}

function answerWords({ isAnswerable, isRefused, isAnswered, quotes }: Outcome): string {
	const words = [
		isRefused === true ? 'refused' : isRefused === false && !isAnswerable ? 'not refused' : '',
		isAnswered === null ? '' : isAnswered ? 'has the answer' : 'has not the answer',
		quotes.found < quotes.all ? `${quotes.all - quotes.found} untrue quotes` : '',
	]
	return words.filter(Boolean).join(', ')
}

/** Two runs on one page. */
export function comparisonPage(comparison: Comparison): string {
	const { before, after, configuration, sets, missing } = comparison
	return pageOf(
		`Evaluation: ${before.label} → ${after.label}`,
		html`<p>${before.at} → ${after.at}</p>
<table><tr><th>set up</th><th>before</th><th>after</th></tr>
${configuration.map(({ name, before: was, after: is }) => html`<tr><td>${name}</td><td>${was}</td><td>${is}</td></tr>`)}</table>
${missing.length > 0 ? html`<p>In one of them only: ${missing.join(', ')}</p>` : ''}
${sets.map(comparedSection)}`,
	)
}

function comparedSection({ name, pairs, others, differences, languages }: ComparedSet): Markup {
	const [better, worse] = [1, -1].map((verdict) => pairs.filter((pair) => pair.verdict === verdict)) as [Pair[], Pair[]]
	const shown = languages.length > 1 ? languages : []
	return html`<h2>${name}</h2>
<p>${pairs.length} questions in both${others > 0 ? `, ${others} in one only` : ''}: <span class="good">${better.length} better</span>, <span class="bad">${worse.length} worse</span></p>
${differenceTable(differences)}
${shown.map(({ language, differences: of }) => html`<h3>${language}</h3>${differenceTable(of)}`)}
${bars('Found among the first 1, 5, 10 results, per cent, before and after', ['before', 'after'], recallsOf(differences))}
${pairList('worse', worse)}${pairList('better', better)}`
}

const recallsOf = (differences: readonly Difference[]) =>
	RECALLS.flatMap((recall) => {
		const difference = differences.find(({ measure }) => measure === recall)
		return difference ? [{ name: recall, values: [difference.before, difference.after] }] : []
	})

const differenceTable = (differences: readonly Difference[]): Markup =>
	html`<table><tr><th></th><th class="number">before</th><th class="number">after</th><th class="number">difference</th></tr>
${differences
	.filter(({ before, after }) => before !== null || after !== null)
	.map(
		({ measure, before, after }) => html`<tr><td>${measure}</td>${number(before)}${number(after)}${signed(before, after)}</tr>`,
	)}</table>`

function signed(before: number | null, after: number | null): Markup {
	if (before === null || after === null) return html`<td class="number">–</td>`
	const difference = rounded(after - before)
	return html`<td class="number ${difference > 0 ? 'good' : difference < 0 ? 'bad' : ''}">${difference > 0 ? '+' : ''}${difference}</td>`
}

const pairList = (word: string, pairs: readonly Pair[]): Markup =>
	html`<details open><summary>${pairs.length} ${word}${pairs.length > MAX_LISTED ? `, the first ${MAX_LISTED}` : ''}</summary>
<table><tr><th>id</th><th>language</th><th>question</th><th class="number">rank before</th><th class="number">after</th><th>first result before</th><th>after</th><th>answer before</th><th>after</th></tr>
${pairs
	.slice(0, MAX_LISTED)
	.map(
		({ before, after }) =>
			html`<tr><td>${before.id}</td><td>${before.language}</td><td>${before.question}</td>${rank(before)}${rank(after)}<td>${before.found ?? '–'}</td><td>${after.found ?? '–'}</td><td>${answerWords(before)}</td><td>${answerWords(after)}</td></tr>`,
	)}</table></details>`

const rank = (outcome: Outcome): Markup => number(Number.isFinite(rankOf(outcome)) ? rankOf(outcome) : null)

const number = (value: number | null): Markup => html`<td class="number">${value ?? '–'}</td>`

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
