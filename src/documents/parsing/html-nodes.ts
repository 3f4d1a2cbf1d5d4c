import type { CheerioAPI } from 'cheerio/slim'
import { cleanLine } from './clean.ts'
import type { Cell } from './table.ts'

type Root = ReturnType<CheerioAPI['root']>[number]
export type Node = Root['children'][number]
export type Element = Extract<Node, { attribs: unknown }>
export type Parent = Root | Element

const words = (text: string): Set<string> => new Set(text.split(' '))

/** Not content: what runs, what is drawn, what leads elsewhere, what is typed into. */
const SKIPPED = words(
	'script style noscript template svg math-editor canvas iframe object embed audio video map head nav button select input textarea dialog datalist',
)
const SKIPPED_ROLES = words('navigation search banner contentinfo menu menubar toolbar dialog')
/** A footer of these belongs to the content. */
const PARTS = words('article section main blockquote')
export const BLOCKS = words(
	'address article aside blockquote body center details div dl dt dd fieldset figcaption figure footer form header hgroup html main p section summary tbody thead tfoot tr caption legend hr',
)

/** The first element in the page's order that is asked for. Selectors would take time with the square of the siblings. */
export function find(parent: Parent, isWanted: (element: Element) => boolean): Element | null {
	for (const child of parent.children) {
		if (!('attribs' in child)) continue
		const found = isWanted(child) ? child : find(child, isWanted)
		if (found) return found
	}
	return null
}

/** Stands for `<br>`, since white space in the source means nothing. */
export const LINE_BREAK = '\u2028'

export const inlineText = (text: string): string =>
	text
		.split(LINE_BREAK)
		.map((line) => line.replace(/[\s\u2028]+/g, ' ').trim())
		.join('\n')
		.trim()

export function isSkipped({ name, attribs, parent }: Element): boolean {
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

/** All text below a node, skipped elements aside; of a skipped element itself too. */
export function textOf(node: Element | null): string {
	if (!node) return ''
	const text = node.children
		.map((child) => (child.type === 'text' ? child.data : 'attribs' in child && !isSkipped(child) ? textOf(child) : ''))
		.join('')
	if (node.name === 'br') return LINE_BREAK
	return BLOCKS.has(node.name) || node.name === 'li' || node.name === 'td' ? ` ${text} ` : text
}

/** Rows of this table, not of tables in its cells. */
export function rowsOf(parent: Element): Element[][] {
	return parent.children.flatMap((child) => {
		if (!('attribs' in child)) return []
		if (child.name === 'tr')
			return [child.children.filter((cell): cell is Element => 'attribs' in cell && (cell.name === 'td' || cell.name === 'th'))]
		return child.name === 'thead' || child.name === 'tbody' || child.name === 'tfoot' ? rowsOf(child) : []
	})
}

export function toCell(element: Element): Cell {
	const span = (name: string) => Math.max(1, Math.trunc(Number(element.attribs[name] ?? 1)) || 1)
	return { text: cleanLine(textOf(element)), isHeader: element.name === 'th', rowSpan: span('rowspan'), colSpan: span('colspan') }
}

/** Tables that only place things on the page: one column, or blocks of content in the cells. */
export function isLayout(rows: Element[][]): boolean {
	return rows.every((row) => row.length < 2) || rows.some((row) => row.some((cell) => contains(cell, LAYOUT)))
}

const LAYOUT = words('table h1 h2 h3 h4 h5 h6')

const contains = (element: Element, names: Set<string>): boolean =>
	element.children.some((child) => 'attribs' in child && (names.has(child.name) || contains(child, names)))
