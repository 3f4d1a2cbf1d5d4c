import type { Language } from '../errors.ts'
import { remembered } from './remembered.ts'

/** The language for a caller, by `Accept-Language`: Chinese, unless the header prefers English to it. */
export const languageOf = (acceptLanguage: string | null): Language => (acceptLanguage === null ? 'zh' : preferredIn(acceptLanguage))

const preferredIn = remembered(preferred)

/** Weights and wildcards as in RFC 9110, 12.5.4; of equal ones the first in the header. */
function preferred(header: string): Language {
	let best: Language = 'zh'
	let bestWeight = 0
	for (const range of header.split(',')) {
		const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
		const language = languageOfTag(tag)
		const weight = weightIn(parameters)
		if (!language || weight <= bestWeight) continue
		best = language
		bestWeight = weight
	}
	return best
}

function languageOfTag(tag: string): Language | undefined {
	if (/^en(-|$)/.test(tag)) return 'en'
	return /^zh(-|$)/.test(tag) || tag === '*' ? 'zh' : undefined
}

function weightIn(parameters: readonly string[]): number {
	const weight = parameters.find((parameter) => parameter.startsWith('q='))
	return weight === undefined ? 1 : Math.min(1, Number(weight.slice(2)) || 0)
}
