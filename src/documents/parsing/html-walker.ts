import type { CheerioAPI } from 'cheerio/slim'
import { cleanLine } from './clean.ts'
import { type Cell, tableLines } from './table.ts'
import type { TextBuilder } from './text-builder.ts'

type Root = ReturnType<CheerioAPI['root']>[number]
type Node = Root['children'][number]
type Element = Extract<Node, { attribs: unknown }>
type Parent = Root | Element

const words = (text: string): Set<string> => new Set(text.split(' '))

/** Not content: what runs, what is drawn, what leads elsewhere, what is typed into. */
const SKIPPED = words(
	'script style noscript template svg math-editor canvas iframe object embed audio video map head nav button select input textarea dialog datalist',
)
const SKIPPED_ROLES = words('navigation search banner contentinfo menu menubar toolbar dialog')
/** A footer of these belongs to the content. */
const PARTS = words('article section main blockquote')
const BLOCKS = words(
	'address article aside blockquote body center details div dl dt dd fieldset figcaption figure footer form header hgroup html main p section summary tbody thead tfoot tr caption legend hr',
)

/** Writes elements into a `TextBuilder`: runs of inline text are gathered until a block begins or ends. */
export class HtmlWalker {
	readonly #builder: TextBuilder
	#inline = ''
	/** Of the lists that are open: the next number, and what the next line begins with. */
	#lists: { next: number | null; mark: string }[] = []
	/** Of the outermost list: it becomes one block. */
	#lines: string[] = []

	constructor(builder: TextBuilder) {
		this.#builder = builder
	}

	walk(root: Parent): void {
		this.#children(root)
		this.#flush()
	}

	#children(parent: Parent): void {
		for (const node of parent.children) this.#node(node)
	}

	#node(node: Node): void {
		if (node.type === 'text') this.#inline += node.data
		else if ('attribs' in node && !isSkipped(node)) this.#element(node)
	}

	#element(element: Element): void {
		const { name } = element
		if (/^h[1-6]$/.test(name)) this.#heading(element)
		else if (name === 'br') this.#inline += LINE_BREAK
		else if (name === 'pre') this.#alone(() => this.#builder.block(textOf(element).replaceAll(LINE_BREAK, '\n')))
		else if (name === 'table') this.#alone(() => this.#table(element))
		else if (name === 'ul' || name === 'ol') this.#list(element)
		else if (name === 'li') this.#item(element)
		else if (BLOCKS.has(name)) this.#between(() => this.#children(element))
		else this.#children(element)
	}

	#heading(element: Element): void {
		this.#alone(() => this.#builder.heading(Number(element.name[1]), textOf(element)))
	}

	#between(write: () => void): void {
		this.#flush()
		write()
		this.#flush()
	}

	/** What is no line of a list breaks it. */
	#alone(write: () => void): void {
		this.#flush()
		this.#endList()
		write()
	}

	#flush(): void {
		const text = inlineText(this.#inline)
		this.#inline = ''
		if (text === '') return
		const list = this.#lists.at(-1)
		if (list) {
			this.#lines.push(`${'  '.repeat(Math.min(MAX_INDENTATION, this.#lists.length - 1))}${list.mark}${text}`)
			list.mark = '  '
		} else {
			this.#builder.block(text)
		}
	}

	#list(element: Element): void {
		this.#flush()
		this.#lists.push({ next: element.name === 'ol' ? Number(element.attribs['start'] ?? 1) || 1 : null, mark: '' })
		this.#children(element)
		this.#flush()
		this.#lists.pop()
		if (this.#lists.length === 0) this.#endList()
	}

	#item(element: Element): void {
		this.#flush()
		const list = this.#lists.at(-1)
		if (list) list.mark = list.next === null ? '- ' : `${list.next++}. `
		this.#children(element)
		this.#flush()
	}

	#endList(): void {
		this.#builder.block(this.#lines.join('\n'))
		this.#lines = []
	}

	#table(table: Element): void {
		const rows = rowsOf(table)
		if (isLayout(rows)) {
			this.#between(() => this.#children(table))
			return
		}
		const caption = table.children.find((child): child is Element => 'attribs' in child && child.name === 'caption')
		if (caption) this.#builder.block(cleanLine(textOf(caption)))
		this.#builder.block(tableLines(rows.map((row) => row.map(toCell))).join('\n'))
	}
}

const MAX_INDENTATION = 8

/** Stands for `<br>`, since white space in the source means nothing. */
const LINE_BREAK = '\u2028'

const inlineText = (text: string): string =>
	text
		.split(LINE_BREAK)
		.map((line) => line.replace(/[\s\u2028]+/g, ' ').trim())
		.join('\n')
		.trim()

function isSkipped({ name, attribs, parent }: Element): boolean {
	const isIn = (names: Set<string>) => parent !== null && 'name' in parent && names.has(parent.name)
	return (
		SKIPPED.has(name) ||
		(name === 'footer' && !isIn(PARTS)) ||
		((name === 'ul' || name === 'ol') && hasAncestor(parent, 'header')) ||
		SKIPPED_ROLES.has(attribs['role'] ?? '') ||
		'hidden' in attribs ||
		attribs['aria-hidden'] === 'true' ||
		/display:\s*none/i.test(attribs['style'] ?? '')
	)
}

/** Lists in a header lead elsewhere: menus, languages. */
function hasAncestor(parent: Element['parent'], name: string): boolean {
	for (let at = parent; at !== null; at = at.parent) if ('name' in at && at.name === name) return true
	return false
}

function textOf(node: Node): string {
	if (node.type === 'text') return node.data
	if (!('attribs' in node) || isSkipped(node)) return ''
	if (node.name === 'br') return LINE_BREAK
	const text = node.children.map(textOf).join('')
	return BLOCKS.has(node.name) || node.name === 'li' || node.name === 'td' ? ` ${text} ` : text
}

/** Rows of this table, not of tables in its cells. */
function rowsOf(parent: Element): Element[][] {
	return parent.children.flatMap((child) => {
		if (!('attribs' in child)) return []
		if (child.name === 'tr')
			return [child.children.filter((cell): cell is Element => 'attribs' in cell && (cell.name === 'td' || cell.name === 'th'))]
		return child.name === 'thead' || child.name === 'tbody' || child.name === 'tfoot' ? rowsOf(child) : []
	})
}

function toCell(element: Element): Cell {
	const span = (name: string) => Math.max(1, Math.trunc(Number(element.attribs[name] ?? 1)) || 1)
	return { text: cleanLine(textOf(element)), isHeader: element.name === 'th', rowSpan: span('rowspan'), colSpan: span('colspan') }
}

/** Tables that only place things on the page: one column, or blocks of content in the cells. */
function isLayout(rows: Element[][]): boolean {
	return rows.every((row) => row.length < 2) || rows.some((row) => row.some((cell) => contains(cell, LAYOUT)))
}

const LAYOUT = words('table h1 h2 h3 h4 h5 h6')

const contains = (element: Element, names: Set<string>): boolean =>
	element.children.some((child) => 'attribs' in child && (names.has(child.name) || contains(child, names)))
