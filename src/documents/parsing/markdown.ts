import { cutText } from './cut-text.ts'
import { FENCE, withTableRows } from './markdown-tables.ts'
import { parseText } from './text.ts'
import { checkLength, withText } from './text-builder.ts'
import type { HeadingMark, ParsedText, SourceFile } from './types.ts'

/** Markdown keeps its source, which people read and models understand, but for tables, which are written row by row; its headings are marked. */
export async function parseMarkdown(file: SourceFile): Promise<ParsedText> {
	const text = withTableRows((await parseText(file)).text)
	checkLength(text.length, file.maxCharacters)
	return withText({ text, pages: [], headings: [...headingsOf(text)] })
}

const ATX = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/
const SETEXT = /^ {0,3}(=+|-{2,})[ \t]*$/
/** Lines that a row of hyphens below turns into no heading: lists, quotes, tables, rules, headings. */
const NO_TITLE = /^\s*(?:[-*+>#|=]|\d+[.)]|$)/
const MAX_TITLE = 200

/** ATX and setext headings outside of code and front matter (CommonMark 0.31, sections 4.2 and 4.3). */
export function* headingsOf(text: string): Generator<HeadingMark> {
	let fence: string | null = null
	let before = ''
	let beforeStart = 0
	for (let start = frontMatterEnd(text); start < text.length; ) {
		const lineEnd = text.indexOf('\n', start)
		const end = lineEnd === -1 ? text.length : lineEnd
		const line = text.slice(start, end)
		const mark = FENCE.exec(line)?.[1]
		if (fence !== null) {
			if (mark?.startsWith(fence) && line.trim() === mark) fence = null
		} else if (mark) {
			fence = mark
		} else {
			const heading = atx(line, start) ?? setext(line, before, beforeStart)
			if (heading) yield heading
		}
		before = fence === null ? line : ''
		beforeStart = start
		start = end + 1
	}
}

function atx(line: string, start: number): HeadingMark | null {
	const [, marks = '', title = ''] = ATX.exec(line) ?? []
	return marks === '' ? null : { level: marks.length, start, title: plain(title) }
}

function setext(line: string, before: string, start: number): HeadingMark | null {
	const [, underline = ''] = SETEXT.exec(line) ?? []
	if (underline === '' || NO_TITLE.test(before) || before.length > MAX_TITLE || before.includes('|')) return null
	return { level: underline.startsWith('=') ? 1 : 2, start, title: plain(before) }
}

/** A title without its closing #s, emphasis, code marks and link targets. */
const plain = (title: string): string =>
	cutText(title, MAX_TITLE)
		.replace(/\s+#+\s*$/, '')
		.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replace(/\*\*|__|`|<\/?[a-z][^>]*>/gi, '')
		.trim()

function frontMatterEnd(text: string): number {
	if (!text.startsWith('---\n')) return 0
	const end = text.indexOf('\n---\n', 3)
	return end === -1 ? 0 : end + 5
}
