import { load } from 'cheerio/slim'
import { cleanLine } from './clean.ts'
import type { Element } from './html-nodes.ts'
import { HtmlWalker } from './html-walker.ts'
import { readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'
import { characters, elementsOf, localName, parseXml } from './xml.ts'

/** XML of any kind, feeds and drawings among them: titles are headings, elements of values lines that name them, prose stays together. */
export async function parseXmlDocument(file: SourceFile): Promise<ParsedText> {
	const builder = new TextBuilder(file)
	const writer = new XmlWriter(builder)
	for (const element of elementsOf(parseXml(await readText(file, 'XML', declaredEncoding)))) writer.write(element, { depth: 1, level: 1 })
	return builder.finish()
}

function declaredEncoding(bytes: Buffer): string | undefined {
	return /^<\?xml[^>]{0,200}encoding\s*=\s*["']([\w-]+)/i.exec(bytes.toString('latin1', 0, 300))?.[1]?.toLowerCase()
}

const TITLES = new Set(['title', 'head', 'heading', 'headline'])
const SKIPPED = new Set(['script', 'style', 'path', 'defs', 'image'])
/** Deeper than documents are. */
const MAX_DEPTH = 500
/** So many values make one line. */
const MAX_LINE = 400
const HTML = /<(?:p|br|div|a|ul|ol|li|h[1-6]|b|strong|em|i|img|span|table)\b[^<>]{0,500}>/i

interface Place {
	/** Elements above. */
	depth: number
	/** Of the next heading. */
	level: number
}

class XmlWriter {
	readonly #builder: TextBuilder

	constructor(builder: TextBuilder) {
		this.#builder = builder
	}

	write(element: Element, { depth, level }: Place): void {
		if (SKIPPED.has(localName(element))) return
		if (depth > MAX_DEPTH) throw new Error('nested too deeply')
		const children = elementsOf(element)
		const own = ownText(element)
		const isProse = own !== '' && !children.some((child) => elementsOf(child).length > 2)
		if (children.length === 0) this.#value(element)
		else if (isProse) this.#builder.block(cleanLine(characters(element)))
		else this.#nested(element, { children, own, depth, level })
	}

	#nested(element: Element, { children, own, depth, level }: Place & { children: Element[]; own: string }): void {
		const title = children.find((child) => TITLES.has(localName(child)) && elementsOf(child).length === 0)
		if (title) this.#builder.heading(level, characters(title))
		this.#attributes(element)
		if (own !== '') this.#builder.block(own)
		this.#children(
			children.filter((child) => child !== title),
			{ depth: depth + 1, level: title ? level + 1 : level },
		)
	}

	/** Values that follow one another are one line, as a row. */
	#children(children: Element[], place: Place): void {
		let line: string[] = []
		const endLine = () => {
			this.#builder.block(line.join(' | '))
			line = []
		}
		for (const child of children) {
			const text = elementsOf(child).length === 0 ? cleanLine(characters(child)) : ''
			if (text !== '' && text.length <= MAX_LINE && !HTML.test(text)) {
				line.push(`${localName(child)}: ${text}`)
			} else {
				endLine()
				this.write(child, place)
			}
		}
		endLine()
	}

	#value(element: Element): void {
		const text = characters(element)
		if (HTML.test(text)) new HtmlWalker(this.#builder, 2).walk(load(text).root().get(0) ?? element)
		else if (text.trim() !== '') this.#builder.block(text.trim())
		else this.#attributes(element)
	}

	#attributes(element: Element): void {
		const values = Object.entries(element.attribs).filter(
			([name, value]) => !/^xmlns|:schemaLocation$/.test(name) && /\p{L}{2}/u.test(value),
		)
		const line = values.map(([name, value]) => `${name}: ${cleanLine(value)}`).join(' | ')
		if (values.length > 0 && localName(element) !== 'svg') this.#builder.block(`${localName(element)} ${line}`)
	}
}

const ownText = (element: Element): string => cleanLine(element.children.map((node) => (node.type === 'text' ? node.data : '')).join(' '))
