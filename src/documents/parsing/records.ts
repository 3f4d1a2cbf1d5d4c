const DELIMITERS = [',', '\t', ';', '|']
const SAMPLE_LINES = 20

/** The one that parts the first lines into the most columns, the same number in each. */
export function delimiterOf(text: string): string {
	const [declared] = /^sep=(.)\r?\n/i.exec(text)?.slice(1) ?? []
	if (declared) return declared
	const sample = text.slice(0, 20_000)
	let best = { delimiter: ',', score: 0 }
	for (const delimiter of DELIMITERS) {
		const widths: number[] = []
		for (const row of recordsOf(sample, delimiter)) if (widths.push(row.length) === SAMPLE_LINES) break
		const usual = widths[Math.floor(widths.length / 2)] ?? 1
		const score = usual > 1 ? (widths.filter((width) => width === usual).length / widths.length) * Math.log(usual + 1) : 0
		if (score > best.score) best = { delimiter, score }
	}
	return best.delimiter
}

/** RFC 4180, tolerant: a quote inside of a value is a quote. */
export function* recordsOf(text: string, delimiter: string): Generator<string[]> {
	let row: string[] = []
	let at = /^\ufeff?(?:sep=.\r?\n)?/i.exec(text)?.[0].length ?? 0
	while (at < text.length) {
		const [value, end] = text[at] === '"' ? quoted(text, at, delimiter) : plain(text, at, delimiter)
		row.push(value)
		at = end
		if (text[at] === delimiter) {
			at++
			if (at < text.length) continue
		}
		yield row
		row = []
		if (text[at] === '\r') at++
		if (text[at] === '\n') at++
	}
}

function plain(text: string, start: number, delimiter: string): [value: string, end: number] {
	let end = start
	while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++
	return [text.slice(start, end), end]
}

/** A quote that is never closed belongs to the value. */
function quoted(text: string, start: number, delimiter: string): [value: string, end: number] {
	let value = ''
	for (let from = start + 1; ; ) {
		const quote = text.indexOf('"', from)
		if (quote === -1) return plain(text, start, delimiter)
		value += text.slice(from, quote)
		if (text[quote + 1] !== '"') {
			const [rest, end] = plain(text, quote + 1, delimiter)
			return [value + rest, end]
		}
		value += '"'
		from = quote + 2
	}
}

/** Rows that a table has at least, its header among them; of two columns, which prose may have by chance. */
const MIN_ROWS = 3
const MIN_ROWS_OF_TWO = 5
const MAX_NAME = 60
const MAX_CELL = 500

/**
 * The delimiter of a text that is a table beyond doubt: a header of different names, one of them over nothing but numbers, and below it only rows
 * of as many short cells; null for other texts. A comma in prose has a space behind it. Without a header a table reads as well as text.
 */
export function tableDelimiter(text: string, isWhole: boolean): string | null {
	const sample = isWhole ? text : text.slice(0, text.lastIndexOf('\n') + 1)
	return DELIMITERS.find((delimiter) => isTable(sample, delimiter)) ?? null
}

function isTable(text: string, delimiter: string): boolean {
	let columns = 0
	let rows = 0
	/** Columns with numbers below a name that has none: what tells a header from one row of words among others. */
	const measures = new Set<number>()
	for (const record of recordsOf(text, delimiter)) {
		if (record.length === 1 && record[0] === '') continue
		if (rows === 0 && !areNames(record)) return false
		if (rows === 0) columns = record.length
		if (record.length !== columns || record.some((cell) => cell.length > MAX_CELL || /^ \S/.test(cell))) return false
		for (const [column, cell] of record.entries()) {
			if (rows > 0 && !/\d/.test(cell)) measures.delete(column)
			if (rows === 0 && !/\d/.test(cell)) measures.add(column)
		}
		rows++
	}
	return rows >= (columns === 2 ? MIN_ROWS_OF_TWO : MIN_ROWS) && measures.size > 0
}

const areNames = (record: string[]): boolean =>
	record.length > 1 &&
	new Set(record).size === record.length &&
	record.every((name) => name.length <= MAX_NAME && /\p{L}/u.test(name) && !/[\n.!?。！？；：{}<>=]|: /.test(name))
