import { beginningOf, eachRun, HAN, isPair, normalise, root, WORD } from './terms.ts'

/** A term in a text: offsets are UTF-16 code units. */
export interface Located {
	term: string
	start: number
	end: number
}

/**
 * Where the terms of a question stand in a text, in order. A single Han character is shown where no pair of the question has it:
 * by itself it is a part of other words.
 */
export function locate(text: string, wanted: ReadonlySet<string>): Located[] {
	const { normal, starts, ends } = mapped(text)
	const inPairs = new Set([...wanted].filter((term) => [...term].length === 2).flatMap((term) => [...term]))
	const beginnings = new Set([...wanted].map((term) => beginningOf(term, 0, term.length)))
	const found: Located[] = []
	const offer = (term: string, start: number, end: number) => {
		if (wanted.has(term)) found.push({ term, start: starts?.[start] ?? start, end: ends?.[end - 1] ?? end })
	}
	eachRun(normal, (kind, start, end) => {
		if (kind === WORD) {
			if (beginnings.has(beginningOf(normal, start, end))) offer(root(normal.slice(start, end)), start, end)
			return
		}
		for (let at = start; at < end; ) {
			const next = at + (isPair(normal, at) ? 2 : 1)
			const after = next + (isPair(normal, next) ? 2 : 1)
			const character = normal.slice(at, next)
			if ((kind === HAN && !inPairs.has(character)) || (at === start && next === end)) offer(character, at, next)
			if (next < end) offer(normal.slice(at, after), at, after)
			at = next
		}
	})
	return found
}

/** Spans that touch or overlap as one each. */
export function joinedSpans(spans: readonly { start: number; end: number }[]): { start: number; end: number }[] {
	const joined: { start: number; end: number }[] = []
	for (const { start, end } of spans) {
		const last = joined.at(-1)
		if (last && start <= last.end) last.end = Math.max(last.end, end)
		else joined.push({ start, end })
	}
	return joined
}

/** The normal form of a text, and of each of its units where what it was made from begins and ends, unless that is where it is itself. */
function mapped(text: string): { normal: string; starts?: number[]; ends?: number[] } {
	if (isEven(text)) return { normal: normalise(text) }
	let normal = ''
	const starts: number[] = []
	const ends: number[] = []
	for (let at = 0; at < text.length; ) {
		let end = at + (isPair(text, at) ? 2 : 1)
		while (mayBeMark(text.charCodeAt(end)) && MARK.test(text.slice(end, end + 2))) end += isPair(text, end) ? 2 : 1
		const piece = end === at + 1 ? normalUnit(text.charCodeAt(at)) : normalise(text.slice(at, end))
		for (let unit = 0; unit < piece.length; unit++) {
			starts.push(at)
			ends.push(end)
		}
		normal += piece
		at = end
	}
	return { normal, starts, ends }
}

/** Whether each unit of a text becomes one unit: so it is in most texts, and much quicker. */
function isEven(text: string): boolean {
	for (let at = 0; at < text.length; at++) {
		const unit = text.charCodeAt(at)
		evenness[unit] ||= isEvenUnit(unit) ? EVEN : UNEVEN
		if (evenness[unit] === UNEVEN) return false
	}
	return true
}

const [EVEN, UNEVEN] = [1, 2]
const evenness = new Uint8Array(2 ** 16)

/** Marks, and the parts of hangul, become one with what stands before them. */
function isEvenUnit(unit: number): boolean {
	const character = String.fromCharCode(unit)
	return character.isWellFormed() && !MARK.test(character) && !(unit >= 0x1100 && unit <= 0x11ff) && normalUnit(unit).length === 1
}

/** Of single UTF-16 units, once they were met. */
const normalUnits: string[] = []

function normalUnit(unit: number): string {
	normalUnits[unit] ??= normalise(String.fromCharCode(unit))
	return normalUnits[unit]
}

/** Below there are none, and Han and hangul are none. */
const FIRST_MARK = 0x300
const MARK = /^\p{M}/u
const mayBeMark = (unit: number): boolean =>
	unit >= FIRST_MARK && !(unit >= 0x3400 && unit <= 0x9fff) && !(unit >= 0xac00 && unit <= 0xd7af)
