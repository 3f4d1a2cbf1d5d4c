import { trimSpan } from '../text/scripts.ts'
import { estimateTokens } from '../text/tokens.ts'
import type { ParsedText } from './parsing/types.ts'

/** A stretch of text that is cut by itself: a section, or small ones together. */
export interface Passage {
	start: number
	end: number
	tokens: number
}

/** What stands under one heading, up to the next. */
export interface Section extends Passage {
	/** The titles above it, outermost first, and its own. */
	headings: string[]
	/** Of its heading; 0 for the text before the first. */
	level: number
	hasBody: boolean
}

/** In order, without a gap but for white space. */
export function sectionsOf({ text, headings }: ParsedText): Section[] {
	const sections: Section[] = []
	const path: { level: number; title: string }[] = []
	const add = (level: number, start: number, bodyStart: number, end: number) => {
		const titles = path.map(({ title }) => title)
		const hasBody = WORDS.test(text.slice(bodyStart, end))
		if (level > 0 || !isBlank(text, start, end))
			sections.push({ start, end, tokens: estimateTokens(text, start, end), headings: titles, level, hasBody })
	}
	add(0, 0, 0, headings[0]?.start ?? text.length)
	for (const [index, { level, start, title }] of headings.entries()) {
		while ((path.at(-1)?.level ?? 0) >= level) path.pop()
		path.push({ level, title })
		const lineEnd = text.indexOf('\n', start)
		add(level, start, lineEnd === -1 ? text.length : lineEnd, headings[index + 1]?.start ?? text.length)
	}
	return sections
}

/** A bracket that opens a class, or a rule, says nothing. */
const WORDS = /[\p{L}\p{N}]/u

function isBlank(text: string, from: number, to: number): boolean {
	const [start, end] = trimSpan(text, from, to)
	return start >= end
}

interface Group extends Passage {
	level: number
	hasBody: boolean
	/** It was longer than a chunk when it took the section at its end. */
	isClosed: boolean
}

/**
 * Sections, small ones joined with their neighbours: a chunk that is one line answers nothing, and a title belongs to the text below it.
 * A section that is to be cut anyway takes a tiny one along.
 */
export function passagesOf(sections: readonly Section[], maxTokens: number): Passage[] {
	const groups: Group[] = []
	for (const group of withTitles(sections, maxTokens)) {
		const last = groups.at(-1)
		if (last && belongTogether(last, group, maxTokens)) groups[groups.length - 1] = join(last, group, maxTokens)
		else groups.push(group)
	}
	return groups
}

/** Titles with the first section below them that says something. */
function* withTitles(sections: readonly Section[], maxTokens: number): Generator<Group> {
	let title: Group | null = null
	for (const section of sections) {
		const own: Group = { ...section, isClosed: false }
		const isBelow = title !== null && section.level > title.level
		if (title && !isBelow) yield title
		const group: Group = title && isBelow ? join(title, own, maxTokens) : own
		title = group.hasBody ? null : group
		if (!title) yield group
	}
	if (title) yield title
}

/** Sections of one chapter share its title, two chapters none: those stay apart unless a chunk would be next to nothing. */
function belongTogether(last: Group, next: Group, maxTokens: number): boolean {
	const shareTitles = next.level > 1
	const isTiny = ({ tokens }: Passage) => tokens < maxTokens / (shareTitles ? 4 : 8)
	const isSmall = ({ tokens }: Passage) => tokens < maxTokens / 2
	const isLong = ({ tokens }: Passage) => tokens > maxTokens
	const fits = last.tokens + next.tokens <= maxTokens
	if (!last.hasBody || !next.hasBody) return fits
	if (next.level < last.level) return fits && isTiny(last) && isSmall(next)
	if (fits) return isTiny(last) || isTiny(next) || (shareTitles ? isSmall(last) || isSmall(next) : isSmall(last) && isSmall(next))
	return (isTiny(last) && isLong(next)) || (isLong(last) && !last.isClosed && isTiny(next))
}

const join = (a: Group, b: Group, maxTokens: number): Group => ({
	start: a.start,
	end: b.end,
	tokens: a.tokens + b.tokens,
	level: Math.min(a.level, b.level),
	hasBody: a.hasBody || b.hasBody,
	isClosed: a.hasBody && a.tokens > maxTokens,
})

/** The titles that all sections of a span have above them. Asked for spans that begin further and further on. */
export function titleFinder(sections: readonly Section[]): (start: number, end: number) => string[] {
	let index = 0
	return (start, end) => {
		while ((sections[index]?.end ?? Number.POSITIVE_INFINITY) <= start) index++
		let shared: string[] | null = null
		let last: Section | undefined
		for (let at = index; (sections[at]?.start ?? end) < end; at++) {
			last = sections[at]
			if (last?.hasBody) shared = shared ? common(shared, last.headings) : last.headings
		}
		return shared ?? last?.headings ?? []
	}
}

function common(a: string[], b: string[]): string[] {
	const differs = a.findIndex((title, depth) => title !== b[depth])
	return differs === -1 ? a : a.slice(0, differs)
}
