import { tableLines } from './table.ts'

/** Begins and ends code. */
export const FENCE = /^ {0,3}(`{3,}|~{3,})/
/** `| --- | :-: |` */
const DELIMITERS = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$/
/** Code begins with four spaces. */
const INDENTED = /^(?: {4}| {0,3}\t)/
/** What ends a table beside a blank line: another block. */
const OTHER_BLOCK = /^ {0,3}(?:#{1,6}[ \t]|>|`{3}|~{3}|[-*+][ \t]|\d{1,9}[.)][ \t])/

/** Tables (GitHub Flavored Markdown 0.29, section 4.10) row by row with their header, as in all formats; none in code. All else is as it was. */
export function withTableRows(text: string): string {
	if (!text.includes('|')) return text
	const lines = text.split('\n')
	const written: string[] = []
	let fence: string | null = null
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at] ?? ''
		const mark = FENCE.exec(line)?.[1]
		const isTable = fence === null && isHeader(line, lines[at + 1] ?? '')
		if (fence !== null && mark?.startsWith(fence) && line.trim() === mark) fence = null
		else if (fence === null && mark) fence = mark
		if (!isTable) {
			written.push(line)
			continue
		}
		let end = at + 2
		while (end < lines.length && isRow(lines[end] ?? '')) end++
		for (const row of rowsOf([line, ...lines.slice(at + 2, end)])) written.push(row)
		at = end - 1
	}
	return written.join('\n')
}

const isRow = (line: string): boolean => line.trim() !== '' && !OTHER_BLOCK.test(line)

/** One column is a list. */
function isHeader(line: string, below: string): boolean {
	if (!line.includes('|') || !DELIMITERS.test(below.trim()) || INDENTED.test(line) || !isRow(line)) return false
	const columns = cellsOf(below).length
	return columns > 1 && cellsOf(line).length === columns
}

function rowsOf(lines: string[]): string[] {
	const [header = [], ...rows] = lines.map(cellsOf)
	return tableLines([header, ...rows].map((row, index) => row.map((text) => ({ text, isHeader: index === 0 }))))
}

/** A bar behind a backslash belongs to its cell. */
function cellsOf(line: string): string[] {
	const cells = line
		.trim()
		.replace(/^\|/, '')
		.replace(/(?<!\\)\|$/, '')
		.split(/(?<!\\)\|/)
	return cells.map((cell) =>
		cell
			.replaceAll('\\|', '|')
			.replace(/<br\s*\/?>/gi, ' ')
			.replace(/\s+/g, ' ')
			.trim(),
	)
}
