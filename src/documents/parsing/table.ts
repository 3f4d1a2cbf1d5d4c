export interface Cell {
	text: string
	isHeader?: boolean
	rowSpan?: number
	colSpan?: number
}

/** Column labels longer than this are sentences: repeating them in every row would drown the values. */
const MAX_LABEL = 40
const MAX_LABELS = 200
/** A span wider than any table. */
const MAX_COLUMNS = 200

/**
 * A table as lines that each say all of one row, so that a chunk or a citation of one needs no other: `Name: Wang | Age: 3`.
 * The value of a cell that spans rows stands in each of them. Without a header: `Wang | 3`.
 */
export function tableLines(rows: Cell[][]): string[] {
	const grid = layOut(rows)
	const headers = headerRows(rows, grid)
	const labels = labelsOf(grid.slice(0, headers))
	const labelled = labels.length > 0 && labels.every((label) => label.length <= MAX_LABEL) && labels.join('').length <= MAX_LABELS
	const body = labelled && grid.length > headers ? grid.slice(headers) : grid
	return body.map((row) => rowLine(row, labelled && body !== grid ? labels : [])).filter((line) => line !== '')
}

interface Placed {
	text: string
	isHeader: boolean
	/** False where the cell reaches over from the column before. */
	isOwn: boolean
}

function layOut(rows: Cell[][]): (Placed | undefined)[][] {
	const grid: (Placed | undefined)[][] = rows.map(() => [])
	for (const [top, row] of rows.entries()) {
		let left = 0
		for (const { text, isHeader = false, rowSpan = 1, colSpan = 1 } of row) {
			while (grid[top]?.[left]) left++
			const right = Math.min(MAX_COLUMNS, left + Math.max(1, colSpan))
			for (const line of grid.slice(top, top + Math.max(1, rowSpan))) {
				for (let column = left; column < right; column++) line[column] = { text, isHeader, isOwn: column === left }
			}
			left = Math.max(left + 1, right)
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
		texts.every((text) => text.length > 0 && text.length <= MAX_LABEL && /\p{L}/u.test(text) && !/[:。；;]|\n/.test(text)) &&
		rows.some((row) => row !== first && row.some((cell) => cell.text !== ''))
	return readsLikeOne ? Math.min(rows.length - 1, Math.max(1, ...first.map((cell) => cell.rowSpan ?? 1))) : 0
}

/** One label a column; with several header rows their texts together. */
function labelsOf(rows: (Placed | undefined)[][]): string[] {
	const columns = Math.max(0, ...rows.map((row) => row.length))
	return Array.from({ length: columns }, (_, column) => [...new Set(rows.map((row) => row[column]?.text ?? ''))].join(' ').trim())
}

function rowLine(row: (Placed | undefined)[], labels: string[]): string {
	const cells: string[] = []
	for (const [column, cell] of row.entries()) {
		if (!cell?.isOwn || cell.text === '') continue
		const label = labels[column] ?? ''
		cells.push(label === '' || label === cell.text ? cell.text : `${label}: ${cell.text}`)
	}
	const [first] = row
	const isPair = labels.length === 0 && cells.length === 2 && first?.isHeader === true
	return cells.join(isPair ? ': ' : ' | ')
}
