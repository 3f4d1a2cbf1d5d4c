import { load } from 'cheerio/slim'
import { AppError } from '../../errors.ts'
import { find, textOf } from './html-nodes.ts'
import { HtmlWalker } from './html-walker.ts'
import { readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** Deeper than any page that people wrote; the parser's time grows with the square of the depth. */
const MAX_DEPTH = 2_000

/** A page's content as text: headings, paragraphs, lists, tables row by row; no scripts, no navigation. */
export async function parseHtml(file: SourceFile): Promise<ParsedText> {
	const builder = new TextBuilder(file)
	writeHtml(builder, await readText(file, 'HTML', declaredCharset))
	return builder.finish()
}

/** `levels`: how far its headings stand below their own level. @throws AppError parseBroken */
export function writeHtml(builder: TextBuilder, html: string, levels = 0): void {
	refuseDepth(html, 'HTML')
	const [root] = load(html).root().get()
	if (!root) return
	const content = find(root, ({ name, attribs }) => name === 'main' || attribs['role'] === 'main') ?? root
	if (!find(content, ({ name }) => name === 'h1')) builder.heading(1 + levels, textOf(find(root, ({ name }) => name === 'title')))
	new HtmlWalker(builder, levels).walk(content)
}

/** @throws AppError parseBroken */
export function refuseDepth(html: string, type: string): void {
	if (depthOf(html) > MAX_DEPTH) throw new AppError('parseBroken', { type })
}

function declaredCharset(bytes: Buffer): string | undefined {
	return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)/i.exec(bytes.toString('latin1', 0, 4096))?.[1]?.toLowerCase()
}

/** How deep elements nest, not counting those whose end tag may be left out, so that no valid page is deep by mistake. */
function depthOf(html: string): number {
	let depth = 0
	let deepest = 0
	for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)/gi)) {
		if (MAY_STAY_OPEN.has(name.toLowerCase())) continue
		depth = slash === '/' ? Math.max(0, depth - 1) : depth + 1
		deepest = Math.max(deepest, depth)
	}
	return deepest
}

const MAY_STAY_OPEN = new Set(
	'area base br col embed hr img input link meta param source track wbr p li dt dd option optgroup tr td th thead tbody tfoot colgroup rp rt path use circle rect line polygon'.split(
		' ',
	),
)
