import { type ZodType, z } from 'zod'

interface Found {
	readonly anyOf?: readonly Found[]
	readonly allOf?: readonly { readonly pattern?: string }[]
	readonly type?: string
	readonly pattern?: string
	readonly [keyword: string]: unknown
}

/** What a rule asks of a value beyond its type, in the words of JSON Schema. */
export function boundsOf(rule: ZodType): Record<string, unknown> {
	const {
		type: _known,
		pattern,
		allOf = [],
		...bounds
	} = withoutNull(z.toJSONSchema(rule, { io: 'input', unrepresentable: 'any' }) as Found)
	const patterns = [pattern, ...allOf.map((part) => part.pattern)].flatMap((source) => (source === undefined ? [] : [portable(source)]))
	return { ...bounds, ...(patterns.length > 0 && { pattern: patterns.reduceRight(both) }) }
}

/** Of a value that may be null: of the value. */
function withoutNull({ $schema: _draft, anyOf, ...found }: Found): Found {
	return anyOf?.find(({ type }) => type !== 'null') ?? found
}

/** No Unicode text has half of a surrogate pair, and other languages' regular expressions know no such class. */
const portable = (pattern: string): string => pattern.replaceAll('\\p{Surrogate}', '')

const both = (later: string, earlier: string): string => `^(?=[\\s\\S]*${later})${earlier.replace(/^\^/, '')}`
