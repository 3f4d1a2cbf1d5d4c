import { AppError } from '../../errors.ts'
import { chartLines } from './charts.ts'
import { cleanLine } from './clean.ts'
import type { Element, Parent } from './html-nodes.ts'
import { Package, partOf, type Relationship } from './package.ts'
import { type Cell, tableLines } from './table.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'
import { attribute, characters, childOf, childrenOf, descendant, descendants, elementsOf, localName } from './xml.ts'

/** PowerPoint: a page and a heading for each slide, lists, tables row by row, diagrams, what charts say, speaker's notes. */
export async function parsePptx(file: SourceFile): Promise<ParsedText> {
	using zip = await Package.open(file.path)
	const slides = await slidesOf(zip)
	if (slides === null) throw new AppError('parseBroken', { type: 'PPTX' })
	const builder = new TextBuilder(file)
	let hasWords = false
	for (const [index, part] of slides.entries()) {
		builder.page(index + 1)
		if (await new Slide(builder, zip, part).write(index + 1)) hasWords = true
	}
	if (!hasWords) throw new AppError('parseNoText')
	return builder.finish()
}

/** In the order of the show. */
async function slidesOf(zip: Package): Promise<string[] | null> {
	const part = 'ppt/presentation.xml'
	const presentation = await zip.xml(part)
	if (!presentation) return null
	const relationships = await zip.relationships(part)
	return [...descendants(presentation, 'sldId')].flatMap((slide) => partOf(slide, relationships) ?? [])
}

class Slide {
	readonly #builder: TextBuilder
	readonly #zip: Package
	readonly #part: string
	#relationships = new Map<string, Relationship>()

	constructor(builder: TextBuilder, zip: Package, part: string) {
		this.#builder = builder
		this.#zip = zip
		this.#part = part
	}

	/** Whether it says anything: pictures alone have but a number. */
	async write(number: number): Promise<boolean> {
		const xml = await this.#zip.xml(this.#part)
		this.#relationships = await this.#zip.relationships(this.#part)
		const tree = descendant(xml, 'spTree')
		const title = [...descendants(tree, 'sp')].find((shape) => TITLES.has(placeholderOf(shape) ?? ''))
		const words = cleanLine(title ? paragraphsOf(title).join(' ') : '')
		this.#builder.heading(1, words || `Slide ${number}`)
		const { left } = this.#builder
		await this.#shapes(tree, words ? title : undefined)
		await this.#notes()
		return words !== '' || this.#builder.left < left
	}

	async #shapes(parent: Parent | null, title: Element | undefined): Promise<void> {
		for (const shape of elementsOf(parent)) {
			const name = localName(shape)
			if (shape === title || RUNNING.has(placeholderOf(shape) ?? '')) continue
			if (name === 'sp' || name === 'cxnSp') this.#builder.block(paragraphsOf(shape).join('\n'))
			else if (name === 'graphicFrame') await this.#graphic(shape)
			else if (name === 'grpSp') await this.#shapes(shape, title)
			else if (name === 'AlternateContent') await this.#shapes(childOf(shape, 'Choice'), title)
		}
	}

	async #graphic(frame: Element): Promise<void> {
		const table = descendant(frame, 'tbl')
		if (table) this.#builder.block(tableLines(rowsOf(table)).join('\n'))
		const diagram = descendant(frame, 'relIds')
		const data = this.#relationships.get((diagram && attribute(diagram, 'r:dm')) ?? '')?.part
		if (data) this.#builder.block([...descendants(await this.#zip.xml(data), 'pt')].flatMap(paragraphsOf).join('\n'))
		const chart = descendant(frame, 'chart')
		const part = chart && partOf(chart, this.#relationships)
		if (part) this.#builder.block(chartLines(await this.#zip.xml(part)).join('\n'))
	}

	async #notes(): Promise<void> {
		const part = [...this.#relationships.values()].find(({ type }) => type === 'notesSlide')?.part
		const shapes = part ? [...descendants(await this.#zip.xml(part), 'sp')] : []
		const notes = shapes.filter((shape) => placeholderOf(shape) === 'body').flatMap(paragraphsOf)
		if (notes.some((line) => line.trim() !== '')) this.#builder.block(`Notes: ${notes.join('\n').trim()}`)
	}
}

const TITLES = new Set(['title', 'ctrTitle'])
/** The same on each slide. */
const RUNNING = new Set(['dt', 'ftr', 'sldNum', 'hdr'])

const placeholderOf = (shape: Element): string | undefined => descendant(childOf(shape, 'nvSpPr'), 'ph')?.attribs['type']

function paragraphsOf(shape: Parent): string[] {
	return [...descendants(shape, 'p')].flatMap((paragraph) => {
		const text = elementsOf(paragraph).map(runText).join('')
		if (text.trim() === '') return []
		const level = Math.min(8, Number(childOf(paragraph, 'pPr')?.attribs['lvl'] ?? 0) || 0)
		return [level > 0 ? `${'  '.repeat(level)}- ${cleanLine(text)}` : text.trim()]
	})
}

function runText(run: Element): string {
	const name = localName(run)
	if (name === 'br') return '\n'
	return name === 'r' || name === 'fld' || name === 't' ? characters(name === 't' ? run : childOf(run, 't')) : ''
}

function rowsOf(table: Element): Cell[][] {
	const hasHeader = childOf(table, 'tblPr')?.attribs['firstRow'] === '1'
	return childrenOf(table, 'tr').map((row, index) =>
		childrenOf(row, 'tc')
			.filter((cell) => !cell.attribs['hMerge'] && !cell.attribs['vMerge'])
			.map((cell) => ({
				text: cleanLine(paragraphsOf(cell).join(' ')),
				isHeader: hasHeader && index === 0,
				colSpan: Number(cell.attribs['gridSpan'] ?? 1) || 1,
				rowSpan: Number(cell.attribs['rowSpan'] ?? 1) || 1,
			})),
	)
}
