import { cleanLine } from '../clean.ts'
import type { Element, Parent } from '../html-nodes.ts'
import { attribute, characters, childOf, descendants, elementsOf, localName } from '../xml.ts'
import { isOn, settingOf } from './values.ts'

/** Footnotes and endnotes as text, by what refers to them: `footnoteReference 2`. */
export type Notes = Map<string, string>

/** Properties, what was deleted, what is said about the text, codes of fields, how words are pronounced, and boxes, which are read by themselves. */
const SKIPPED = new Set([
	'pPr',
	'rPr',
	'del',
	'moveFrom',
	'instrText',
	'delText',
	'rt',
	'drawing',
	'pict',
	'object',
	'AlternateContent',
	'commentReference',
	'annotationRef',
])

/** The words of a paragraph, as they are with all changes accepted. Notes stand in brackets where they are marked. */
export function wordsOf(parent: Parent, notes: Notes): string {
	return elementsOf(parent)
		.map((element): string => {
			const name = localName(element)
			if (SKIPPED.has(name)) return ''
			switch (name) {
				case 't':
					return characters(element)
				case 'tab':
				case 'ptab':
					return '\t'
				case 'br':
				case 'cr':
					return '\n'
				case 'noBreakHyphen':
					return '-'
				case 'r':
					return isOn(childOf(childOf(element, 'rPr'), 'vanish')) ? '' : wordsOf(element, notes)
				case 'oMath':
					return mathOf(element)
				case 'footnoteReference':
				case 'endnoteReference': {
					const note = notes.get(`${name} ${attribute(element, 'id')}`)
					return note ? ` (${note})` : ''
				}
				default:
					return wordsOf(element, notes)
			}
		})
		.join('')
}

/** Text boxes, charts and diagrams that are anchored below. Of what is drawn twice, for new programs and for old ones, the first. */
export function* drawnIn(parent: Parent | null): Generator<Element> {
	for (const element of elementsOf(parent)) {
		const name = localName(element)
		if (name === 'AlternateContent') yield* drawnIn(childOf(element, 'Choice') ?? childOf(element, 'Fallback'))
		else if (name === 'txbxContent' || name === 'chart' || name === 'relIds') yield element
		else yield* drawnIn(element)
	}
}

/** `name`: `footnote` or `endnote`. Those with a type draw the line above the others. */
export function notesOf(xml: Parent | null, name: string): [string, string][] {
	return [...descendants(xml, name)]
		.filter((note) => attribute(note, 'type') === undefined)
		.map((note) => [
			`${name}Reference ${attribute(note, 'id')}`,
			cleanLine([...descendants(note, 'p')].map((p) => wordsOf(p, new Map())).join(' ')),
		])
}

/** A formula on one line: `x=(-b±√(b^2-4ac))/2a`. */
function mathOf(parent: Parent | null): string {
	return elementsOf(parent)
		.map((element): string => {
			const name = localName(element)
			const part = (name: string) => mathOf(childOf(element, name))
			if (name === 't') return characters(element)
			if (name === 'f') return `${grouped(part('num'))}/${grouped(part('den'))}`
			if (name === 'rad') return `√${grouped(part('e'))}`
			if (name === 'sSup') return `${part('e')}^${grouped(part('sup'))}`
			if (name === 'sSub') return `${part('e')}_${grouped(part('sub'))}`
			if (name === 'sSubSup') return `${part('e')}_${grouped(part('sub'))}^${grouped(part('sup'))}`
			if (name === 'nary') return `${naryOf(element)}_${grouped(part('sub'))}^${grouped(part('sup'))} ${part('e')}`
			if (name === 'd') return `(${part('e')})`
			return name.endsWith('Pr') ? '' : mathOf(element)
		})
		.join('')
}

const naryOf = (element: Element): string => settingOf(childOf(childOf(element, 'naryPr'), 'chr')) ?? '∫'

const grouped = (term: string): string => (term.length > 1 && !/^(?:\w+|\(.*\))$/.test(term) ? `(${term})` : term)
