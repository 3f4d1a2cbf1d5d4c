const MAX_TITLE = 120

/** Words, not a formula, a figure's marks, a line of the table of contents, or a sentence. */
export function looksLikeTitle(text: string): boolean {
	return (
		text.length <= MAX_TITLE &&
		/\p{L}{3}|\p{Script=Han}{2}/u.test(text) &&
		/^\s*[\p{L}\p{N}《“"'(（【—]/u.test(text) &&
		!/[=<>≤≥≈∈∉∀∃∩∪⇒⇔→@|{}\\]/.test(text) &&
		!/[.。,，;；:：]\s*$|[·.…]{4}|\d\s*$/.test(text.replace(/\s(?:19|20)\d\d\s*$/, ''))
	)
}
