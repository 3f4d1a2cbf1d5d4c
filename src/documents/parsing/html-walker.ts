import { cleanLine } from './clean.ts'
import {
	BLOCKS,
	type Element,
	inlineText,
	isLayout,
	isSkipped,
	LINE_BREAK,
	type Node,
	type Parent,
	rowsOf,
	textOf,
	toCell,
} from './html-nodes.ts'
import { tableLines } from './table.ts'
import type { TextBuilder } from './text-builder.ts'

const MAX_INDENTATION = 8

/** Writes elements into a `TextBuilder`: runs of inline text are gathered until a block begins or ends. */
export class HtmlWalker {
	readonly #builder: TextBuilder
	readonly #levels: number
	#inline = ''
	/** Of the lists that are open: the next number, and what the next line begins with. */
	#lists: { next: number | null; mark: string }[] = []
	/** Of the outermost list: it becomes one block. */
	#lines: string[] = []

	/** `levels`: how far its headings stand below their own level. */
	constructor(builder: TextBuilder, levels = 0) {
		this.#builder = builder
		this.#levels = levels
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
		this.#alone(() => this.#builder.heading(Number(element.name[1]) + this.#levels, textOf(element)))
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
