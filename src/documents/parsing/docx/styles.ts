import type { Parent } from '../html-nodes.ts'
import { attribute, childOf, descendants } from '../xml.ts'
import { type ListPlace, listPlaceOf } from './numbering.ts'
import { settingOf } from './values.ts'

/** What a paragraph's style makes of it: the level of a heading, or a line of the table of contents. */
export type Role = number | 'contents'

export interface Style {
	role: Role | null
	list: ListPlace | null
}

/**
 * Styles by id, from `word/styles.xml`. Ids are not to be trusted: a Chinese Word calls heading 1 "1" or "a3", so the style's
 * name decides (ECMA-376 keeps built-in names English), else its outline level, else those of the style that it is based on.
 */
export function stylesOf(xml: Parent | null): Map<string, Style> {
	const own = new Map<string, Style & { base: string }>()
	for (const style of descendants(xml, 'style')) {
		const properties = childOf(style, 'pPr')
		const value = (name: string) => settingOf(childOf(style, name)) ?? ''
		const role = roleOf(value('name'), settingOf(childOf(properties, 'outlineLvl')))
		own.set(attribute(style, 'styleId') ?? '', { role, list: listPlaceOf(properties), base: value('basedOn') })
	}
	const inherited = <Key extends keyof Style>(id: string, key: Key): Style[Key] => {
		let style = own.get(id)
		for (let steps = 0; steps < MAX_BASES && style && style[key] === null; steps++) style = own.get(style.base)
		return style?.[key] ?? (null as Style[Key])
	}
	return new Map([...own.keys()].map((id) => [id, { role: inherited(id, 'role'), list: inherited(id, 'list') }]))
}

const MAX_BASES = 10

/** `outlineLevel` as it is written: 0 to 8, and 9 for body text. */
export function roleOf(name: string, outlineLevel: string | undefined): Role | null {
	const [, heading] = /^heading (\d)$/i.exec(name) ?? []
	if (heading) return Number(heading)
	if (/^title$/i.test(name)) return 1
	if (/^toc /i.test(name)) return 'contents'
	const level = Number(outlineLevel)
	return outlineLevel !== undefined && level >= 0 && level < 9 ? level + 1 : null
}
