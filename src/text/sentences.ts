import { isCjk, isSpace, trimSpan } from './scripts.ts'

type Span = [start: number, end: number]

/**
 * The sentences of `text` between two offsets, as spans that follow one another without a gap (white space belongs to the sentence before it).
 * Chinese and Latin ends, also as NFKC writes them (`?` for `？`); abbreviations, initials and list numbers end nothing. A line end is an end,
 * but where the next line goes on in lower case. Linear.
 */
export function* sentences(text: string, from = 0, to = text.length): Generator<Span> {
	let start = from
	for (let at = from; at < to; ) {
		const end = beginsEnd(text, at, start) ? endAt(text, at, start, to) : 0
		if (end === 0) {
			at++
			continue
		}
		yield [start, end]
		start = at = end
	}
	if (start < to) yield [start, to]
}

/** `sentences` without the white space around each, and without empty ones. */
export function* trimmedSentences(text: string, from = 0, to = text.length): Generator<Span> {
	for (const [start, end] of sentences(text, from, to)) {
		const span = trimSpan(text, start, end)
		if (span[0] < span[1]) yield span
	}
}

const LINE = 0x0a
const DOT = 0x2e
const SEMICOLON = 0x3b
/** Ends wherever they stand: 。 ｡ ！ ？ ； … and the full stops of Arabic, Urdu and Hindi. */
const ALWAYS = new Set([...'。｡！？；…؟۔।'].map((mark) => mark.charCodeAt(0)))
const CLOSERS = new Set([...'”’"\'」』)）】》〉]'].map((mark) => mark.charCodeAt(0)))

const isEnder = (code: number): boolean =>
	code === LINE || code === DOT || code === 0x21 || code === 0x3f || code === SEMICOLON || ALWAYS.has(code)

/** Of a run like `...` only the first mark is looked at: the run is judged as one. */
function beginsEnd(text: string, at: number, start: number): boolean {
	const code = text.charCodeAt(at)
	if (!isEnder(code)) return false
	const before = at > start ? text.charCodeAt(at - 1) : LINE
	return code === LINE || before === LINE || !isEnder(before)
}

/** Where the sentence ends that the mark at `at` may end, behind closing marks and white space; 0 where it ends none. */
function endAt(text: string, at: number, start: number, to: number): number {
	const mark = text.charCodeAt(at)
	if (mark === LINE) return endOfLine(text, at, to)
	let end = at + 1
	while (end < to && isEnder(text.charCodeAt(end)) && text.charCodeAt(end) !== LINE) end++
	const dots = end - at
	while (end < to && CLOSERS.has(text.charCodeAt(end))) end++
	const next = text.charCodeAt(end)
	const open = end === to || isSpace(next)
	const cjk = isCjk(text.charCodeAt(at - 1)) || isCjk(next)
	if (mark === DOT && dots === 1) {
		if (!(open || (cjk && !isAlphanumeric(next))) || (open && goesOn(text, at, end, start, to))) return 0
	} else if (!ALWAYS.has(mark) && !cjk && (!open || mark === SEMICOLON)) return 0
	return skipSpace(text, end, to)
}

function endOfLine(text: string, at: number, to: number): number {
	const end = skipSpace(text, at, to)
	const blank = text.indexOf('\n', at + 1)
	return (blank === -1 || blank >= end) && end < to && isLowerCase(text.charCodeAt(end)) ? 0 : end
}

function skipSpace(text: string, at: number, to: number): number {
	while (at < to && isSpace(text.charCodeAt(at))) at++
	return at
}

/** Words whose full stop ends no sentence; the second group only before a number. */
const ABBREVIATIONS = new Set(
	'mr mrs ms dr prof st jr sr vs cf al approx dept est gen gov hon inc ltd co corp rev sen rep capt col lt sgt mt ft'.split(' '),
)
const BEFORE_NUMBERS = new Set(
	'no nos fig figs eq eqs sec secs ch vol p pp art app tab jan feb mar apr jun jul aug sep sept oct nov dec'.split(' '),
)
const LONGEST_ABBREVIATION = 12

/** Whether the full stop at `at`, with white space behind it, belongs to a word or number and not to the sentence. */
function goesOn(text: string, at: number, end: number, start: number, to: number): boolean {
	const next = skipSpace(text, end, to)
	if (next === to) return false
	if (end === at + 1 && isLowerCase(text.charCodeAt(next)) && text.charCodeAt(end) !== LINE) return true
	let begin = at
	while (begin > start && at - begin < LONGEST_ABBREVIATION && !isSpace(text.charCodeAt(begin - 1)) && text.charCodeAt(begin - 1) !== 0x28)
		begin--
	const word = text.slice(begin, at)
	if (begin === start && /^\d{1,3}$/.test(word)) return true
	if (/^\p{Lu}$/u.test(word) || /^(?:\p{L}\.)+\p{L}$/u.test(word)) return true
	const lower = word.toLowerCase()
	return ABBREVIATIONS.has(lower) || (BEFORE_NUMBERS.has(lower) && isDigit(text.charCodeAt(next)))
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isLowerCase = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0xdf && code <= 0xff && code !== 0xf7)
const isAlphanumeric = (code: number): boolean => isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
