import { type Line, SPLIT } from './lines.ts'
import { looksLikeTitle } from './titles.ts'

/** What the lines of a document have in common. */
export interface Style {
	/** The height of most of its lines. */
	bodyHeight: number
	/** The level of a heading by its height (`roundHeight`). */
	levels: Map<number, number>
	/** Its words, in lower case. */
	words: Set<string>
	/** Words that it writes with a hyphen inside a line: `well-known`. */
	hyphenated: Set<string>
}

const LARGER = 1.15
const MAX_LEVELS = 4

export function styleOf(pages: Line[][]): Style {
	const charactersByHeight = new Map<number, number>()
	const words = new Set<string>()
	const hyphenated = new Set<string>()
	for (const { text, height } of pages.flat()) {
		const size = roundHeight(height)
		charactersByHeight.set(size, (charactersByHeight.get(size) ?? 0) + text.length)
		const whole = text.endsWith(SPLIT) ? text.replace(/\p{L}*.$/u, '') : text
		for (const [word] of whole.toLowerCase().matchAll(/[\p{Ll}\p{Lo}]+(?:-[\p{Ll}\p{Lo}]+)?/gu))
			(word.includes('-') ? hyphenated : words).add(word)
	}
	const [bodyHeight] = [...charactersByHeight].reduce((most, each) => (each[1] > most[1] ? each : most), [0, 0])
	const larger = new Set<number>()
	for (const line of pages.flat()) if (line.height > bodyHeight * LARGER && looksLikeTitle(line.text)) larger.add(roundHeight(line.height))
	const sizes = [...larger].sort((a, b) => b - a)
	return { bodyHeight, words, hyphenated, levels: new Map(sizes.map((height, rank) => [height, Math.min(rank + 1, MAX_LEVELS)])) }
}

export const roundHeight = (height: number): number => Math.round(height * 2) / 2
