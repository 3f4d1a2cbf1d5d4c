import type { ParsedText } from './parsing/types.ts'

/** A text in UTF-8, as files, the database and threads take it: a long one holds a thread that decodes it. */
export interface EncodedText extends Omit<ParsedText, 'text'> {
	utf8: Buffer
}

export const decoded = ({ utf8, pages, headings }: EncodedText): ParsedText => ({ text: utf8.toString('utf8'), pages, headings })

/** In pieces of at most so many bytes, each of whole characters. */
export function* piecesOf(utf8: Buffer, maxBytes: number): Generator<Buffer> {
	for (let start = 0; start < utf8.length; ) {
		let end = Math.min(start + maxBytes, utf8.length)
		while (isContinuation(utf8[end])) end--
		yield utf8.subarray(start, end)
		start = end
	}
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
