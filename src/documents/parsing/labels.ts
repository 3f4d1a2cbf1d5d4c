import { cutText } from './cut-text.ts'

/** A name longer than this is a sentence: repeating it in every row would drown the values. */
const MAX_LABEL = 60
/** All of them together; the more columns, the shorter their labels. */
const MAX_LABELS = 2_000
const MIN_LABEL = 8

/** The names of columns as they are repeated in each row: long ones are cut short. */
export function shortLabels(names: ReadonlyMap<number, string>): Map<number, string> {
	let total = 0
	for (const name of names.values()) total += Math.min(MAX_LABEL, name.length)
	const limit = total <= MAX_LABELS ? MAX_LABEL : Math.max(MIN_LABEL, Math.floor(MAX_LABELS / names.size))
	return new Map(Array.from(names, ([column, name]) => [column, shortened(name, limit)]))
}

function shortened(name: string, limit: number): string {
	return name.length <= limit ? name : `${cutText(name, limit - 1).trimEnd()}…`
}

/** `Age: 3` */
export const labelled = (text: string, label = ''): string => (label === '' || label === text ? text : `${label}: ${text}`)
