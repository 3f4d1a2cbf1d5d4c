import type { Found, FoundGroup } from '../retrieval/retrieval.ts'
import { type Located, locate } from '../text/locating.ts'
import { type Marked, marked, snippetOf } from './snippet.ts'

/** A term of the question that a result has. */
export interface MatchedTerm {
	/** As it is compared: in lower case, an English word as its root, Han as characters and pairs. */
	term: string
	/** How often it is there. */
	count: number
	/** Of what the question says, 0 to 1. */
	share: number
}

/** A chunk in its workspace. */
export interface Placed extends Found {
	/** The slug. */
	workspace: string
}

export interface SearchResult extends Placed {
	matchedTerms: MatchedTerm[]
	/** It and its neighbours that were found too. */
	passage(): Marked & { chunkIds: number[] }
	snippet(): Marked
	/** What says nearly the same, and was left out. */
	duplicates: Placed[]
}

/** @param information what each term of the question tells. */
export function resultOf(
	{ lead, joined, duplicates, counts, passage }: FoundGroup,
	information: ReadonlyMap<string, number>,
	slugOf: (workspaceId: number) => string,
): SearchResult {
	let located: Located[] | undefined
	const find = (): Located[] => {
		located ??= locate(passage.text, new Set(information.keys()))
		return located
	}
	const placed = (found: Found): Placed => ({ ...found, workspace: slugOf(found.workspaceId) })
	const chunks = [lead, ...joined].sort((a, b) => a.start - b.start)
	return {
		...placed(lead),
		matchedTerms: matched(counts, information),
		passage: () => ({ ...marked(passage, find()), chunkIds: chunks.map(({ chunkId }) => chunkId) }),
		snippet: () => snippetOf(passage, find(), information),
		duplicates: duplicates.map(placed),
	}
}

/** What tells most first. */
function matched(counts: ReadonlyMap<string, number>, information: ReadonlyMap<string, number>): MatchedTerm[] {
	let whole = 0
	for (const worth of information.values()) whole += worth
	return [...counts]
		.map(([term, count]) => ({ term, count, share: whole > 0 ? (information.get(term) ?? 0) / whole : 0 }))
		.sort((a, b) => b.share - a.share)
}
