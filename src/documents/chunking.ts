import { isSpace, splitsCharacter, trimSpan } from '../text/scripts.ts'
import { sentences } from '../text/sentences.ts'
import { estimateTokens, fitTokens } from '../text/tokens.ts'
import type { PageMark, ParsedText } from './parsing/types.ts'
import { type Passage, passagesOf, sectionsOf, titleFinder } from './passages.ts'

/** A piece of a document that is found and cited as a whole: `parsed.text.slice(start, end) === text`. */
export interface ChunkDraft {
	/** 0, 1, 2, … in the order of the text. */
	ordinal: number
	start: number
	end: number
	text: string
	/** The page that it begins on; null where the format has no pages. */
	page: number | null
	/** The titles above all of it, outermost first. */
	headings: string[]
}

export interface ChunkOptions {
	/** By `estimateTokens`. */
	maxTokens?: number
	/** How much of the end of a chunk the next one may repeat, in whole sentences, where the cut falls inside a paragraph; less than half. */
	overlapTokens?: number
}

const MAX_TOKENS = 400
const OVERLAP_TOKENS = 40

/**
 * Cuts a text into chunks of at most `maxTokens`: one a section where it fits, small neighbours together, long ones in parts of about
 * the same size that end at sentences, at paragraphs rather. Every character but white space is in a chunk. Linear, the same every time.
 */
export function* chunk(parsed: ParsedText, options: ChunkOptions = {}): Generator<ChunkDraft> {
	const { maxTokens = MAX_TOKENS } = options
	const overlapTokens = Math.min(options.overlapTokens ?? OVERLAP_TOKENS, maxTokens / 2)
	const sections = sectionsOf(parsed)
	const titlesOf = titleFinder(sections)
	const pageAt = pageFinder(parsed.pages)
	let ordinal = 0
	for (const passage of passagesOf(sections, maxTokens)) {
		for (const span of cut(parsed.text, passage, { maxTokens, overlapTokens })) {
			const [start, end] = trimSpan(parsed.text, span[0], span[1])
			if (start === end) continue
			yield { ordinal: ordinal++, start, end, text: parsed.text.slice(start, end), page: pageAt(start), headings: titlesOf(start, end) }
		}
	}
}

interface Unit {
	start: number
	end: number
	tokens: number
}

/** Room that a part leaves for sentences that don't fit exactly. */
const FILL = 0.9

function* cut(text: string, passage: Passage, { maxTokens, overlapTokens }: Required<ChunkOptions>): Generator<[number, number]> {
	if (passage.tokens <= maxTokens) return yield [passage.start, passage.end]
	let left = 0
	for (const { tokens } of units(text, passage, maxTokens)) left += tokens
	let part: Unit[] = []
	let tokens = 0
	let fresh = 0
	let target = share(left, maxTokens * FILL)
	for (const unit of units(text, passage, maxTokens)) {
		const last = part.at(-1)
		if (last && fresh > 0 && isFull({ tokens, next: unit.tokens, maxTokens, target, paragraphEnds: endsParagraph(text, last) })) {
			yield [part[0]?.start ?? last.start, last.end]
			left -= fresh
			fresh = 0
			part = tail(text, part, Math.min(overlapTokens, maxTokens - unit.tokens))
			tokens = part.reduce((sum, each) => sum + each.tokens, 0)
			if (tokens + left <= maxTokens) return yield [part[0]?.start ?? unit.start, passage.end]
			target = tokens + share(left, maxTokens * FILL - tokens)
		}
		part.push(unit)
		tokens += unit.tokens
		fresh += unit.tokens
	}
	const first = part[0]
	if (first && fresh > 0) yield [first.start, passage.end]
}

/** Of each of the parts, as few and as even as can be. */
const share = (tokens: number, maxTokens: number): number => tokens / Math.ceil(tokens / maxTokens)

interface Filling {
	tokens: number
	next: number
	maxTokens: number
	target: number
	paragraphEnds: boolean
}

function isFull({ tokens, next, maxTokens, target, paragraphEnds }: Filling): boolean {
	if (tokens + next > maxTokens) return true
	return tokens + next / 2 > target || (paragraphEnds && tokens >= target * 0.8)
}

/** The last units of the last paragraph that fit into `maxTokens`, never all of them. */
function tail(text: string, part: Unit[], maxTokens: number): Unit[] {
	let tokens = 0
	const before = part.findLastIndex((unit, at) => {
		tokens += unit.tokens
		return at === 0 || tokens > maxTokens || endsParagraph(text, unit)
	})
	return part.slice(before + 1)
}

/** Sentences; those longer than `maxTokens` in pieces. */
function* units(text: string, { start: from, end: to }: Passage, maxTokens: number): Generator<Unit> {
	for (const [start, end] of sentences(text, from, to)) {
		const tokens = estimateTokens(text, start, end)
		if (tokens <= maxTokens) yield { start, end, tokens }
		else yield* pieces(text, start, end, share(tokens, maxTokens * FILL))
	}
}

const SOFT_BREAKS = new Set([...',、，:：;|)）'].map((mark) => mark.charCodeAt(0)))

function* pieces(text: string, from: number, to: number, maxTokens: number): Generator<Unit> {
	for (let start = from; start < to; ) {
		const limit = fitTokens(text, start, to, maxTokens)
		let end = limit
		if (limit < to) {
			const half = start + (limit - start) / 2
			while (end > half && !isSpace(text.charCodeAt(end - 1)) && !SOFT_BREAKS.has(text.charCodeAt(end - 1))) end--
			if (end <= half) end = limit
			if (splitsCharacter(text, end)) end += end - start > 1 ? -1 : 1
		}
		yield { start, end, tokens: estimateTokens(text, start, end) }
		start = end
	}
}

/** What ends with a colon goes on in the next paragraph. */
function endsParagraph(text: string, { start, end }: Unit): boolean {
	let lines = 0
	let at = end - 1
	for (; at >= start && isSpace(text.charCodeAt(at)); at--) if (text.charCodeAt(at) === 0x0a) lines++
	return lines >= 2 && !COLONS.has(text.charCodeAt(at))
}

const COLONS = new Set([0x3a, 0xff1a])

/** Asked for growing offsets only. */
function pageFinder(pages: PageMark[]): (start: number) => number | null {
	let index = 0
	return (start) => {
		while (index < pages.length - 1 && (pages[index]?.end ?? 0) <= start) index++
		return pages[index]?.page ?? null
	}
}
