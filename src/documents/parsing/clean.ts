const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g
/** Characters that show nothing and break words for a search: controls, soft hyphens, zero-width marks. Joiners stay, scripts need them. */
const INVISIBLE = /[\0-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff]/g

/**
 * The form that text is stored in: see `ParsedText.text`. Cleaning clean text changes nothing.
 * NFKC since PDFs carry Kangxi radicals and ligatures, and Chinese documents full-width letters.
 */
export const clean = (text: string): string => text.toWellFormed().replace(LINE_ENDS, '\n').replace(INVISIBLE, '').normalize('NFKC')

/** `clean` for what must stay on one line: runs of white space become one space. */
export const cleanLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim()
