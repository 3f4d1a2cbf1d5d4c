import type { Language } from '../errors.ts'

/** The language for a caller, by `Accept-Language`: Chinese, unless the header prefers English to it. */
export function languageOf(acceptLanguage: string | null): Language {
	if (acceptLanguage === null) return 'zh'
	const known = remembered.get(acceptLanguage)
	if (known) return known
	const language = preferred(acceptLanguage)
	if (remembered.size < MAX_REMEMBERED) remembered.set(acceptLanguage, language)
	return language
}

/** Few headers are in use, each in every request of its client. */
const MAX_REMEMBERED = 1000
const remembered = new Map<string, Language>()

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
