import { readFile } from 'node:fs/promises'
import WordExtractor from 'word-extractor'
import { AppError } from '../../errors.ts'
import { compoundEntries } from './compound.ts'
import { tableLines } from './table.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** What of it is used: its types know no options. */
type WordDocument = Record<'getBody' | 'getTextboxes' | 'getFootnotes' | 'getEndnotes', (options: object) => string>

/** Word 97 to 2003: paragraphs, tables row by row, notes at the end. */
export async function parseDoc(file: SourceFile): Promise<ParsedText> {
	const bytes = await readFile(file.path)
	const main = (await compoundEntries(file.path)).find(({ name }) => name === 'WordDocument')
	if (main && isEncrypted(bytes, main.position)) throw new AppError('parsePassword')
	const document = (await new WordExtractor().extract(bytes)) as unknown as WordDocument
	const builder = new TextBuilder(file)
	writeBody(builder, document.getBody(AS_WRITTEN))
	for (const text of [
		document.getTextboxes({ ...AS_WRITTEN, includeHeadersAndFooters: false }),
		document.getFootnotes(AS_WRITTEN),
		document.getEndnotes(AS_WRITTEN),
	])
		builder.block(text)
	return builder.finish()
}

/** Quotes and dashes are the author's. */
const AS_WRITTEN = { filterUnicode: false }

/** `fEncrypted` of the header (MS-DOC 2.5.2). */
const isEncrypted = (bytes: Buffer, position: number): boolean =>
	position + 12 <= bytes.length && bytes.readUInt16LE(position) === 0xa5ec && (bytes.readUInt16LE(position + 10) & 0x100) !== 0

/** Cells end with a tab, as they come: lines of several cells that follow one another are a table. */
function writeBody(builder: TextBuilder, text: string): void {
	let rows: string[][] = []
	const endTable = () => {
		if (rows.length > 1) builder.block(tableLines(rows.map((row) => row.map((cell) => ({ text: cell.trim() })))).join('\n'))
		else builder.block(rows.map((row) => row.join('\t')).join('\n'))
		rows = []
	}
	for (const line of text.split('\n')) {
		const cells = line.replace(/\t$/, '').split('\t')
		if (cells.length > 1) rows.push(cells)
		else {
			endTable()
			builder.block(line)
		}
	}
	endTable()
}
