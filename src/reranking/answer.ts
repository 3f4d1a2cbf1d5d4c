import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { AnswerFault } from '../messages.en.ts'

const Scores = z.array(z.object({ index: z.int().min(0), relevance_score: z.unknown() }))
const Answer = z.union([
	z.object({ results: Scores }).transform(({ results }) => results),
	z.object({ data: Scores }).transform(({ data }) => data),
])

/** In the order of the documents. @throws AppError `rerankerBroke`, that says what else than a score for each came. */
export function scoresIn(answer: unknown, count: number, provider: string): number[] {
	const broke = (what: AnswerFault) => new AppError('rerankerBroke', { provider, what })
	const { data } = Answer.safeParse(answer)
	if (!data) throw broke('noScores')
	if (data.length !== count) throw broke('count')
	const inOrder = data.toSorted((a, b) => a.index - b.index)
	return inOrder.map(({ index, relevance_score: score }, at) => {
		if (index !== at) throw broke('order')
		if (typeof score !== 'number' || !Number.isFinite(score)) throw broke('numbers')
		return score
	})
}
