/** Reads a question and passages together, and says how well each answers it. */
export interface Reranker {
	/** Names the model. */
	readonly id: string
	/**
	 * One score a document, in their order; more is better, and only the scores of one call may be compared.
	 * @throws AppError, or the signal's reason.
	 */
	rerank(query: string, documents: readonly string[], signal: AbortSignal): Promise<number[]>
}
