/** The beginning of a text, at most so long, in UTF-16 units: no character is cut in two. */
export const cutText = (text: string, length: number): string =>
	text.length <= length
		? text
		: text
				.slice(0, length)
				.toWellFormed()
				.replace(/\ufffd$/, '')
