import type { Reranked, Reranking } from '../reranking/reranking.ts'

interface Search {
	workspaceIds: readonly number[]
	query: string
	limit: number
	signal: AbortSignal | undefined
}

interface Candidate {
	chunkId: number
	text: string
	rerankScore: number | null
}

/** What a reranker reads of a search: so many at least, so that the right one is among them, and as many as are asked for. */
const READ = 32

const never = new AbortController().signal

/** The order that a reranker gives to the candidates of one search. What it has read, it is not asked about again. */
export function createReordering(rerank: Reranking['rerank'] | undefined, { workspaceIds, query, limit, signal = never }: Search) {
	const scores = new Map<number, number>()
	let status: Reranked['status'] = rerank ? 'done' : 'off'

	async function ask(candidates: readonly Candidate[]): Promise<void> {
		if (!rerank || status !== 'done' || (candidates.length > 0 && candidates.every(({ chunkId }) => scores.has(chunkId)))) return
		const texts = candidates.map(({ text }) => text)
		const answer = await rerank(workspaceIds, query, texts, signal)
		status = answer.status
		if (answer.status === 'done') for (const [at, { chunkId }] of candidates.entries()) scores.set(chunkId, answer.scores[at] ?? 0)
	}

	return {
		/** The best ones by the reranker's scores, the others behind them as they are. Without scores all stay as they are. */
		async apply<C extends Candidate>(ranked: readonly C[]): Promise<readonly C[]> {
			const count = Math.max(READ, limit)
			const best = ranked.slice(0, count)
			await ask(best)
			if (status !== 'done' || scores.size === 0) return ranked
			const scored = best.map((candidate) => ({ ...candidate, rerankScore: scores.get(candidate.chunkId) ?? null }))
			return [...scored.sort((a, b) => (b.rerankScore ?? 0) - (a.rerankScore ?? 0)), ...ranked.slice(count)]
		},
		status: (): Reranked['status'] => status,
	}
}
