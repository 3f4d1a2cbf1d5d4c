import { isSpace, splitsCharacter, trimSpan } from '../text/scripts.ts'
import { sentences } from '../text/sentences.ts'
import { estimateTokens, fitTokens } from '../text/tokens.ts'
import type { PageMark, ParsedText } from './parsing/types.ts'
import { type Passage, passages } from './passages.ts'

/** A piece of a document that is found and cited as a whole: `parsed.text.slice(start, end) === text`. */
export interface ChunkDraft {
	/** 0, 1, 2, … in the order of the text. */
	ordinal: number
	start: number
	end: number
	text: string
	/** The page that it begins on; null where the format has no pages. */
	page: number | null
	/** The titles above it, outermost first. */
	headings: string[]
}

export interface ChunkOptions {
	/** By `estimateTokens`. */
	maxTokens?: number
	/** How much of the end of a chunk the next one may repeat, in whole sentences, where the cut falls inside a paragraph. */
	overlapTokens?: number
}

const MAX_TOKENS = 400
const OVERLAP_TOKENS = 40

/**
 * Cuts a text into chunks of at most `maxTokens`: one a section where it fits, small neighbours together, long ones in parts of about
 * the same size that end at sentences, at paragraphs rather. Every character but white space is in a chunk. Linear, the same every time.
 */
export function* chunk(parsed: ParsedText, options: ChunkOptions = {}): Generator<ChunkDraft> {
	const { maxTokens = MAX_TOKENS, overlapTokens = OVERLAP_TOKENS } = options
	const pageAt = pageFinder(parsed.pages)
	let ordinal = 0
	for (const passage of passages(parsed, maxTokens)) {
		for (const span of cut(parsed.text, passage, { maxTokens, overlapTokens })) {
			const [start, end] = trimSpan(parsed.text, span[0], span[1])
			if (start === end) continue
			yield { ordinal: ordinal++, start, end, text: parsed.text.slice(start, end), page: pageAt(start), headings: passage.headings }
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
	let left = passage.tokens
	let target = left / Math.ceil(left / (maxTokens * FILL))
	let part: Unit[] = []
	let tokens = 0
	let fresh = 0
	for (const unit of units(text, passage, maxTokens)) {
		const last = part.at(-1)
		if (last && fresh > 0 && isFull({ tokens, next: unit.tokens, maxTokens, target, paragraphEnds: endsParagraph(text, last) })) {
			yield [part[0]?.start ?? last.start, last.end]
			left -= fresh
			fresh = 0
			part = endsParagraph(text, last) ? [] : tail(part, Math.min(overlapTokens, maxTokens - unit.tokens))
			tokens = part.reduce((sum, each) => sum + each.tokens, 0)
			target = tokens + left / Math.max(1, Math.ceil(left / (maxTokens * FILL)))
		}
		part.push(unit)
		tokens += unit.tokens
		fresh += unit.tokens
	}
	const first = part[0]
	if (first && fresh > 0) yield [first.start, passage.end]
}

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

/** The last units that fit into `maxTokens`, never all of them. */
function tail(part: Unit[], maxTokens: number): Unit[] {
	let from = part.length
	for (let tokens = 0; from > 1; from--) {
		tokens += part[from - 1]?.tokens ?? 0
		if (tokens > maxTokens) break
	}
	return part.slice(from)
}

/** Sentences; those longer than `maxTokens` in pieces. */
function* units(text: string, { start: from, end: to }: Passage, maxTokens: number): Generator<Unit> {
	for (const [start, end] of sentences(text, from, to)) {
		const tokens = estimateTokens(text, start, end)
		if (tokens <= maxTokens) yield { start, end, tokens }
		else yield* pieces(text, start, end, tokens / Math.ceil(tokens / (maxTokens * FILL)))
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

function endsParagraph(text: string, { start, end }: Unit): boolean {
	let lines = 0
	for (let at = end - 1; at >= start && isSpace(text.charCodeAt(at)); at--) if (text.charCodeAt(at) === 0x0a) lines++
	return lines >= 2
}

/** Asked for growing offsets only. */
function pageFinder(pages: PageMark[]): (start: number) => number | null {
	let index = 0
	return (start) => {
		while (index < pages.length - 1 && (pages[index]?.end ?? 0) <= start) index++
		return pages[index]?.page ?? null
	}
}
