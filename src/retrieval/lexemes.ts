import { queryTerms, terms } from '../text/terms.ts'

/** No honest chunk has as many; PostgreSQL refuses a text whose lexemes fill a megabyte. */
const MAX_TERMS = 10_000
const MAX_QUERY_TERMS = 128
/** Of all workspaces together: each takes the database some 0.1 ms. */
const MAX_QUERY_LEXEMES = 4_096

/**
 * A text as PostgreSQL's `simple` configuration keeps it whole: one ASCII word a term, whatever the server's locale thinks of the script,
 * with the workspace in front. So a search touches the postings of its own workspace only, and costs the same in a store of any size.
 * (The document frequencies are then the workspace's, their total the store's: the order is coarse, and fusion counts again.)
 */
export const textLexemes = (workspaceId: number, text: string): string => lexemes(workspaceId, terms(text).slice(0, MAX_TERMS))

/**
 * The same of a query, for each of the workspaces: never an operator, empty where it has no terms.
 * @param searched how many workspaces the search is in, if these are some of them.
 */
export function queryLexemes(workspaceIds: readonly number[], query: string, searched = workspaceIds.length): string {
	const terms = queryTerms(query).slice(0, Math.min(MAX_QUERY_TERMS, Math.ceil(MAX_QUERY_LEXEMES / searched)))
	return workspaceIds
		.map((workspaceId) => lexemes(workspaceId, terms))
		.join(' ')
		.trim()
}

const ASCII = /^[a-z0-9]+$/

function lexemes(workspaceId: number, words: readonly string[]): string {
	const plain = `w${workspaceId}a`
	const coded = `w${workspaceId}z`
	return words.map((word) => (ASCII.test(word) ? plain + word : coded + code(word))).join(' ')
}

/** Four digits in base 36 hold any code point. */
function code(word: string): string {
	let coded = ''
	for (const character of word) coded += (character.codePointAt(0) ?? 0).toString(36).padStart(4, '0')
	return coded
}
