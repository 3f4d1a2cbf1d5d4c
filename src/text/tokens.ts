/**
 * An estimate of a model's tokens, made for budgets: one linear pass, no vocabulary (vocabularies take minutes for a megabyte without spaces).
 * Runs of one kind of character cost their length over the characters that a token holds on average; the averages are those of tokenx,
 * fitted to o200k. Pieces never cost less than the whole: the sum over a text's sentences is at least the text's own.
 */
export function estimateTokens(text: string, from = 0, to = text.length): number {
	let tokens = 0
	for (let at = from; at < to; ) {
		const kind = kindAt(text, at)
		const start = at++
		while (at < to && kindAt(text, at) === kind) at++
		tokens += cost(kind, at - start)
	}
	return tokens
}

/** The largest end up to `to` with `estimateTokens(text, from, end) <= maxTokens`; at least one code unit further than `from`. */
export function fitTokens(text: string, from: number, to: number, maxTokens: number): number {
	let tokens = 0
	for (let at = from; at < to; ) {
		const kind = kindAt(text, at)
		const start = at++
		const limit = Math.min(to, start + room(kind, maxTokens - tokens))
		while (at < to && at <= limit && kindAt(text, at) === kind) at++
		if (at > limit) return Math.max(from + 1, limit)
		tokens += cost(kind, at - start)
	}
	return to
}

const SPACE = 0
const WORD = 1
const DIGIT = 2
const MARK = 3
const HAN = 4
const KANA = 5
const HANGUL = 6
const LETTER = 7
const ACCENTED = 8

const CHARACTERS_PER_TOKEN = [Number.POSITIVE_INFINITY, 8, 3, 6, 1.2, 1.35, 1.65, 3, 4.5]

const perToken = (kind: number): number => CHARACTERS_PER_TOKEN[kind] ?? 1

/** A run of Han or kana has no inner boundary, so its fractions add up; in other runs a token begun is a token. */
function cost(kind: number, length: number): number {
	if (kind === SPACE) return 0
	const tokens = length / perToken(kind)
	return kind === HAN || kind === KANA || kind === HANGUL ? tokens : Math.ceil(tokens)
}

function room(kind: number, tokens: number): number {
	if (kind === SPACE) return Number.POSITIVE_INFINITY
	return Math.floor((kind === HAN || kind === KANA || kind === HANGUL ? tokens : Math.floor(tokens)) * perToken(kind))
}

const kindAt = (text: string, at: number): number => KINDS[text.charCodeAt(at)] ?? LETTER

const KINDS = Uint8Array.from({ length: 0x10000 }, (_, code) => kindOf(code))

function kindOf(code: number): number {
	if (code <= 0x20 || code === 0xa0 || code === 0x3000) return SPACE
	if (code >= 0x30 && code <= 0x39) return DIGIT
	if ((code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) return WORD
	if (code < 0xc0 || (code >= 0x2000 && code <= 0x2bff)) return MARK
	if (code < 0x250) return ACCENTED
	if (code >= 0x3040 && code <= 0x30ff) return KANA
	if (code >= 0xac00 && code <= 0xd7af) return HANGUL
	if (code >= 0x2e80 && (code <= 0x9fff || code >= 0xf900)) return HAN
	return LETTER
}
