import { AppError } from '../../../errors.ts'
import { chartLines } from '../charts.ts'
import { cleanLine } from '../clean.ts'
import type { Element, Parent } from '../html-nodes.ts'
import { Package, partOf, type Relationship } from '../package.ts'
import { type Cell, tableLines } from '../table.ts'
import { TextBuilder } from '../text-builder.ts'
import type { ParsedText, SourceFile } from '../types.ts'
import { attribute, childOf, descendant, descendants, elementsOf, localName, parseXml } from '../xml.ts'
import { createNumbering, type ListPlace, listPlaceOf } from './numbering.ts'
import { type Role, roleOf, type Style, stylesOf } from './styles.ts'
import { isOn, settingOf } from './values.ts'
import { drawnIn, type Notes, notesOf, wordsOf } from './words.ts'

/** Word since 2007: headings by style with their numbers, lists as they count, tables row by row, text boxes, notes where they are marked, what charts say. */
export async function parseDocx(file: SourceFile): Promise<ParsedText> {
	using zip = await Package.open(file.path)
	const main = [...(await zip.relationships('')).values()].find(({ type }) => type === 'officeDocument')?.part ?? 'word/document.xml'
	const text = (await zip.text(main)) ?? ''
	const body = isWhole(text) ? descendant(parseXml(text), 'body') : null
	if (!body) throw new AppError('parseBroken', { type: 'DOCX' })
	const relationships = await zip.relationships(main)
	const xmlOfType = async (type: string) =>
		zip.xml([...relationships.values()].find((relationship) => relationship.type === type)?.part ?? `word/${type}.xml`)
	const builder = new TextBuilder(file)
	new Walker(builder, {
		styles: stylesOf(await xmlOfType('styles')),
		numbering: createNumbering(await xmlOfType('numbering')),
		notes: new Map([...notesOf(await xmlOfType('footnotes'), 'footnote'), ...notesOf(await xmlOfType('endnotes'), 'endnote')]),
		relationships,
		drawings: await drawingsOf(zip, relationships),
	}).walk(body)
	return builder.finish()
}

/** Whether all elements are closed: half a document would be read as if it were all. */
function isWhole(xml: string): boolean {
	let open = 0
	for (const [, slash, , isEmpty] of xml.matchAll(/<(\/?)[\w:.-]+((?:"[^"]*"|'[^']*'|[^<>"'/]|\/(?!>))*)(\/?)>/g))
		open += slash ? -1 : isEmpty ? 0 : 1
	return open <= 0
}

/** What charts and diagrams say, by their part. */
async function drawingsOf(zip: Package, relationships: Map<string, Relationship>): Promise<Map<string, string[]>> {
	const drawings = new Map<string, string[]>()
	for (const { type, part } of relationships.values()) {
		if (type === 'chart') drawings.set(part, chartLines(await zip.xml(part)))
		else if (type === 'diagramData')
			drawings.set(
				part,
				[...descendants(await zip.xml(part), 'pt')].map((point) => wordsOf(point, new Map())),
			)
	}
	return drawings
}

interface Surroundings {
	styles: Map<string, Style>
	numbering: ReturnType<typeof createNumbering>
	notes: Notes
	relationships: Map<string, Relationship>
	drawings: Map<string, string[]>
}

const MAX_INDENTATION = 8
/** What was deleted, and properties. */
const SKIPPED = new Set(['del', 'moveFrom', 'sectPr', 'sdtPr', 'sdtEndPr'])

class Walker {
	readonly #builder: TextBuilder
	readonly #in: Surroundings
	/** Of the list that is open: it becomes one block. */
	#list: string[] = []

	constructor(builder: TextBuilder, surroundings: Surroundings) {
		this.#builder = builder
		this.#in = surroundings
	}

	walk(parent: Parent): void {
		this.#children(parent)
		this.#endList()
	}

	#children(parent: Parent): void {
		for (const element of elementsOf(parent)) {
			const name = localName(element)
			if (name === 'p') this.#paragraph(element)
			else if (name === 'tbl') this.#table(element)
			else if (name === 'AlternateContent') this.#children(childOf(element, 'Choice') ?? element)
			else if (!SKIPPED.has(name)) this.#children(element)
		}
	}

	#paragraph(paragraph: Element): void {
		const { role, list } = this.#styleOf(paragraph)
		if (role === 'contents') return
		const words = wordsOf(paragraph, this.#in.notes)
		const mark = list && words.trim() !== '' ? this.#in.numbering.next(list) : ''
		if (list && role === null) {
			if (words.trim() !== '')
				this.#list.push(`${'  '.repeat(Math.min(MAX_INDENTATION, list.level))}${`${mark} ${cleanLine(words)}`.trim()}`)
		} else {
			this.#endList()
			if (role === null) this.#builder.block(words)
			else this.#builder.heading(role, mark === '' || mark === '-' ? words : `${mark} ${words}`)
		}
		for (const drawn of drawnIn(paragraph)) this.#drawn(drawn)
	}

	#styleOf(paragraph: Element): { role: Role | null; list: ListPlace | null } {
		const properties = childOf(paragraph, 'pPr')
		const style = this.#in.styles.get(settingOf(childOf(properties, 'pStyle')) ?? '')
		const list = listPlaceOf(properties) ?? style?.list ?? null
		const role = style?.role ?? roleOf('', settingOf(childOf(properties, 'outlineLvl')))
		return { role, list: list?.id === '0' ? null : list }
	}

	#drawn(element: Element): void {
		const { relationships, drawings } = this.#in
		const name = localName(element)
		if (name === 'txbxContent') {
			this.walk(element)
			return
		}
		const part = name === 'chart' ? partOf(element, relationships) : relationships.get(attribute(element, 'dm') ?? '')?.part
		this.#builder.block(drawings.get(part ?? '')?.join('\n') ?? '')
	}

	#table(table: Element): void {
		this.#endList()
		const rows = rowsOf(table)
		if (rows.every((row) => row.length < 2)) for (const cell of rows.flat()) this.walk(cell)
		else this.#builder.block(tableLines(cellsOf(rows, this.#in.notes)).join('\n'))
	}

	#endList(): void {
		this.#builder.block(this.#list.join('\n'))
		this.#list = []
	}
}

/** Rows and cells may lie in content controls; rows that were deleted are left out. */
function rowsOf(table: Element): Element[][] {
	const within = (parent: Element, name: string): Element[] =>
		elementsOf(parent).flatMap((child) => {
			if (localName(child) === name) return [child]
			return /^(?:sdt|sdtContent|customXml|ins|moveTo)$/.test(localName(child)) ? within(child, name) : []
		})
	return within(table, 'tr')
		.filter((row) => !childOf(childOf(row, 'trPr'), 'del'))
		.map((row) => within(row, 'tc'))
}

/** Cells that go on with the one above are its span. */
function cellsOf(rows: Element[][], notes: Notes): Cell[][] {
	const open = new Map<number, Cell>()
	return rows.map((row) => {
		const cells: Cell[] = []
		const isHeader = isOn(childOf(childOf(row[0]?.parent as Element | null, 'trPr'), 'tblHeader'))
		let column = 0
		for (const element of row) {
			const properties = childOf(element, 'tcPr')
			const colSpan = Math.max(1, Number(settingOf(childOf(properties, 'gridSpan')) ?? 1) || 1)
			const merge = childOf(properties, 'vMerge')
			const above = merge && settingOf(merge) !== 'restart' ? open.get(column) : undefined
			if (above) {
				above.rowSpan = (above.rowSpan ?? 1) + 1
			} else {
				const cell: Cell = { text: textOf(element, notes), isHeader, colSpan, rowSpan: 1 }
				cells.push(cell)
				if (merge) open.set(column, cell)
				else open.delete(column)
			}
			column += colSpan
		}
		return cells
	})
}

function textOf(cell: Parent, notes: Notes): string {
	const words = [...descendants(cell, 'p')].map((paragraph) => {
		const boxes = [...drawnIn(paragraph)].map((box) => textOf(box, notes))
		return [wordsOf(paragraph, notes), ...boxes].join(' ')
	})
	return cleanLine(words.join(' '))
}
