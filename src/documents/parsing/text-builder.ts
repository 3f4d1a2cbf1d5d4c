import { AppError } from '../../errors.ts'
import { clean, cleanLine } from './clean.ts'
import type { HeadingMark, PageMark, ParsedText } from './types.ts'

/** More headings than this are no outline: later ones stay text, without a mark. */
const MAX_HEADINGS = 10_000

/** Of a document, slides too: far beyond any book. */
export const MAX_PAGES = 20_000

/** Puts a text together from blocks, each cleaned by itself, and notes where pages and headings begin. */
export class TextBuilder {
	readonly #maxCharacters: number
	readonly #parts: string[] = []
	readonly #pages: PageMark[] = []
	readonly #headings: HeadingMark[] = []
	#length = 0

	constructor({ maxCharacters }: { maxCharacters: number }) {
		this.#maxCharacters = maxCharacters
	}

	/** A paragraph, list or table: a blank line keeps it apart from what stands before. */
	block(text: string): void {
		this.#append(
			clean(text)
				.replace(/^(?:[^\S\n]*\n)+/, '')
				.trimEnd(),
			'\n\n',
		)
	}

	/** A line below what stands before, or several. */
	line(text: string): void {
		this.#append(clean(text).trimEnd(), '\n')
	}

	/** On a line of its own, marked as a heading. */
	heading(level: number, title: string): void {
		const line = cleanLine(title)
		const start = this.#append(line, '\n\n')
		if (line !== '' && this.#headings.length < MAX_HEADINGS) {
			this.#headings.push({ level: Math.min(6, Math.max(1, level)), start, title: line })
		}
	}

	/** Another text as a block, its headings `levels` below their own level. */
	include({ text, headings }: Pick<ParsedText, 'text' | 'headings'>, levels = 0): void {
		const at = this.#append(text, '\n\n')
		for (const { level, start, title } of headings) {
			if (this.#headings.length < MAX_HEADINGS) this.#headings.push({ level: Math.min(6, level + levels), start: at + start, title })
		}
	}

	/** Room that is left. */
	get left(): number {
		return this.#maxCharacters - this.#length
	}

	/** Everything from here on is on this page. @throws AppError parseTooManyPages */
	page(page: number): void {
		this.#endPage()
		this.#pages.push({ page, start: this.#length, end: this.#length })
		if (this.#pages.length > MAX_PAGES) throw new AppError('parseTooManyPages', { maxPages: MAX_PAGES })
	}

	/** @throws AppError parseNoText */
	finish(): ParsedText {
		this.#endPage()
		return withText({ text: this.#parts.join(''), pages: this.#pages, headings: this.#headings })
	}

	#append(text: string, separator: string): number {
		if (text === '') return this.#length
		const before = this.#length === 0 ? '' : separator
		const start = this.#length + before.length
		this.#parts.push(before, text)
		this.#length = start + text.length
		checkLength(this.#length, this.#maxCharacters)
		return start
	}

	#endPage(): void {
		const last = this.#pages.at(-1)
		if (last) last.end = this.#length
	}
}

/** @throws AppError parseTooMuchText */
export function checkLength(characters: number, maxCharacters: number): void {
	if (characters > maxCharacters) throw new AppError('parseTooMuchText', { maxCharacters })
}

/** @throws AppError parseNoText where there is nothing to search, as in a scan. */
export function withText(parsed: ParsedText): ParsedText {
	if (!/[\p{L}\p{N}]/u.test(parsed.text)) throw new AppError('parseNoText')
	return parsed
}
