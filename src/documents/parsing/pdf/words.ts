import { isCjk } from '../../../text/scripts.ts'
import { SPLIT } from './lines.ts'
import type { Style } from './style.ts'

export const isSplit = (text: string): boolean => text.trimEnd().endsWith(SPLIT)

/** Chinese lines meet without a space, others with one; a word split at the line's end becomes whole. */
export function joinLines(text: string, next: string, style: Style): string {
	const left = text.trimEnd()
	const right = next.trim()
	if (left.endsWith(SPLIT)) return left.slice(0, -1) + hyphenBetween(left.slice(0, -1), right, style) + right
	const meet = isCjk(left.charCodeAt(left.length - 1)) && isCjk(right.charCodeAt(0))
	return meet || left === '' || right === '' ? left + right : `${left} ${right}`
}

const LONGEST_WORD = 40
/** Shorter parts are syllables as often as words. */
const SHORTEST_PART = 4

/** A hyphen at a line's end may be the word's own: the rest of the document tells. */
function hyphenBetween(left: string, right: string, { hyphenated, words }: Style): '-' | '' {
	const head = /\p{L}+$/u.exec(left.slice(-LONGEST_WORD))?.[0].toLowerCase() ?? ''
	const rest = /^\p{L}+/u.exec(right.slice(0, LONGEST_WORD))?.[0].toLowerCase() ?? ''
	if (head === '' || rest === '' || hyphenated.has(`${head}-${rest}`)) return '-'
	if (words.has(head + rest) || Math.min(head.length, rest.length) < SHORTEST_PART) return ''
	return words.has(head) && words.has(rest) ? '-' : ''
}
