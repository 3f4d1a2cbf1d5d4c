import { joinedSpans, type Located } from '../text/locating.ts'
import { splitsCharacter, trimSpan } from '../text/scripts.ts'
import { trimmedSentences } from '../text/sentences.ts'

export interface Span {
	start: number
	end: number
}

/** A stretch of a document's text; all offsets are into that text, in UTF-16 code units. */
export interface Marked extends Span {
	text: string
	/** Where the words of the question stand, in order. */
	highlights: Span[]
}

const MAX_SNIPPET = 240
/** Of what stands before the first word where a sentence is too long. */
const MAX_BEFORE = 60
/** Sentences that a snippet may begin with: more than there are in any passage but one made to have them. */
const MAX_SENTENCES = 1_000

/** A passage with the words of the question that were found in it, `located` in its text. */
export const marked = ({ text, start }: { text: string; start: number }, located: readonly Located[]): Marked => ({
	text,
	start,
	end: start + text.length,
	highlights: joinedSpans(located.map((one) => ({ start: start + one.start, end: start + one.end }))),
})

/**
 * The sentences of a passage that tell most about the question, up to {@link MAX_SNIPPET} units, whole where they are not longer.
 * @param worth what a term tells.
 */
export function snippetOf(
	passage: { text: string; start: number },
	located: readonly Located[],
	worth: ReadonlyMap<string, number>,
): Marked {
	const { text } = passage
	const sentences = [...trimmedSentences(text)].map(([start, end]) => ({ start, end }))
	let best: Span = { start: 0, end: 0 }
	let most = -1
	let ahead = 0 // the first word that does not stand before the sentence
	for (let first = 0; first < Math.min(sentences.length, MAX_SENTENCES); first++) {
		while ((located[ahead]?.start ?? Number.POSITIVE_INFINITY) < (sentences[first]?.start ?? 0)) ahead++
		const span = spanFrom(sentences, first, located[ahead])
		const told = toldIn(span, located, ahead, worth)
		if (told > most) [best, most] = [span, told]
	}
	const [start, end] = trimSpan(text, ...whole(text, best))
	const inside = located.filter((one) => one.start >= start && one.end <= end)
	const shifted = inside.map((one) => ({ ...one, start: one.start - start, end: one.end - start }))
	return marked({ text: text.slice(start, end), start: passage.start + start }, shifted)
}

/** As many sentences as there is room for, or a part of one, about the next word. */
function spanFrom(sentences: readonly Span[], first: number, word: Located | undefined): Span {
	const { start, end } = sentences[first] ?? { start: 0, end: 0 }
	if (end - start > MAX_SNIPPET) {
		const at = word && word.end <= end ? word.start : start
		const from = Math.max(start, Math.min(at - MAX_BEFORE, end - MAX_SNIPPET))
		return { start: from, end: Math.min(end, from + MAX_SNIPPET) }
	}
	let last = end
	for (let next = first + 1; next < sentences.length; next++) {
		const its = sentences[next]
		if (!its || its.end - start > MAX_SNIPPET) break
		last = its.end
	}
	return { start, end: last }
}

function toldIn({ start, end }: Span, located: readonly Located[], from: number, worth: ReadonlyMap<string, number>): number {
	const there = new Set<string>()
	for (let at = from; at < located.length; at++) {
		const one = located[at]
		if (!one || one.start >= end) break
		if (one.start >= start && one.end <= end) there.add(one.term)
	}
	let told = 0
	for (const term of there) told += worth.get(term) ?? 0
	return told
}

/** No character is cut in two. */
function whole(text: string, { start, end }: Span): [start: number, end: number] {
	return [splitsCharacter(text, start) ? start + 1 : start, splitsCharacter(text, end) ? end - 1 : end]
}
