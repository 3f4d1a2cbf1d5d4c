/** Han, kana, bopomofo, hangul and their punctuation: scripts that are set without spaces between words (hangul aside), at UTF-16 code `code`. */
export const isCjk = (code: number): boolean =>
	code >= 0x2e80 &&
	(code <= 0x9fff ||
		(code >= 0xac00 && code <= 0xd7af) ||
		(code >= 0xd840 && code <= 0xd88f) ||
		(code >= 0xf900 && code <= 0xfaff) ||
		(code >= 0xff00 && code <= 0xffef))

export const isHangul = (code: number): boolean => code >= 0xac00 && code <= 0xd7af

export const isSpace = (code: number): boolean =>
	code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200a)

/** The span without the white space around it. */
export function trimSpan(text: string, start: number, end: number): [start: number, end: number] {
	while (start < end && isSpace(text.charCodeAt(start))) start++
	while (end > start && isSpace(text.charCodeAt(end - 1))) end--
	return [start, end]
}

/** Whether a cut at `at` would fall between the halves of one character. */
export const splitsCharacter = (text: string, at: number): boolean =>
	at > 0 && isLowSurrogate(text.charCodeAt(at)) && isHighSurrogate(text.charCodeAt(at - 1))

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff
