import stem from 'wink-porter2-stemmer'

/** Longer words (hashes, base64) are cut: a lexeme of PostgreSQL holds 2,046 bytes, and nobody types more. */
const MAX_WORD = 64

// Han and the scripts that put no spaces between words are runs of their own: "308分" is a number and a character, not one word.
const HAN = '\\p{Script=Han}'
const UNSPACED =
	'\\p{Script=Hiragana}\\p{Script=Katakana}\\u30fc\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
const RUNS = new RegExp(`${HAN}+|[${UNSPACED}]+|[[\\p{L}\\p{N}\\p{M}]--[${HAN}${UNSPACED}]]+`, 'gv')
const IS_HAN = new RegExp(`^${HAN}`, 'v')
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'v')
const ENGLISH = /^[a-z]+$/

/**
 * The terms of a text, in order and with repetitions, as lexical search compares them: Han as single characters and pairs,
 * other unspaced scripts as pairs, words in lower case without accents, English ones as their root.
 * Linear in the text; a term is letters, digits and marks only, at most 64 UTF-16 units long.
 */
export function terms(text: string): string[] {
	const found: string[] = []
	for (const run of normalise(text).match(RUNS) ?? []) for (const term of termsOfRun(run)) found.push(term)
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
	const initials = new Set<number>() // a word's root begins as the word does
	for (const term of wanted) {
		if (IS_HAN.test(term)) countHan(counts, normal, term)
		else initials.add(term.charCodeAt(0))
	}
	if (initials.size > 0) {
		for (const run of normal.match(RUNS) ?? []) {
			const initial = run.charCodeAt(0)
			if (initial >= 128 && !IS_HAN.test(run)) for (const term of termsOfRun(run)) count(counts, wanted, term)
			else if (initials.has(initial)) count(counts, wanted, root(run))
		}
	}
	return { counts, length: normal.length }
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

/** NFKC, lower case, no accents. */
const normalise = (text: string): string =>
	text
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[\u0300-\u036f]+/g, '')
		.normalize('NFC')

function termsOfRun(run: string): string[] {
	if (run.charCodeAt(0) < 128) return [root(run)]
	if (IS_HAN.test(run)) return pairs(run, true)
	return IS_UNSPACED.test(run) ? pairs(run, false) : [root(run)]
}

/** Overlapping pairs of characters, and the characters themselves: on demand, or where there is only one. */
function pairs(run: string, withSingles: boolean): string[] {
	const characters = [...run]
	if (characters.length === 1) return characters
	const found: string[] = []
	for (const [at, character] of characters.entries()) {
		if (withSingles) found.push(character)
		const next = characters[at + 1]
		if (next !== undefined) found.push(character + next)
	}
	return found
}

function root(run: string): string {
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
