import { cleanLine } from './clean.ts'

/** Column names longer than this are sentences. */
const MAX_LABEL = 60
/** All of them together: repeating more in each row would drown the values. */
const MAX_LABELS = 800
/** A header stands within the first rows, below a title perhaps. */
const HEAD_ROWS = 20

/**
 * A sheet as lines that each say all of one row, with the names of its columns: `Name: Wang | Age: 3`. Rows above the header, as a title, stand
 * as they are. Empty rows and cells are left out.
 */
export function* sheetLines(rows: Iterable<string[]>): Generator<string> {
	let head: string[][] | null = []
	let labels: string[] = []
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

/** Rows with a value, cleaned. */
function* filledRows(rows: Iterable<string[]>): Generator<string[]> {
	for (const row of rows) {
		const cleaned = row.map(cleanLine)
		if (cleaned.some((cell) => cell !== '')) yield cleaned
	}
}

function* writeHead(rows: string[][]): Generator<string, string[]> {
	const header = headerOf(rows)
	const labels = header === -1 ? [] : (rows[header] ?? [])
	for (const [index, row] of rows.entries()) if (index !== header) yield rowLine(row, index > header ? labels : [])
	return labels
}

/** The row that names the columns: as wide as the widest, different words, no numbers; -1 where there is none. */
function headerOf(rows: string[][]): number {
	const count = (row: string[]) => row.filter((cell) => cell !== '').length
	const width = Math.max(0, ...rows.map(count))
	const index = rows.findIndex((row) => count(row) > 1 && count(row) >= width * 0.6)
	const row = rows[index]
	if (!row || index === rows.length - 1) return -1
	const names = row.filter((cell) => cell !== '')
	const areNames =
		new Set(names).size === names.length &&
		names.every((name) => name.length <= MAX_LABEL && /\p{L}/u.test(name) && !/^[\d\s.,:/%-]+$/.test(name)) &&
		names.join('').length <= MAX_LABELS
	return areNames ? index : -1
}

function rowLine(row: string[], labels: string[]): string {
	const cells: string[] = []
	for (const [column, cell] of row.entries()) {
		if (cell === '') continue
		const label = labels[column] ?? ''
		cells.push(label === '' || label === cell ? cell : `${label}: ${cell}`)
	}
	return cells.join(' | ')
}
