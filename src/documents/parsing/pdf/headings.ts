import type { Line } from './lines.ts'
import { roundHeight, type Style } from './style.ts'
import { looksLikeTitle } from './titles.ts'

/** More lines of one size in a row are a text in large letters. */
const MAX_LINES = 3

/** For each line the level of the heading that it belongs to, or null. PDFs mark no headings: size, weight and numbers have to do. */
export function levelsOf(lines: Line[], style: Style): (number | null)[] {
	const levels = lines.map((line) => levelOf(line, style))
	for (let start = 0; start < levels.length; ) {
		let end = start + 1
		while (end < levels.length && levels[end] === levels[start]) end++
		if (end - start > MAX_LINES) levels.fill(null, start, end)
		start = end
	}
	return levels
}

function levelOf({ text, height, bold }: Line, { levels, bodyHeight }: Style): number | null {
	if (!looksLikeTitle(text)) return null
	const bySize = levels.get(roundHeight(height))
	if (bySize !== undefined) return bySize
	const [number] = NUMBER.exec(text) ?? []
	if (!bold || !number || height < bodyHeight * 0.9) return null
	const parts = number.split('.').filter((part) => part.trim() !== '').length
	return levels.size === 0 ? parts : Math.min(6, Math.max(...levels.values()) + Math.max(1, parts - 1))
}

const NUMBER = /^\s*(?:\d+(?:\.\d+)*\.?|第.{1,6}[章节条部分])\s+(?=\p{L})/u
