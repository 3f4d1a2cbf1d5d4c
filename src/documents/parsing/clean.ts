const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g
/** Characters that show nothing and break words for a search: controls, soft hyphens, zero-width marks. Joiners stay, scripts need them. */
const INVISIBLE = /[\0-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff]/g

/**
 * Characters that stand for others, as PDFs and old documents have them: radicals and compatibility ideographs, ligatures and presentation
 * forms, full-width letters and digits, half-width kana and hangul, and the many spaces. A reader sees no difference; a search would.
 */
const STAND_INS =
	/[\u2e80-\u2fdf\uf900-\ufaff\u{2f800}-\u{2fa1f}\ufb00-\ufdff\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc\u00a0\u2000-\u200a\u202f\u205f\u3000]+/gu

/**
 * The form that text is stored in: see `ParsedText.text`. Cleaning clean text changes nothing.
 * What stands for something else becomes it (NFKC); all else stays as its author wrote it (NFC), so that a quote with `，` or `x²` is found in
 * the file that it is from. Search folds the rest by itself.
 */
export const clean = (text: string): string =>
	PLAIN.test(text)
		? text
		: text
				.toWellFormed()
				.replace(LINE_ENDS, '\n')
				.replace(INVISIBLE, '')
				.replace(STAND_INS, (run) => run.normalize('NFKC'))
				.normalize('NFC')

/** Nothing to clean: most cells of most tables, which are many. */
const PLAIN = /^[\n\t\x20-\x7e]*$/
const PLAIN_LINE = /^(?:[!-~]+(?: [!-~]+)*)?$/

/** `clean` for what must stay on one line: runs of white space become one space. */
export const cleanLine = (text: string): string => (PLAIN_LINE.test(text) ? text : clean(text).replace(/\s+/g, ' ').trim())
