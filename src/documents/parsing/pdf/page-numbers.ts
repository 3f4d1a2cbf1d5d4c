import type { Line } from './lines.ts'

/** Of the pages have a number. */
const SHARE = 0.5
/** So many of them have it at the same place, within so many points. */
const MIN_PAGES = 3
const PLACE = 3
/** Titles of numbered slides and chapters are larger than what stands below them. */
const LARGER = 1.1
const MAX_LENGTH = 100

/** Of the lines at the heads and feet of pages those that begin or end with the page's number, whatever chapter they name beside it. */
export function numberedLines(edges: readonly (readonly Line[])[], usualHeight: number): Set<Line> {
	const first = firstNumber(edges)
	if (first === null) return new Set()
	const found = edges.flatMap((lines, index) => [
		...new Set(lines.filter((line) => line.height <= usualHeight * LARGER && numbersOf(line).includes(first + index))),
	])
	const places = new Map<number, number>()
	for (const line of found) places.set(placeOf(line), (places.get(placeOf(line)) ?? 0) + 1)
	return new Set(found.filter((line) => (places.get(placeOf(line)) ?? 0) >= MIN_PAGES))
}

/** What the first page's number is, or would be, where most pages have one. */
function firstNumber(edges: readonly (readonly Line[])[]): number | null {
	const counts = new Map<number, number>()
	for (const [index, lines] of edges.entries()) {
		for (const first of new Set(lines.flatMap(numbersOf).map((number) => number - index))) counts.set(first, (counts.get(first) ?? 0) + 1)
	}
	const [first, count] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most), [0, 0])
	return count > edges.length * SHARE ? first : null
}

function numbersOf({ text }: Line): number[] {
	if (text.length > MAX_LENGTH) return []
	return [...text.matchAll(/^\s*(\d{1,4})(?=\s|$)|(?<=^|\s)(\d{1,4})\s*$/g)].map(([, head, tail]) => Number(head ?? tail))
}

const placeOf = ({ top }: Line): number => Math.round(top / PLACE)
