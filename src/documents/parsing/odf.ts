import { AppError } from '../../errors.ts'
import { cleanLine } from './clean.ts'
import type { Element, Parent } from './html-nodes.ts'
import { Package } from './package.ts'
import { type SheetRow, sheetLines } from './sheet-lines.ts'
import { type Cell, tableLines } from './table.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'
import { attribute, childOf, childrenOf, descendant, descendants, elementsOf, localName } from './xml.ts'

/** OpenDocument: texts with headings, lists and tables; presentations by slide, with notes; spreadsheets by sheet. */
export async function parseOdf(file: SourceFile): Promise<ParsedText> {
	using zip = await Package.open(file.path)
	if (descendant(await zip.xml('META-INF/manifest.xml'), 'encryption-data')) throw new AppError('parsePassword')
	const body = descendant(await zip.xml('content.xml'), 'body')
	if (!body) throw new AppError('parseBroken', { type: 'OpenDocument' })
	const builder = new TextBuilder(file)
	for (const content of elementsOf(body)) {
		if (localName(content) === 'presentation') writeSlides(builder, content)
		else if (localName(content) === 'spreadsheet') writeSheets(builder, content)
		else new OdfWalker(builder).walk(content)
	}
	return builder.finish()
}

function writeSlides(builder: TextBuilder, presentation: Element): void {
	let hasWords = false
	for (const [index, slide] of childrenOf(presentation, 'page').entries()) {
		builder.page(index + 1)
		const title = childrenOf(slide, 'frame').find((frame) => attribute(frame, 'presentation:class') === 'title')
		const words = cleanLine(title ? [...descendants(title, 'p')].map(textOf).join(' ') : '')
		builder.heading(1, words || `Slide ${index + 1}`)
		const { left } = builder
		for (const shape of elementsOf(slide)) {
			if (localName(shape) === 'notes') writeNotes(builder, shape)
			else if (shape !== title || words === '') new OdfWalker(builder).walk(shape)
		}
		if (words !== '' || builder.left < left) hasWords = true
	}
	if (!hasWords) throw new AppError('parseNoText')
}

function writeNotes(builder: TextBuilder, notes: Element): void {
	const lines = [...descendants(notes, 'p')].map(textOf).filter((line) => line.trim() !== '')
	if (lines.length > 0) builder.block(`Notes: ${lines.join('\n')}`)
}

function writeSheets(builder: TextBuilder, spreadsheet: Element): void {
	for (const sheet of childrenOf(spreadsheet, 'table')) {
		builder.heading(1, attribute(sheet, 'table:name') ?? '')
		let isFirst = true
		for (const line of sheetLines(sheetRows(sheet))) {
			if (isFirst) builder.block(line)
			else builder.line(line)
			isFirst = false
		}
	}
}

/** No sheet is wider. */
const MAX_COLUMNS = 16_384

/** Of those that follow one another, as of a column that was filled to the end of the sheet; then it is said how many more there are. */
const MAX_EQUAL_ROWS = 1_000

/** Equal ones that follow one another are stored once, with how often; empty ones to the end of the sheet, often. */
function* sheetRows(sheet: Element): Generator<SheetRow> {
	for (const row of descendants(sheet, 'table-row')) {
		const cells = new Map<number, string>()
		let column = 0
		for (const cell of elementsOf(row)) {
			if (!/^(?:covered-)?table-cell$/.test(localName(cell))) continue
			const text = cleanLine([...descendants(cell, 'p')].map(textOf).join(' '))
			const end = Math.min(MAX_COLUMNS, column + repeats(cell, 'columns'))
			if (text !== '') for (let at = column; at < end; at++) cells.set(at, text)
			column = end
		}
		if (cells.size === 0) continue
		const times = repeats(row, 'rows')
		for (let at = 0; at < Math.min(times, MAX_EQUAL_ROWS); at++) yield cells
		if (times > MAX_EQUAL_ROWS) yield new Map([[0, `… (${times - MAX_EQUAL_ROWS} more rows like this)`]])
	}
}

const repeats = (element: Element, what: string): number => Math.max(1, Number(attribute(element, `number-${what}-repeated`) ?? 1) || 1)

/** What is not content, or written twice: tables of contents, deletions, comments, the drawing of what is text beside it. */
const SKIPPED = new Set([
	'table-of-content',
	'tracked-changes',
	'annotation',
	'sequence-decls',
	'forms',
	'notes',
	'script',
	'event-listeners',
])
const MAX_INDENTATION = 8

class OdfWalker {
	readonly #builder: TextBuilder

	constructor(builder: TextBuilder) {
		this.#builder = builder
	}

	walk(parent: Element): void {
		for (const element of elementsOf(parent)) this.#element(element)
	}

	#element(element: Element): void {
		const name = localName(element)
		if (SKIPPED.has(name)) return
		if (name === 'h') this.#builder.heading(Number(attribute(element, 'outline-level') ?? 1) || 1, textOf(element))
		else if (name === 'p') this.#paragraph(element)
		else if (name === 'list') this.#list(element)
		else if (name === 'table') this.#builder.block(tableLines(rowsOf(element)).join('\n'))
		else this.walk(element)
	}

	/** Frames anchored in a paragraph hold paragraphs of their own. */
	#paragraph(paragraph: Element): void {
		this.#builder.block(textOf(paragraph))
		for (const box of descendants(paragraph, 'text-box')) this.walk(box)
	}

	#list(list: Element): void {
		const lines: string[] = []
		const write = (parent: Element, level: number) => {
			for (const [index, item] of elementsOf(parent).entries()) {
				let mark = attribute(item, 'start-value') ? `${Number(attribute(item, 'start-value')) + index}. ` : '- '
				for (const part of elementsOf(item)) {
					if (localName(part) === 'list') write(part, level + 1)
					else if (cleanLine(textOf(part)) !== '') {
						lines.push(`${'  '.repeat(Math.min(MAX_INDENTATION, level))}${mark}${cleanLine(textOf(part))}`)
						mark = '  '
					}
				}
			}
		}
		if (descendant(list, 'h')) this.walk(list)
		else write(list, 0)
		this.#builder.block(lines.join('\n'))
	}
}

function rowsOf(table: Element): Cell[][] {
	const rows = (parent: Element, isHeader: boolean): Cell[][] =>
		elementsOf(parent).flatMap((child) => {
			const name = localName(child)
			if (name === 'table-row') return [cellsOf(child, isHeader)]
			return name.startsWith('table-') && name !== 'table-column' ? rows(child, isHeader || name === 'table-header-rows') : []
		})
	return rows(table, false)
}

const cellsOf = (row: Element, isHeader: boolean): Cell[] =>
	childrenOf(row, 'table-cell').map((cell) => ({
		text: cleanLine([...descendants(cell, 'p')].map(textOf).join(' ')),
		isHeader,
		colSpan: Number(attribute(cell, 'number-columns-spanned') ?? 1) || 1,
		rowSpan: Number(attribute(cell, 'number-rows-spanned') ?? 1) || 1,
	}))

/** White space is written as elements; footnotes stand in brackets where they are marked. */
function textOf(parent: Parent): string {
	return parent.children
		.map((node): string => {
			if (node.type === 'text') return node.data.replace(/\s+/g, ' ')
			if (!('attribs' in node)) return ''
			const name = localName(node)
			if (name === 's') return ' '.repeat(Math.min(100, Number(attribute(node, 'text:c') ?? 1) || 1))
			if (name === 'tab') return '\t'
			if (name === 'line-break') return '\n'
			if (name === 'note') return ` (${cleanLine([...descendants(childOf(node, 'note-body'), 'p')].map(textOf).join(' '))})`
			return name === 'frame' || SKIPPED.has(name) ? '' : textOf(node)
		})
		.join('')
}
