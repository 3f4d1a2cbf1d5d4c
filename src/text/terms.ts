import stem from 'wink-porter2-stemmer'
import { simplified } from './chinese.ts'

/** Longer words (hashes, base64) are cut: a lexeme of PostgreSQL holds 2,046 bytes, and nobody types more. */
const MAX_WORD = 64
/** One more with every change of what {@link terms} answers: an index with other terms is made anew. */
export const TERMS_VERSION = 2
const ENGLISH = /^[a-z]+$/
const ASCII = /^[\0-\x7f]*$/

/**
 * The terms of a text, in order and with repetitions, as lexical search compares them: Han as single characters and pairs, in simplified form,
 * other unspaced scripts as pairs, words in lower case without accents, English ones as their root.
 * Linear in the text; a term is letters, digits, marks and Han only, at most 64 UTF-16 units long.
 */
export function terms(text: string): string[] {
	const normal = normalise(text)
	const found: string[] = []
	eachRun(normal, (kind, start, end) => {
		const run = normal.slice(start, end)
		if (kind === WORD) found.push(root(run))
		else addPairs(found, run, kind === HAN)
	})
	return found
}

/** The distinct terms that a question asks for: without its question and function words, unless it has no others. */
export function queryTerms(query: string): string[] {
	const telling = terms(normalise(query).trimStart().replace(POLITE_OPENING, ' ').replace(QUESTION_WORDS, ' ').replace(FUNCTION_WORDS, ' '))
	return [...new Set(telling.length > 0 ? telling : terms(query))]
}

/** What of a question's terms is in a text. */
export interface TermCounts {
	/** How often each is there; none that is not. */
	counts: ReadonlyMap<string, number>
	/** Of the text, in characters of its normal form. */
	length: number
}

/** Counts some terms in a text: what `terms(text)` has of them, without making the others. */
export function countTerms(text: string, wanted: ReadonlySet<string>): TermCounts {
	const normal = normalise(text)
	const counts = new Map<string, number>()
	const beginnings = new Set<number>()
	for (const term of wanted) {
		if (kindAt(term, 0) === HAN) countHan(counts, normal, term)
		else beginnings.add(beginningOf(term, 0, term.length))
	}
	if (beginnings.size > 0) {
		eachRun(normal, (kind, start, end) => {
			if (kind === HAN || (kind === WORD && !beginnings.has(beginningOf(normal, start, end)))) return
			const run = normal.slice(start, end)
			if (kind === WORD) return count(counts, wanted, root(run))
			for (const term of addPairs([], run, false)) count(counts, wanted, term)
		})
	}
	return { counts, length: normal.length }
}

const [I, Y] = ['i'.charCodeAt(0), 'y'.charCodeAt(0)]

/** Of a word: a number that its root has, too. A root begins with the same two letters, but for `y`, which may become `i` ("dying"). */
export function beginningOf(text: string, start: number, end: number): number {
	const second = end - start > 1 ? text.charCodeAt(start + 1) : 0
	return text.charCodeAt(start) * 2 ** 16 + (second === Y ? I : second)
}

function count(counts: Map<string, number>, wanted: ReadonlySet<string>, term: string): void {
	if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1)
}

/** A Han term is in the text wherever its characters are. */
function countHan(counts: Map<string, number>, text: string, term: string): void {
	let times = 0
	for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) times++
	if (times > 0) counts.set(term, times)
}

const POLITE_OPENING = /^(?:请问|請問|麻烦|麻煩|劳驾|帮我|幫我|告诉我|告訴我|给我|給我|我想知道|我想问|我想問|请|請)+/
const QUESTION_WORDS =
	/为什么|為什麼|为何|為何|什么时候|什麼時候|什么样|什麼樣|什么|什麼|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣|如何|何时|何時|何地|多少|多久|[谁誰哪吗嗎呢]|[几幾](?=[个個年月日天次种種人名位岁歲])/g
const FUNCTION_WORDS =
	/\b(?:a|an|the|of|in|on|at|to|for|from|by|with|and|or|is|are|was|were|be|been|being|am|do|does|did|has|have|had|what|which|who|whom|whose|when|where|why|how|that|this|these|those|it|its|as|than|then|there|their|his|her|he|she|they|you|i|we|me|my|your|our|us|them|him|can|could|should|will|would|shall|may|might|must|not|no|into|about|over|after|before|between|during|such|some|any|so|if|but|also|please|tell|s|t)\b/g

/** NFKC, lower case, no accents, simplified characters. */
export function normalise(text: string): string {
	if (ASCII.test(text)) return text.toLowerCase()
	return simplified(
		text
			.normalize('NFKD')
			.toLowerCase()
			.replace(/[\u0300-\u036f]+/g, '')
			.normalize('NFC'),
	)
}

/** Overlapping pairs of characters, with the characters themselves where wanted; a lone one as it is. */
function addPairs(found: string[], run: string, withSingles: boolean): string[] {
	let previous = ''
	for (const character of run) {
		if (previous) found.push(previous + character)
		if (withSingles || character.length === run.length) found.push(character)
		previous = character
	}
	return found
}

export function root(run: string): string {
	const known = roots.get(run)
	if (known !== undefined) return known
	const word = run.slice(0, MAX_WORD)
	if (!ENGLISH.test(word)) return word
	if (roots.size >= MAX_ROOTS) roots.clear()
	const root = stem(word)
	roots.set(word, root)
	return root
}

/** Words repeat: with their roots remembered, English goes 20 times as fast. */
const roots = new Map<string, string>()
const MAX_ROOTS = 50_000

// Han and the scripts that put no spaces between words are runs of their own: "308分" is a number and a character, not one word.
const HAN_LETTER = /^\p{Script=Han}/u
const UNSPACED_LETTER =
	/^[\p{Script=Hiragana}\p{Script=Katakana}\u30fc\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const LETTER = /^[\p{L}\p{N}\p{M}]/u

const OTHER = 1
export const WORD = 2
export const HAN = 3
const UNSPACED = 4
/** Of each UTF-16 unit that is a character by itself, once it was met: scanning with a table is several times as fast as with a regular expression. */
const kinds = new Uint8Array(2 ** 16)

/** Calls back for each run of characters of one kind that are in terms, in order. */
export function eachRun(text: string, visit: (kind: number, start: number, end: number) => void): void {
	const { length } = text
	for (let at = 0; at < length; ) {
		const start = at
		const kind = kinds[text.charCodeAt(at)] || kindAt(text, at)
		do at += isPair(text, at) ? 2 : 1
		while (at < length && (kinds[text.charCodeAt(at)] || kindAt(text, at)) === kind)
		if (kind !== OTHER) visit(kind, start, at)
	}
}

function kindAt(text: string, at: number): number {
	if (isPair(text, at)) return kindOf(String.fromCodePoint(text.codePointAt(at) ?? 0))
	const kind = kindOf(text.charAt(at))
	if (!isHighSurrogate(text.charCodeAt(at))) kinds[text.charCodeAt(at)] = kind
	return kind
}

/** Whether a character of two UTF-16 units begins here. */
export const isPair = (text: string, at: number): boolean =>
	isHighSurrogate(text.charCodeAt(at)) && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800

function kindOf(character: string): number {
	if (HAN_LETTER.test(character)) return HAN
	if (UNSPACED_LETTER.test(character)) return UNSPACED
	return LETTER.test(character) ? WORD : OTHER
}
