import { sheetLines } from './sheet-lines.ts'
import { readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** CSV and TSV: a line for each row, with the names of the columns. */
export async function parseDelimited(file: SourceFile): Promise<ParsedText> {
	const text = await readText(file, 'CSV')
	const builder = new TextBuilder(file)
	for (const lines of batches(sheetLines(rowsOf(text, delimiterOf(text))))) builder.line(lines.join('\n'))
	return builder.finish()
}

const BATCH = 1_000

function* batches(lines: Iterable<string>): Generator<string[]> {
	let batch: string[] = []
	for (const line of lines) {
		batch.push(line)
		if (batch.length < BATCH) continue
		yield batch
		batch = []
	}
	yield batch
}

const DELIMITERS = [',', '\t', ';', '|']
const SAMPLE_LINES = 20

/** The one that parts the first lines into the most columns, the same number in each. */
function delimiterOf(text: string): string {
	const [declared] = /^sep=(.)\r?\n/i.exec(text)?.slice(1) ?? []
	if (declared) return declared
	const sample = text.slice(0, 20_000)
	let best = { delimiter: ',', score: 0 }
	for (const delimiter of DELIMITERS) {
		const widths: number[] = []
		for (const row of rowsOf(sample, delimiter)) if (widths.push(row.length) === SAMPLE_LINES) break
		const usual = widths[Math.floor(widths.length / 2)] ?? 1
		const score = usual > 1 ? (widths.filter((width) => width === usual).length / widths.length) * Math.log(usual + 1) : 0
		if (score > best.score) best = { delimiter, score }
	}
	return best.delimiter
}

/** RFC 4180, tolerant: a quote inside of a value is a quote. */
function* rowsOf(text: string, delimiter: string): Generator<string[]> {
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
