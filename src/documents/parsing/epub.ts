import { posix } from 'node:path'
import { load } from 'cheerio/slim'
import { AppError } from '../../errors.ts'
import { refuseDepth } from './html.ts'
import { find, textOf } from './html-nodes.ts'
import { HtmlWalker } from './html-walker.ts'
import { Package } from './package.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'
import { characters, descendant, descendants } from './xml.ts'

/** A book: its title, then its chapters in reading order. */
export async function parseEpub(file: SourceFile): Promise<ParsedText> {
	using zip = await Package.open(file.path)
	const location = descendant(await zip.xml('META-INF/container.xml'), 'rootfile')?.attribs['full-path'] ?? ''
	const book = await zip.xml(location)
	if (!book) throw new AppError('parseBroken', { type: 'EPUB' })
	const encrypted = await encryptedParts(zip)
	const builder = new TextBuilder(file)
	builder.heading(1, characters(descendant(book, 'title')))
	const parts = new Map([...descendants(descendant(book, 'manifest'), 'item')].map(({ attribs }) => [attribs['id'], attribs['href']]))
	for (const { attribs } of descendants(descendant(book, 'spine'), 'itemref')) {
		const part = posix.join(posix.dirname(location), decodeURI(parts.get(attribs['idref']) ?? ''))
		if (encrypted.has(part)) throw new AppError('parsePassword')
		writeChapter(builder, (await zip.text(part)) ?? '')
	}
	return builder.finish()
}

function writeChapter(builder: TextBuilder, html: string): void {
	refuseDepth(html, 'EPUB')
	const root = load(html).root().get(0)
	const body = root && (find(root, ({ name }) => name === 'body') ?? root)
	if (!body) return
	const hasHeading = find(body, ({ name }) => /^h[1-6]$/.test(name)) !== null
	const title = root && find(root, ({ name }) => name === 'title')
	if (!hasHeading && title) builder.heading(2, textOf(title))
	new HtmlWalker(builder, 1).walk(body)
}

/** Fonts are scrambled in many books; chapters only in those that are protected against copying. */
async function encryptedParts(zip: Package): Promise<Set<string>> {
	const xml = await zip.xml('META-INF/encryption.xml')
	return new Set([...descendants(xml, 'CipherReference')].map(({ attribs }) => decodeURI(attribs['URI'] ?? '')))
}
