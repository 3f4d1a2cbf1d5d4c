import { html, type Markup } from './html.ts'
import { refusalsAt, type Scores } from './measures.ts'

const [HEIGHT, TOP, LEFT, BOTTOM] = [180, 28, 40, 40]
const BASE = TOP + HEIGHT
/** Of a bar and the gap beside it, and the characters of a name that fit under three of them. */
const [PITCH, NAME_LENGTH] = [34, 18]
const COLORS = ['one', 'two', 'three'] as const

/** Bars side by side for each group, values in per cent. */
export function bars(
	title: string,
	names: readonly string[],
	groups: readonly { name: string; values: readonly (number | null)[] }[],
): Markup {
	const width = PITCH * names.length + 24
	const shapes = groups.map(({ name, values }, group) => {
		const left = LEFT + group * width
		return html`${values.map((value, at) => {
			const height = scaled(value ?? 0)
			const x = left + at * PITCH
			return html`<rect class="${COLORS[at % COLORS.length] ?? 'one'}" x="${x}" y="${fixed(BASE - height)}" width="32" height="${fixed(height)}"><title>${name}, ${names[at] ?? ''}: ${value ?? '–'}</title></rect>
<text x="${x + 16}" y="${fixed(BASE - height - 4)}" text-anchor="middle">${value ?? '–'}</text>`
		})}<text x="${left + (width - 24) / 2}" y="${BASE + 16}" text-anchor="middle">${shortened(name)}</text>`
	})
	const legend = names.map(
		(name, at) => html`<rect class="${COLORS[at % COLORS.length] ?? 'one'}" x="${LEFT + at * 70}" y="${BASE + 24}" width="10" height="10"/>
<text x="${LEFT + at * 70 + 14}" y="${BASE + 33}">${name}</text>`,
	)
	return plot(title, LEFT + Math.max(groups.length * width, names.length * 70, 420), [...shapes, ...legend])
}

const shortened = (name: string): string => ([...name].length > NAME_LENGTH ? `${[...name].slice(0, NAME_LENGTH - 1).join('')}…` : name)

/** How many questions have their first right result at each rank; Infinity: at none. */
export function rankHistogram(ranks: readonly number[], depth: number): Markup {
	const counts = Array.from({ length: depth }, (_, at) => ranks.filter((rank) => rank === at + 1).length)
	const columns = [
		...counts.map((count, at) => [String(at + 1), count] as const),
		['none', ranks.filter((rank) => rank > depth).length] as const,
	]
	const shapes = columns.map(([name, count], at) => {
		const height = scaled(ranks.length === 0 ? 0 : (100 * count) / ranks.length)
		const x = LEFT + at * 32
		return html`<rect class="${name === 'none' ? 'two' : 'one'}" x="${x}" y="${fixed(BASE - height)}" width="26" height="${fixed(height)}"/>
<text x="${x + 13}" y="${fixed(BASE - height - 4)}" text-anchor="middle">${count}</text>
<text x="${x + 13}" y="${BASE + 16}" text-anchor="middle">${name}</text>`
	})
	return plot('Rank of the first right result, per cent of the questions', LEFT + columns.length * 32, shapes)
}

const BINS = 25
const SPAN = 400

/** Best scores of questions that the documents answer, and of the others, each as a share of its own. */
export function scoreHistogram({ answerable, others }: Scores, threshold: number): Markup {
	const shares = [answerable, others].map((scores) => {
		const counts = Array.from({ length: BINS }, () => 0)
		for (const score of scores) counts[binOf(score)] = (counts[binOf(score)] ?? 0) + 1
		return counts.map((count) => (scores.length === 0 ? 0 : count / scores.length))
	})
	const most = Math.max(0.01, ...shares.flat())
	const shapes = shares.map((of, at) =>
		of.map((share, bin) => {
			const height = scaled((100 * share) / most)
			return html`<rect class="${COLORS[at] ?? 'one'} half" x="${fixed(LEFT + (bin * SPAN) / BINS)}" y="${fixed(BASE - height)}" width="${fixed(SPAN / BINS - 1)}" height="${fixed(height)}"/>`
		}),
	)
	const parts = [...shapes.flat(), marked(threshold), legendOf('answerable', 'not answerable'), scoreAxis()]
	return plot('Best score of a question, the highest column = full height', LEFT + SPAN, parts, false)
}

const binOf = (score: number): number => Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS)))

/** What is kept and refused at each threshold. */
export function refusalCurve(scores: Scores, threshold: number): Markup {
	const at = Array.from({ length: 101 }, (_, step) => refusalsAt(scores, step / 100))
	const line = (of: 'kept' | 'refused') =>
		at
			.flatMap(({ threshold: where, [of]: value }) =>
				value === null ? [] : `${fixed(LEFT + where * SPAN)},${fixed(BASE - scaled(value))}`,
			)
			.join(' ')
	const parts = [
		html`<polyline class="line-one" points="${line('kept')}"/><polyline class="line-two" points="${line('refused')}"/>`,
		...[marked(threshold), legendOf('kept', 'refused'), scoreAxis()],
	]
	return plot('By threshold: answerable questions kept, others refused, per cent', LEFT + SPAN, parts)
}

const marked = (threshold: number): Markup =>
	html`<line class="mark" x1="${fixed(LEFT + threshold * SPAN)}" x2="${fixed(LEFT + threshold * SPAN)}" y1="${TOP}" y2="${BASE}"><title>threshold ${threshold}</title></line>`

const scoreAxis = (): Markup =>
	html`${[0, 0.2, 0.4, 0.6, 0.8, 1].map((score) => html`<text x="${LEFT + score * SPAN}" y="${BASE + 16}" text-anchor="middle">${score}</text>`)}`

const legendOf = (one: string, two: string): Markup =>
	html`<rect class="one" x="${LEFT}" y="${BASE + 24}" width="10" height="10"/><text x="${LEFT + 14}" y="${BASE + 33}">${one}</text>
<rect class="two" x="${LEFT + 130}" y="${BASE + 24}" width="10" height="10"/><text x="${LEFT + 144}" y="${BASE + 33}">${two}</text>`

function plot(title: string, width: number, shapes: readonly Markup[], inPerCent = true): Markup {
	const right = width + 16
	const lines = [0, 50, 100].map((value) => {
		const y = BASE - scaled(value)
		const label = inPerCent ? html`<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${value}</text>` : ''
		return html`<line class="axis" x1="${LEFT}" x2="${width}" y1="${y}" y2="${y}"/>${label}`
	})
	return html`<svg viewBox="0 0 ${right} ${BASE + BOTTOM}" width="${right}" height="${BASE + BOTTOM}" role="img" aria-label="${title}">
<text x="${LEFT}" y="12">${title}</text>
${lines}${shapes}</svg>`
}

const scaled = (percent: number): number => (percent / 100) * (HEIGHT - 16)

const fixed = (value: number): string => value.toFixed(1)
