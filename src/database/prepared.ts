import type { QueryConfig } from 'pg'

const names = new Map<string, string>()
/** Kept at once: more than the product has, and a bound for what varies. */
const MAX_NAMES = 200

/** A statement that comes again and again: each connection parses and plans it once. */
export function prepared(text: string, values: unknown[]): QueryConfig {
	const name = names.get(text) ?? `s${names.size}`
	if (!names.has(text)) {
		if (names.size >= MAX_NAMES) return { text, values }
		names.set(text, name)
	}
	return { name, text, values }
}
