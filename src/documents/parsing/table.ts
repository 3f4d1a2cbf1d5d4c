import { labelled, shortLabels } from './labels.ts'

export interface Cell {
	text: string
	isHeader?: boolean
	rowSpan?: number
	colSpan?: number
}

/** A first row with longer cells names no columns. */
const MAX_NAME = 40

/**
 * A table as lines that each say all of one row, so that a chunk or a citation of one needs no other: `Name: Wang | Age: 3`.
 * The value of a cell that spans rows stands in each of them. Without a header: `Wang | 3`. A header whose names are too long to be
 * repeated whole, or that names a column without values, has a line too.
 */
export function tableLines(rows: Cell[][]): string[] {
	const grid = layOut(rows)
	const headers = headerRows(rows, grid)
	const header = grid.slice(0, headers)
	const body = grid.slice(headers)
	if (headers === 0 || body.length === 0) return linesOf(grid)
	const names = namesOf(header)
	const labels = shortLabels(names)
	const isSaid = (column: number) => body.some((row) => row[column] !== undefined && row[column].text !== '')
	const isWhole = [...names].every(([column, name]) => labels.get(column) === name && (name === '' || isSaid(column)))
	return [...(isWhole ? [] : linesOf(header)), ...linesOf(body, labels)]
}

const linesOf = (rows: (Placed | undefined)[][], labels?: ReadonlyMap<number, string>): string[] =>
	rows.map((row) => rowLine(row, labels)).filter((line) => line !== '')

interface Placed {
	text: string
	isHeader: boolean
	/** False where the cell reaches over from the column before. */
	isOwn: boolean
}

/** As in HTML (4.9.11, "Attributes common to td and th elements"). */
const MAX_COLUMN_SPAN = 1_000
/** Of one table, in places of the grid: cells beyond stand in their first place alone. */
const MAX_SPANNED = 1_000_000

function layOut(rows: Cell[][]): (Placed | undefined)[][] {
	const grid: (Placed | undefined)[][] = rows.map(() => [])
	let spanned = 0
	for (const [top, row] of rows.entries()) {
		let left = 0
		for (const { text, isHeader = false, rowSpan = 1, colSpan = 1 } of row) {
			while (grid[top]?.[left]) left++
			const width = Math.min(MAX_COLUMN_SPAN, Math.max(1, colSpan))
			const height = Math.min(rows.length - top, Math.max(1, rowSpan))
			if (width * height > 1) spanned += width * height
			const isAlone = spanned > MAX_SPANNED
			const right = left + (isAlone ? 1 : width)
			const own: Placed = { text, isHeader, isOwn: true }
			const reached: Placed = { text, isHeader, isOwn: false }
			for (const line of grid.slice(top, top + (isAlone ? 1 : height))) {
				for (let column = left; column < right; column++) line[column] = column === left ? own : reached
			}
			left = right
		}
	}
	return grid
}

/** Rows marked as header, or a first row that reads like one: all cells filled, short, different, more words than numbers. */
function headerRows(rows: Cell[][], grid: (Placed | undefined)[][]): number {
	const isMarked = (row: (Placed | undefined)[]) => row.length > 1 && row.every((cell) => cell?.isHeader)
	const marked = grid.findIndex((row) => !isMarked(row))
	if (marked !== 0) return marked === -1 ? 0 : marked
	const first = rows[0] ?? []
	const texts = first.map((cell) => cell.text)
	const readsLikeOne =
		rows.length > 1 &&
		texts.length > 1 &&
		new Set(texts).size === texts.length &&
		texts.every((text) => text.length > 0 && text.length <= MAX_NAME && /\p{L}/u.test(text) && !/[:。；;]|\n/.test(text)) &&
		rows.some((row) => row !== first && row.some((cell) => cell.text !== ''))
	return readsLikeOne ? Math.min(rows.length - 1, Math.max(1, ...first.map((cell) => cell.rowSpan ?? 1))) : 0
}

/** One name a column; with several header rows their texts together. */
function namesOf(rows: (Placed | undefined)[][]): Map<number, string> {
	const names = new Map<number, string>()
	for (let column = 0; rows.some((row) => column < row.length); column++)
		names.set(column, [...new Set(rows.map((row) => row[column]?.text ?? ''))].join(' ').trim())
	return names
}

function rowLine(row: (Placed | undefined)[], labels?: ReadonlyMap<number, string>): string {
	const cells: string[] = []
	for (const [column, cell] of row.entries()) if (cell?.isOwn && cell.text !== '') cells.push(labelled(cell.text, labels?.get(column)))
	const isPair = !labels && cells.length === 2 && row[0]?.isHeader === true && !row.every((cell) => cell?.isHeader)
	return cells.join(isPair ? ': ' : ' | ')
}
