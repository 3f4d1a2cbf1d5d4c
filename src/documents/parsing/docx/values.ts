import type { Element } from '../html-nodes.ts'
import { attribute } from '../xml.ts'

/** What a property of Word's is set to: `w:val`. */
export const settingOf = (property: Element | null): string | undefined => (property ? attribute(property, 'val') : undefined)

/** A property that is there is on, unless it says otherwise (ECMA-376 17.17.4). */
export const isOn = (property: Element | null): boolean => property !== null && !/^(?:0|false|off)$/.test(settingOf(property) ?? '')
