import type { Element, Parent } from '../html-nodes.ts'
import { attribute, childOf, childrenOf, descendants } from '../xml.ts'
import { isOn, settingOf } from './values.ts'

/** Where a paragraph stands in the numbering: its list, and how deep. */
export interface ListPlace {
	/** '0' takes a paragraph out of the list of its style. */
	id: string
	level: number
}

export function listPlaceOf(properties: Element | null): ListPlace | null {
	const numbering = childOf(properties, 'numPr')
	const id = settingOf(childOf(numbering, 'numId'))
	return id === undefined ? null : { id, level: Math.min(8, Math.max(0, Number(settingOf(childOf(numbering, 'ilvl')) ?? 0) || 0)) }
}

interface Level {
	format: string
	/** As `%1.%2`. */
	text: string
	start: number
	/** All of its numbers in digits, those of levels above too. */
	isDecimal: boolean
}

/** Counts as Word does, from `word/numbering.xml`. Asked for paragraphs in their order. */
export function createNumbering(xml: Parent | null) {
	const abstract = new Map([...descendants(xml, 'abstractNum')].map((each) => [attribute(each, 'abstractNumId') ?? '', levelsOf(each)]))
	const lists = new Map<string, { key: string; levels: Map<number, Level> }>()
	for (const list of descendants(xml, 'num')) {
		const key = settingOf(childOf(list, 'abstractNumId')) ?? ''
		const overrides = childrenOf(list, 'lvlOverride').flatMap((each): [number, Level][] => {
			const level = Number(attribute(each, 'ilvl') ?? 0)
			const own = childOf(each, 'lvl')
			const start = settingOf(childOf(each, 'startOverride'))
			const base = own ? levelOf(own) : abstract.get(key)?.get(level)
			return base ? [[level, { ...base, start: start === undefined ? base.start : Number(start) || 0 }]] : []
		})
		const id = attribute(list, 'numId') ?? ''
		// a list that begins anew counts for itself, the others of one kind go on
		lists.set(id, { key: overrides.length > 0 ? `own ${id}` : key, levels: new Map([...(abstract.get(key) ?? []), ...overrides]) })
	}
	const counts = new Map<string, number[]>()

	return {
		/** What stands before the paragraph: `3.`, `第三条`, `-`; empty where nothing does. */
		next({ id, level }: ListPlace): string {
			const list = lists.get(id)
			const own = list?.levels.get(level)
			if (!list || !own) return id === '0' ? '' : '-'
			const count = counts.get(list.key) ?? []
			counts.set(list.key, count)
			for (let above = 0; above < level; above++) count[above] ??= list.levels.get(above)?.start ?? 1
			count[level] = (count[level] ?? own.start - 1) + 1
			count.length = level + 1
			if (own.format === 'bullet') return '-'
			if (own.format === 'none') return ''
			return own.text.replace(/%(\d)/g, (_, digit: string) => {
				const at = Number(digit) - 1
				return numeral(count[at] ?? 1, own.isDecimal ? 'decimal' : (list.levels.get(at)?.format ?? 'decimal'))
			})
		},
	}
}

const levelsOf = (parent: Element): Map<number, Level> =>
	new Map(childrenOf(parent, 'lvl').map((each) => [Number(attribute(each, 'ilvl') ?? 0), levelOf(each)]))

const levelOf = (level: Element): Level => ({
	format: settingOf(childOf(level, 'numFmt')) ?? 'decimal',
	text: settingOf(childOf(level, 'lvlText')) ?? '',
	start: Number(settingOf(childOf(level, 'start')) ?? 1) || 0,
	isDecimal: isOn(childOf(level, 'isLgl')),
})

/** A number as a format of ECMA-376 17.18.59 writes it; in digits where that is none of the common ones. */
function numeral(value: number, format: string): string {
	if (format === 'lowerLetter') return letters(value).toLowerCase()
	if (format === 'upperLetter') return letters(value)
	if (format === 'lowerRoman') return roman(value).toLowerCase()
	if (format === 'upperRoman') return roman(value)
	if (format === 'decimalZero') return String(value).padStart(2, '0')
	return /^(?:chinese|japaneseCounting|taiwaneseCounting|ideographDigital)/.test(format) ? han(value) : String(value)
}

/** A to Z, AA to ZZ, … */
const letters = (value: number): string =>
	value > 0 && value <= 780 ? String.fromCharCode(65 + ((value - 1) % 26)).repeat(Math.ceil(value / 26)) : String(value)

const ROMAN: [number, string][] = [
	[1000, 'M'],
	[900, 'CM'],
	[500, 'D'],
	[400, 'CD'],
	[100, 'C'],
	[90, 'XC'],
	[50, 'L'],
	[40, 'XL'],
	[10, 'X'],
	[9, 'IX'],
	[5, 'V'],
	[4, 'IV'],
	[1, 'I'],
]

function roman(value: number): string {
	if (value < 1 || value > 3_999) return String(value)
	let left = value
	let text = ''
	for (const [worth, sign] of ROMAN) {
		text += sign.repeat(Math.floor(left / worth))
		left %= worth
	}
	return text
}

const HAN = [...'零一二三四五六七八九']

/** Below 1,000, which numbers of paragraphs are: 十二, 一百零三. */
function han(value: number): string {
	const [hundreds, tens, ones] = [Math.floor(value / 100), Math.floor(value / 10) % 10, value % 10]
	if (value < 0 || value > 999) return String(value)
	if (value < 10) return HAN[value] ?? ''
	const head = hundreds > 0 ? `${HAN[hundreds]}百` : ''
	const middle = tens > 0 ? `${tens === 1 && hundreds === 0 ? '' : HAN[tens]}十` : hundreds > 0 && ones > 0 ? '零' : ''
	return head + middle + (ones > 0 ? HAN[ones] : '')
}
