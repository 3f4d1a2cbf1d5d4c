import { levelsOf } from './headings.ts'
import type { Line } from './lines.ts'
import type { Style } from './style.ts'
import { isSplit, joinLines } from './words.ts'

/** Lines that belong together: a paragraph, a heading, or one line of a table or list. */
export interface Paragraph {
	text: string
	/** 1 to 6 for a heading. */
	level: number | null
}

/** Puts the printed lines of a page together again, by their places. A line that reaches the right edge of its column goes on in the next. */
export function paragraphsOf(lines: Line[], style: Style): Paragraph[] {
	const paragraphs: Paragraph[] = []
	const levels = levelsOf(lines, style)
	let anchor = -1
	for (const [index, line] of lines.entries()) {
		const level = levels[index] ?? null
		const before = lines[anchor]
		const last = paragraphs.at(-1)
		const isMark = before !== undefined && isRaised(line, before)
		if (before && last && (isMark || (last.level === level && goesOn(lines, anchor, index, level !== null)))) {
			last.text = joinLines(last.text, line.text, style)
		} else {
			paragraphs.push({ text: line.text.trim(), level })
		}
		if (!isMark) anchor = index
	}
	return paragraphs
}

/** Heights that differ by less than this share are one size of letters. */
const SAME_SIZE = 0.25
const MARK_LENGTH = 4

/** Exponents and the numbers of footnotes: small, short, and beside the line before. */
function isRaised(line: Line, before: Line): boolean {
	const down = before.top - line.top
	const isSmall = line.height < before.height * 0.85
	return isSmall && line.text.trim().length <= MARK_LENGTH && down > -before.height * 0.6 && down < before.height * 0.9
}

function goesOn(lines: Line[], anchor: number, index: number, inHeading: boolean): boolean {
	const before = lines[anchor]
	const line = lines[index]
	if (!before || !line) return false
	if (isSplit(before.text)) return true
	const height = Math.max(before.height, line.height)
	const down = before.top - line.top
	if (Math.abs(down) < height * 0.5) return true
	if (Math.abs(before.height - line.height) > height * SAME_SIZE) return false
	if (inHeading) return down > 0 && down < height * 1.8 && before.right - before.left > height * WRAPPED && !/^\s*\d/.test(line.text)
	if (BULLET.test(line.text)) return false
	const endsSentence = /[.!?。:;][”’"')）]?\s*$/.test(before.text)
	const isNextColumn = down < 0
	if (isNextColumn) return !endsSentence && isFilled(lines, anchor)
	const isIndented = line.left > before.left + height * 0.8
	return down < height * 1.7 && isFilled(lines, anchor) && !(isIndented && endsSentence)
}

/** A title shorter than this many heights is not continued below. */
const WRAPPED = 8

const BULLET = /^\s*(?:[•●○◦▪■◆➢✓*–-]|\(?\d{1,2}[.)、]|[(（][一二三四五六七八九十\d]+[)）]|[一二三四五六七八九十]+、)\s*\S/

const NEIGHBOURS = 6
/** Ragged lines of Latin text leave out up to a long word. */
const RAGGED = 0.15

/** Whether a line ends where its column does: as far right as the longest of the lines around it that begin at the same place. */
function isFilled(lines: Line[], index: number): boolean {
	const line = lines[index]
	if (!line) return false
	let edge = line.right
	for (const near of lines.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1)) {
		if (Math.abs(near.left - line.left) < line.height * 3) edge = Math.max(edge, near.right)
	}
	return line.right >= edge - Math.max((edge - line.left) * RAGGED, line.height * 2)
}
