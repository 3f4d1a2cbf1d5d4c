import { cleanLine } from './clean.ts'
import type { Element, Parent } from './html-nodes.ts'
import { characters, childOf, descendant, descendants } from './xml.ts'

/** A chart's title, and a line for each of its series: `Sales: Q1 5 | Q2 7`. */
export function chartLines(chart: Parent | null): string[] {
	const cached = (series: Element, name: string) =>
		[...descendants(childOf(series, name), 'pt')].map((point) => cleanLine(characters(point)))
	const lines = [...descendants(chart, 'ser')].map((series) => {
		const categories = cached(series, 'cat')
		const values = cached(series, 'val').map((value, index) => `${categories[index] ?? ''} ${rounded(value)}`.trim())
		return `${cached(series, 'tx').join(' ')}: ${values.join(' | ')}`
	})
	const title = [...descendants(descendant(chart, 'title'), 'p')].map((paragraph) => cleanLine(characters(paragraph)))
	return [...title, ...lines].filter((line) => line !== '')
}

/** Values are stored with all that binary fractions add. */
const rounded = (value: string): string => (/^-?\d+\.\d{12,}$/.test(value) ? String(Number(Number(value).toPrecision(12))) : value)
