import { SSF } from '@e965/xlsx'
import { AppError } from '../../errors.ts'
import { Package, partOf } from './package.ts'
import { type SheetRow, sheetLines } from './sheet-lines.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'
import { attribute, descendant, descendants } from './xml.ts'

const WORKBOOK = 'xl/workbook.xml'

/**
 * Excel since 2007: sheets by name, rows with the names of their columns, values as they are shown. Formulas and macros are not run. Sheets are
 * read row by row: a tree of a million cells would take gigabytes.
 */
export async function parseXlsx(file: SourceFile): Promise<ParsedText> {
	using zip = await Package.open(file.path)
	const workbook = await zip.xml(WORKBOOK)
	if (!workbook) throw new AppError('parseBroken', { type: 'XLSX' })
	const relationships = await zip.relationships(WORKBOOK)
	const partOfType = (type: string) => [...relationships.values()].find((relationship) => relationship.type === type)?.part ?? ''
	const strings = [...stringsOf((await zip.text(partOfType('sharedStrings'))) ?? '')]
	const show = await formatter(zip, partOfType('styles'), descendant(workbook, 'workbookPr')?.attribs['date1904'] === '1')
	const builder = new TextBuilder(file)
	for (const sheet of descendants(workbook, 'sheet')) {
		const xml = await zip.text(partOf(sheet, relationships) ?? '')
		let isEmpty = true
		for (const line of sheetLines(rowsOf(xml ?? '', (cell) => shownText(cell, strings, show)))) {
			if (isEmpty) builder.heading(1, attribute(sheet, 'name') ?? '')
			if (isEmpty) builder.block(line)
			else builder.line(line)
			isEmpty = false
		}
	}
	return builder.finish()
}

interface Cell {
	type: string
	style: number
	value: string
}

const TYPE = /\st=["'](\w+)["']/
const STYLE = /\ss=["'](\d+)["']/

/** The cells that are there: one in the last corner of a sheet costs no more than one in the first. */
function* rowsOf(xml: string, read: (cell: Cell) => string): Generator<SheetRow> {
	let row = new Map<number, string>()
	let cell: Cell | null = null
	let column = -1
	for (const { name, attributes, isEnd, text } of tags(xml)) {
		if (name === 'row') {
			if (row.size > 0) yield row
			row = new Map()
			column = -1
		} else if (name === 'c' && !isEnd) {
			column = columnOf(attributes) ?? column + 1
			cell = { type: TYPE.exec(attributes)?.[1] ?? 'n', style: Number(STYLE.exec(attributes)?.[1] ?? 0), value: '' }
		} else if (cell && !isEnd && (name === 'v' || name === 't')) {
			cell.value += unescaped(text)
			if (name === 't' || cell.value !== '') row.set(column, read(cell))
		}
	}
	if (row.size > 0) yield row
}

/** Shared strings in order, formatted runs put together; how Japanese is pronounced is left out. */
function* stringsOf(xml: string): Generator<string> {
	let string = ''
	let isPhonetic = false
	for (const { name, attributes, isEnd, text } of tags(xml)) {
		if (name === 'si' && !isEnd) string = ''
		if (name === 'si' && (isEnd || attributes.endsWith('/'))) yield string
		else if (name === 'rPh') isPhonetic = !isEnd
		else if (name === 't' && !isEnd && !isPhonetic) string += unescaped(text)
	}
}

function shownText({ type, style, value }: Cell, strings: string[], show: (value: number, style: number) => string): string {
	if (type === 's') return strings[Number(value)] ?? ''
	if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
	return type === 'n' && value !== '' ? show(Number(value), style) : value
}

/** Built-in formats that show dates as one country does. */
const DATES: Record<number, string> = { 14: 'yyyy-mm-dd', 22: 'yyyy-mm-dd hh:mm' }

/** Shows numbers as the workbook's styles say. */
async function formatter(zip: Package, part: string, date1904: boolean): Promise<(value: number, style: number) => string> {
	const styles = await zip.xml(part)
	const codes = new Map(
		[...descendants(styles, 'numFmt')].map(({ attribs }) => [Number(attribs['numFmtId']), attribs['formatCode'] ?? 'General']),
	)
	const formats = [...descendants(descendant(styles, 'cellXfs'), 'xf')].map(({ attribs }) => {
		const id = Number(attribs['numFmtId'] ?? 0)
		return codes.get(id) ?? DATES[id] ?? id
	})
	return (value, style) => {
		const format = formats[style] ?? 0
		if (format === 0 || format === 'General' || Number.isNaN(value)) return String(value)
		try {
			return String(SSF.format(format, value, { date1904 }))
		} catch {
			return String(value) // a format that nobody understands
		}
	}
}

interface Tag {
	name: string
	attributes: string
	isEnd: boolean
	/** Up to the next tag. */
	text: string
}

function* tags(xml: string): Generator<Tag> {
	for (const [, slash, name = '', attributes = '', text = ''] of xml.matchAll(/<(\/?)(?:\w+:)?(\w+)([^<>]*)>([^<]*)/g)) {
		yield { name, attributes, isEnd: slash === '/', text }
	}
}

/** From the letters of its place, as `AB7`. */
function columnOf(attributes: string): number | undefined {
	const letters = /\sr=["']([A-Z]{1,3})\d/.exec(attributes)?.[1]
	if (letters === undefined) return undefined
	let column = 0
	for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
	return column - 1
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** References of XML, and those that Excel writes for control characters (`_x000D_`). */
function unescaped(text: string): string {
	if (!text.includes('&') && !text.includes('_x')) return text
	return text
		.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{1,6}));/gi, (whole, hex?: string, decimal?: string, name?: string) =>
			name === undefined ? character(Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10)) : (NAMED[name] ?? whole),
		)
		.replace(/_x([\dA-F]{4})_/g, (_, hex: string) => character(Number.parseInt(hex, 16)))
}

const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '')
