import { cleanLine } from './clean.ts'
import { labelled, shortLabels } from './labels.ts'

/** The cells of a row that have a value, by their columns. */
export type SheetRow = ReadonlyMap<number, string>

/** Column names longer than this are sentences. */
const MAX_NAME = 120
/** On the average. */
const MAX_USUAL_NAME = 50
/** A header stands within the first rows, below a title perhaps. */
const HEAD_ROWS = 20

/**
 * A sheet as lines that each say all of one row, with the names of its columns: `Name: Wang | Age: 3`. Rows above the header, as a title, stand
 * as they are, and so does a header whose names are too long to be repeated whole, or that names a column which the first rows leave empty. Empty rows and cells are left out.
 */
export function* sheetLines(rows: Iterable<SheetRow>): Generator<string> {
	let head: SheetRow[] | null = []
	let labels: SheetRow = new Map()
	for (const row of filledRows(rows)) {
		if (head === null) {
			yield rowLine(row, labels)
			continue
		}
		head.push(row)
		if (head.length < HEAD_ROWS) continue
		labels = yield* writeHead(head)
		head = null
	}
	if (head) yield* writeHead(head)
}

/** The cells of a row as a list, each in its column. */
export const sheetRow = (cells: readonly string[]): SheetRow => new Map(cells.entries())

/** Rows with a value, cleaned, from left to right. */
function* filledRows(rows: Iterable<SheetRow>): Generator<SheetRow> {
	for (const row of rows) {
		const cleaned = new Map<number, string>()
		let last = -1
		let isInOrder = true
		for (const [column, cell] of row) {
			const text = cleanLine(cell)
			if (text === '') continue
			if (column < last) isInOrder = false
			last = column
			cleaned.set(column, text)
		}
		if (cleaned.size > 0) yield isInOrder ? cleaned : new Map([...cleaned].sort(([a], [b]) => a - b))
	}
}

function* writeHead(rows: SheetRow[]): Generator<string, SheetRow> {
	const header = headerOf(rows)
	const names = rows[header] ?? new Map<number, string>()
	const labels = shortLabels(names)
	const isSaid = (column: number) => rows.some((row, index) => index > header && row.has(column))
	const isWhole = [...names].every(([column, name]) => labels.get(column) === name && isSaid(column))
	for (const [index, row] of rows.entries()) {
		if (index !== header) yield rowLine(row, index > header ? labels : new Map())
		else if (!isWhole) yield rowLine(row, new Map())
	}
	return labels
}

/** The row that names the columns: as wide as the widest, different words, no numbers; -1 where there is none. */
function headerOf(rows: SheetRow[]): number {
	const width = Math.max(0, ...rows.map((row) => row.size))
	const index = rows.findIndex((row) => row.size > 1 && row.size >= width * 0.6)
	const row = rows[index]
	if (!row || index === rows.length - 1) return -1
	const names = [...row.values()]
	const areNames =
		new Set(names).size === names.length &&
		names.every((name) => name.length <= MAX_NAME && /\p{L}/u.test(name) && !/^[\d\s.,:/%-]+$/.test(name)) &&
		names.join('').length <= names.length * MAX_USUAL_NAME
	return areNames ? index : -1
}

const rowLine = (row: SheetRow, labels: SheetRow): string =>
	Array.from(row, ([column, cell]) => labelled(cell, labels.get(column))).join(' | ')
