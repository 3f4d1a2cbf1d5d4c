import { estimateTokens } from '../text/tokens.ts'
import type { ParsedText } from './parsing/types.ts'

/** A stretch of text under one path of headings: a section, or small ones together. */
export interface Passage {
	start: number
	end: number
	tokens: number
	headings: string[]
}

interface Section extends Passage {
	/** Of its heading; 0 for the text before the first. */
	level: number
	hasBody: boolean
}

/**
 * The sections of a text, small ones joined with their neighbours as long as they fit into `maxTokens` and the path above them stays true:
 * a chunk that is one line answers nothing, and a title belongs to the text below it.
 */
export function passages(parsed: ParsedText, maxTokens: number): Passage[] {
	const joined: Section[] = []
	for (const section of sections(parsed)) {
		const last = joined.at(-1)
		if (last && belongTogether(last, section, maxTokens)) joined[joined.length - 1] = join(last, section)
		else joined.push(section)
	}
	return joined
}

function belongTogether(last: Section, next: Section, maxTokens: number): boolean {
	if (!last.hasBody) return next.level > last.level || last.tokens + next.tokens <= maxTokens
	if (last.tokens + next.tokens > maxTokens) return false
	const isTiny = ({ tokens }: Section) => tokens < maxTokens / 8
	const isSmall = ({ tokens }: Section) => tokens < maxTokens / 2
	if (next.level < last.level) return isTiny(last) && isSmall(next)
	return next.hasBody && (isTiny(last) || isTiny(next) || (isSmall(last) && isSmall(next)))
}

function join(a: Section, b: Section): Section {
	return {
		start: a.start,
		end: b.end,
		tokens: a.tokens + b.tokens,
		level: Math.min(a.level, b.level),
		hasBody: a.hasBody || b.hasBody,
		headings: a.hasBody ? common(a.headings, b.headings) : b.headings,
	}
}

function common(a: string[], b: string[]): string[] {
	const differs = a.findIndex((title, depth) => title !== b[depth])
	return differs === -1 ? a : a.slice(0, differs)
}

function* sections({ text, headings }: ParsedText): Generator<Section> {
	const path: { level: number; title: string }[] = []
	const firstStart = headings[0]?.start ?? text.length
	if (text.slice(0, firstStart).trim() !== '') {
		yield { start: 0, end: firstStart, tokens: estimateTokens(text, 0, firstStart), headings: [], level: 0, hasBody: true }
	}
	for (const [index, { level, start, title }] of headings.entries()) {
		while ((path.at(-1)?.level ?? 0) >= level) path.pop()
		path.push({ level, title })
		const end = headings[index + 1]?.start ?? text.length
		const lineEnd = text.indexOf('\n', start)
		const hasBody = lineEnd !== -1 && lineEnd < end && text.slice(lineEnd, end).trim() !== ''
		yield { start, end, tokens: estimateTokens(text, start, end), headings: path.map((each) => each.title), level, hasBody }
	}
}
