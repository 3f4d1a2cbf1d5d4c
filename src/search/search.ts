import type { Viewer } from '../auth/auth.ts'
import type { Found, Retrieval } from '../retrieval/retrieval.ts'
import type { Access } from '../workspaces/access.ts'

interface Dependencies {
	access: Access
	retrieval: Retrieval
}

export type Search = ReturnType<typeof createSearch>

export function createSearch({ access, retrieval }: Dependencies) {
	return {
		/** Passages of a workspace's processed documents, the best first. @throws AppError NOT_FOUND. */
		async search(viewer: Viewer, slug: string, { query, limit }: { query: string; limit: number }, signal: AbortSignal): Promise<Found[]> {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			return retrieval.search({ workspaces: [{ id: workspaceId }], query, limit, signal })
		},
	}
}
