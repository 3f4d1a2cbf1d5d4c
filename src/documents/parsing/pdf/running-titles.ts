import type { Line } from './lines.ts'
import { numberedLines } from './page-numbers.ts'

/** Fewer pages don't show what repeats. */
const MIN_PAGES = 4
const SHARE = 0.5
/** How many lines at the head and at the foot of a page may be running titles and page numbers. */
const REACH = 2

/**
 * The pages without the lines that stand at the head or foot of most of them, whatever number is in them, and without those there that begin or end with
 * the page's number, whatever chapter they name: they interrupt paragraphs and answer nothing.
 */
export function withoutRunningTitles(pages: Line[][]): Line[][] {
	if (pages.length < MIN_PAGES) return pages
	const counts = new Map<string, number>()
	for (const lines of pages) for (const key of new Set(edges(lines).map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1)
	const repeats = (line: Line) => (counts.get(keyOf(line)) ?? 0) > pages.length * SHARE
	const numbered = numberedLines(pages.map(edges), usualHeight(pages))
	return pages.map((lines) => {
		const dropped = new Set(edges(lines).filter((line) => repeats(line) || numbered.has(line)))
		return dropped.size === 0 ? lines : lines.filter((line) => !dropped.has(line))
	})
}

/** PDFs may draw head and foot at any time: the highest and lowest lines count as well as the first and last. */
function edges(lines: Line[]): Line[] {
	const byHeight = [...lines].sort((a, b) => b.top - a.top)
	return [...lines.slice(0, REACH), ...lines.slice(-REACH), ...byHeight.slice(0, REACH), ...byHeight.slice(-REACH)]
}

function usualHeight(pages: Line[][]): number {
	const heights = pages.flatMap((lines) => lines.map(({ height }) => height)).sort((a, b) => a - b)
	return heights[heights.length >> 1] ?? 0
}

const keyOf = ({ text }: Line): string => text.replace(/\d+/g, '#').replace(/\s+/g, '')
