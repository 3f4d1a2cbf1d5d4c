import { delimiterOf, recordsOf, tableDelimiter } from './records.ts'
import { type SheetRow, sheetLines, sheetRow } from './sheet-lines.ts'
import { readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** CSV and TSV: a line for each row, with the names of the columns. */
export async function parseDelimited(file: SourceFile): Promise<ParsedText> {
	const text = await readText(file, 'CSV')
	const builder = new TextBuilder(file)
	for (const lines of batches(sheetLines(sheetRows(text)))) builder.line(lines.join('\n'))
	return builder.finish()
}

function* sheetRows(text: string): Generator<SheetRow> {
	const head = text.slice(0, HEAD)
	for (const row of recordsOf(text, tableDelimiter(head, head.length === text.length) ?? delimiterOf(text))) yield sheetRow(row)
}

/** As much as tells what a file is. */
const HEAD = 65_536
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
