import stem from 'wink-porter2-stemmer'

/** Longer words (hashes, base64) are cut: a lexeme of PostgreSQL holds 2,046 bytes, and nobody types more. */
const MAX_WORD = 64

// Han and the scripts that put no spaces between words are runs of their own: "308分" is a number and a character, not one word.
const HAN = '\\p{Script=Han}'
const UNSPACED =
	'\\p{Script=Hiragana}\\p{Script=Katakana}\\u30fc\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
const RUNS = new RegExp(`(?<han>${HAN}+)|(?<unspaced>[${UNSPACED}]+)|[[\\p{L}\\p{N}\\p{M}]--[${HAN}${UNSPACED}]]+`, 'gv')
const ENGLISH = /^[a-z]+$/

/**
 * The terms of a text, in order and with repetitions, as lexical search compares them: Han as single characters and pairs,
 * other unspaced scripts as pairs, words in lower case without accents, English ones as their root.
 * Linear in the text; a term is letters, digits and marks only, at most 64 UTF-16 units long.
 */
export function terms(text: string): string[] {
	const found: string[] = []
	for (const { 0: run, groups } of normalise(text).matchAll(RUNS)) {
		if (groups?.['han']) addPairs(found, run, true)
		else if (groups?.['unspaced']) addPairs(found, run, false)
		else found.push(root(run))
	}
	return found
}

/** The distinct terms that a question asks for: without its question and function words, unless it has no others. */
export function queryTerms(query: string): string[] {
	const telling = terms(normalise(query).replace(QUESTION_WORDS, ' ').replace(FUNCTION_WORDS, ' '))
	return [...new Set(telling.length > 0 ? telling : terms(query))]
}

const QUESTION_WORDS =
	/为什么|為什麼|为何|為何|什么时候|什麼時候|什么样|什麼樣|什么|什麼|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣|如何|何时|何時|何地|多少|多久|[谁誰哪吗嗎呢]|[几幾](?=[个個年月日天次种種人名位岁歲])/g
const FUNCTION_WORDS =
	/\b(?:a|an|the|of|in|on|at|to|for|from|by|with|and|or|is|are|was|were|be|been|being|am|do|does|did|has|have|had|what|which|who|whom|whose|when|where|why|how|that|this|these|those|it|its|as|than|then|there|their|his|her|he|she|they|you|i|we|me|my|your|our|us|them|him|can|could|should|will|would|shall|may|might|must|not|no|into|about|over|after|before|between|during|such|some|any|so|if|but|also|s|t)\b/g

/** NFKC, lower case, no accents. */
const normalise = (text: string): string =>
	text
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[\u0300-\u036f]+/g, '')
		.normalize('NFC')

function addPairs(found: string[], run: string, singles: boolean): void {
	let previous = ''
	for (const character of run) {
		if (singles || run.length === character.length) found.push(character)
		if (previous) found.push(previous + character)
		previous = character
	}
}

function root(run: string): string {
	const word = run.slice(0, MAX_WORD)
	return ENGLISH.test(word) ? englishRoot(word) : word
}

/** Words repeat: with their roots remembered, English goes 20 times as fast. */
const roots = new Map<string, string>()
const MAX_ROOTS = 50_000

function englishRoot(word: string): string {
	const known = roots.get(word)
	if (known !== undefined) return known
	if (roots.size >= MAX_ROOTS) roots.clear()
	const root = stem(word)
	roots.set(word, root)
	return root
}
