import { type ZodType, z } from 'zod'

interface Found {
	readonly anyOf?: readonly Found[]
	readonly allOf?: readonly { readonly pattern?: string }[]
	readonly type?: string
	readonly items?: Found
	readonly minLength?: number
	readonly pattern?: string
	readonly [keyword: string]: unknown
}

/**
 * What a rule asks of a value beyond its type, in the words of JSON Schema. Of a text that must have something somewhere (that is not blank) it
 * says that it is not empty: both patterns in one would be a search that generators of requests do not come back from.
 */
export function boundsOf(rule: ZodType): Record<string, unknown> {
	return boundsIn(withoutNull(z.toJSONSchema(rule, { io: 'input' }) as Found))
}

function boundsIn({ type: _known, pattern: first, allOf = [], items, ...bounds }: Found): Record<string, unknown> {
	const patterns = [first, ...allOf.map(({ pattern }) => pattern)].filter((pattern) => pattern !== undefined)
	const [pattern, ...more] = patterns.filter(isOfAll).map(portable)
	if (more.length > 0) throw new Error(`a rule with several patterns: ${pattern}, ${more.join(', ')}`)
	return {
		...bounds,
		...(!patterns.every(isOfAll) && { minLength: Math.max(1, bounds.minLength ?? 0) }),
		...(pattern !== undefined && { pattern }),
		...(items && Object.keys(items).length > 0 && { items: { type: items.type, ...boundsIn(items) } }),
	}
}

const isOfAll = (pattern: string): boolean => pattern.startsWith('^')

/** Of a value that may be null: of the value. */
function withoutNull({ $schema: _draft, anyOf, ...found }: Found): Found {
	return anyOf?.find(({ type }) => type !== 'null') ?? found
}

/** No Unicode text has half of a surrogate pair, and other languages' regular expressions know no such class. */
const portable = (pattern: string): string => pattern.replaceAll('\\p{Surrogate}', '')
