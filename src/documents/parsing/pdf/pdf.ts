import { readFile } from 'node:fs/promises'
import { checkLength, MAX_PAGES, TextBuilder } from '../text-builder.ts'
import type { ParsedText, SourceFile } from '../types.ts'
import { type Line, linesOf } from './lines.ts'
import { paragraphsOf } from './paragraphs.ts'
import { readPages } from './pdfium.ts'
import { withoutRunningTitles } from './running-titles.ts'
import { styleOf } from './style.ts'

/** A PDF's text page by page, lines put together to paragraphs; headings as far as size and numbers tell. */
export async function parsePdf(file: SourceFile): Promise<ParsedText> {
	const pages = withoutRunningTitles(await readLines(file))
	const style = styleOf(pages)
	const builder = new TextBuilder(file)
	for (const [index, lines] of pages.entries()) {
		builder.page(index + 1)
		for (const { text, level } of paragraphsOf(lines, style)) {
			if (level === null) builder.block(text)
			else builder.heading(level, text)
		}
	}
	return builder.finish()
}

async function readLines({ path, maxCharacters }: SourceFile): Promise<Line[][]> {
	const pages: Line[][] = []
	let characters = 0
	await readPages(await readFile(path), (page) => {
		characters += page?.length ?? 0
		pages.push(page && characters <= maxCharacters ? linesOf(page) : [])
		return characters <= maxCharacters && pages.length <= MAX_PAGES
	})
	checkLength(characters, maxCharacters)
	return pages
}
