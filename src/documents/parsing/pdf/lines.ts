import type { TextPage } from './pdfium.ts'

/** A line as it is printed. Positions in points, upwards from the lower left corner of the page. */
export interface Line {
	text: string
	left: number
	right: number
	top: number
	height: number
	bold: boolean
}

/** Ends a line whose last word goes on in the next: PDFium writes this where a hyphen was printed. */
export const SPLIT = '\u0002'

const NEW_LINE = 0x0a
const SPLIT_CODE = 2
const BOLD_WEIGHT = 600

export function linesOf(page: TextPage): Line[] {
	const lines: Line[] = []
	let text = ''
	let first = -1
	let last = -1
	const end = () => {
		if (first !== -1) lines.push(line(page, text, first, last))
		text = ''
		first = last = -1
	}
	for (let index = 0; index < page.length; index++) {
		const code = page.codePoint(index)
		if (code === NEW_LINE) end()
		else if (code === SPLIT_CODE) {
			text += SPLIT
			end()
		} else if (code !== 0 && code !== 0x0d && code <= 0x10ffff) {
			text += String.fromCodePoint(code)
			if (code > 0x20 && !page.isGenerated(index)) {
				if (first === -1) first = index
				last = index
			}
		}
	}
	end()
	return lines
}

function line(page: TextPage, text: string, first: number, last: number): Line {
	const start = page.box(first)
	const end = page.box(last)
	return {
		text,
		left: start.left,
		right: Math.max(start.right, end.right),
		top: start.top,
		height: Math.abs(start.top - start.bottom),
		bold: page.weight(first) >= BOLD_WEIGHT && page.weight(last) >= BOLD_WEIGHT,
	}
}
