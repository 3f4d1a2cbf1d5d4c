import type pg from 'pg'
import type { Viewer } from '../auth/auth.ts'
import type { FoundGroups, Retrieval } from '../retrieval/retrieval.ts'
import { type Language, languageOf } from '../text/language.ts'
import type { Access, Granted } from '../workspaces/access.ts'
import { arrangedBy } from './arranging.ts'
import { documentsOf, type SearchFilter } from './filter.ts'
import { resultOf, type SearchResult } from './results.ts'

export interface SearchInput extends SearchFilter {
	query: string
	/** Most results; the workspace's number unless it is given. */
	limit?: number | null | undefined
	/** Whether neighbours in a document are one result. */
	join: boolean
	/** Whether those that say the same are one result. */
	fold: boolean
	/** Most results of one document. */
	perDocument?: number | null | undefined
}

export interface SearchAnswer {
	/** Of the query. */
	language: Language
	/** The best first. */
	results: SearchResult[]
	/** Whether a reranker made their order. */
	reranking: FoundGroups['reranking']
}

interface Dependencies {
	pool: pg.Pool
	access: Access
	retrieval: Retrieval
}

/** Unless the workspace or the caller says otherwise. */
const RESULTS = 10

export type Search = ReturnType<typeof createSearch>

export function createSearch({ pool, access, retrieval }: Dependencies) {
	async function searchIn(workspaces: readonly Granted[], input: SearchInput, topN: number | null, signal: AbortSignal) {
		const { query, limit, join, fold, perDocument = null } = input
		const byId = new Map(workspaces.map((workspace) => [workspace.id, workspace]))
		const wanted = await documentsOf(pool, [...byId.keys()], input)
		const searched = wanted ? workspaces.filter(({ id }) => wanted.workspaceIds.has(id)) : workspaces
		const leastOf = (workspaceId: number) => byId.get(workspaceId)?.threshold ?? 0
		const { groups, information, reranking } = await retrieval.find(
			{ workspaces: searched, documentIds: wanted?.documentIds ?? null, query, limit: limit ?? topN ?? RESULTS, signal },
			arrangedBy({ join, fold, perDocument, leastOf }),
		)
		const slugOf = (workspaceId: number) => byId.get(workspaceId)?.slug ?? ''
		const answer: SearchAnswer = {
			language: languageOf(query),
			results: groups.map((group) => resultOf(group, information, slugOf)),
			reranking,
		}
		return answer
	}

	return {
		/** Passages of a workspace's processed documents. @throws AppError NOT_FOUND, UNPROCESSABLE (metadata that is no object). */
		async search(viewer: Viewer, slug: string, input: SearchInput, signal: AbortSignal): Promise<SearchAnswer> {
			const workspace = await access.require(viewer, slug, 'view')
			return searchIn([workspace], input, workspace.topN, signal)
		},

		/** The same of several workspaces: of those that are named, or of all that the viewer may know of. @throws AppError as `search`. */
		async searchAll(viewer: Viewer, slugs: readonly string[] | null, input: SearchInput, signal: AbortSignal): Promise<SearchAnswer> {
			return searchIn(await access.readable(viewer, slugs), input, null, signal)
		},
	}
}
