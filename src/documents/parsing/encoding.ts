import { scoreText } from './encoding-score.ts'

/** A label that `TextDecoder` takes. */
export type Encoding = string

/** So much of a file decides; the rest has to decode with few errors. */
const SAMPLE_BYTES = 64 * 1024
/** So much, from the first character on that they disagree about, tells the encodings apart; all of the sample would hold the server up. */
const TELLING_BYTES = 4 * 1024
/** Tried in this order, the better score wins. UTF-16 only without a byte order mark; with one there is nothing to guess. */
const MULTI_BYTE = ['gb18030', 'big5', 'shift_jis', 'euc-kr', 'euc-jp']
/** With this score of so many bytes there is no need to try what takes any bytes, which takes most of the time. */
const CERTAIN = 0.6
const SINGLE_BYTE = [
	'windows-1252',
	'windows-1251',
	'windows-1257',
	'windows-1254',
	'windows-1250',
	'windows-1253',
	'windows-1255',
	'windows-1256',
	'windows-1258',
	'windows-874',
	'koi8-r',
	'koi8-u',
]
const WIDE = ['utf-16le', 'utf-16be']
/** Below this nobody would read it as text. */
const MIN_SCORE = 0
const MIN_WIDE_SCORE = 0.25
/** Text has no control characters; one in 500 bytes is forgiven. */
const MAX_CONTROLS = 0.002

/** The text of a file in whichever encoding fits best; null where it is no text. `declared`: what the file says of itself, as in `<meta charset>`. */
export function decode(bytes: Uint8Array, declared?: string): string | null {
	const encoding = detectEncoding(bytes, { declared })
	return encoding && new TextDecoder(encoding).decode(bytes)
}

/** `truncated`: more bytes follow, so that the last character may be cut. */
export function detectEncoding(
	bytes: Uint8Array,
	{ declared, truncated = false }: { declared?: string | undefined; truncated?: boolean } = {},
): Encoding | null {
	const marked = byteOrderMark(bytes)
	if (marked) return marked
	const hasControls = controlShare(bytes.subarray(0, SAMPLE_BYTES)) > MAX_CONTROLS
	if (!hasControls && isUtf8(bytes, truncated)) return 'utf-8'
	const sample = bytes.subarray(0, SAMPLE_BYTES)
	if (!hasControls && declared && decodes(sample, declared, true)) return declared
	if (hasControls) return wide(sample)
	return guess(sample) ?? wide(sample) ?? (isMostlyAscii(sample) ? 'windows-1252' : null)
}

function byteOrderMark([a, b, c]: Uint8Array): Encoding | null {
	if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
	if (a === 0xff && b === 0xfe) return 'utf-16le'
	return a === 0xfe && b === 0xff ? 'utf-16be' : null
}

/** Strictly, or with so few errors among so many right sequences that it is damaged UTF-8 rather than anything else. */
function isUtf8(bytes: Uint8Array, truncated: boolean): boolean {
	if (decodes(bytes, 'utf-8', truncated) !== null) return true
	const text = new TextDecoder('utf-8').decode(bytes.subarray(0, SAMPLE_BYTES))
	let errors = 0
	let beyondAscii = 0
	for (let at = 0; at < text.length; at++) {
		if (text.charCodeAt(at) === 0xfffd) errors++
		else if (text.charCodeAt(at) > 0x7f) beyondAscii++
	}
	return errors <= 1 + beyondAscii / 50 && beyondAscii > errors
}

function guess(sample: Uint8Array): Encoding | null {
	const start = sample.findIndex((byte) => byte > 0x7f)
	if (start === -1) return null
	const telling = sample.subarray(start, start + TELLING_BYTES)
	const multi = best(telling, MULTI_BYTE, MIN_SCORE)
	if (multi.score > CERTAIN && telling.length === TELLING_BYTES) return multi.encoding
	return best(telling, SINGLE_BYTE, multi.score).encoding ?? multi.encoding
}

const wide = (sample: Uint8Array): Encoding | null => best(sample.subarray(0, TELLING_BYTES), WIDE, MIN_WIDE_SCORE).encoding

function best(sample: Uint8Array, encodings: Encoding[], minScore: number): { encoding: Encoding | null; score: number } {
	let found: { encoding: Encoding | null; score: number } = { encoding: null, score: minScore }
	for (const encoding of encodings) {
		const text = decodes(sample, encoding, true) ?? (MULTI_BYTE.includes(encoding) ? nearlyDecodes(sample, encoding) : null)
		const score = text === null ? Number.NEGATIVE_INFINITY : scoreText(text, encoding)
		if (score > found.score) found = { encoding, score }
	}
	return found
}

/** Null where a byte doesn't fit, or the encoding is not known. */
function decodes(bytes: Uint8Array, encoding: Encoding, truncated: boolean): string | null {
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: truncated })
	} catch {
		return null
	}
}

/** A text that others were pasted into has a few bytes that don't fit; null where there are more of them. */
function nearlyDecodes(bytes: Uint8Array, encoding: Encoding): string | null {
	const text = new TextDecoder(encoding).decode(bytes)
	let errors = 0
	for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === 0xfffd) errors++
	return errors <= text.length / 200 ? text : null
}

function controlShare(bytes: Uint8Array): number {
	let controls = 0
	for (const byte of bytes) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b) controls++
	return controls / Math.max(1, bytes.length)
}

function isMostlyAscii(bytes: Uint8Array): boolean {
	let beyond = 0
	for (const byte of bytes) if (byte > 0x7f) beyond++
	return beyond < bytes.length / 4
}
