export type EmbeddingKind = 'query' | 'passage'

/** Turns texts into vectors. */
export interface Embedder {
	/** Names the model: vectors of embedders with the same id may be compared. */
	readonly id: string
	/** Of every vector; null where only an answer tells. */
	readonly dimensions: number | null
	/** How much its similarity counts beside the words when results are put in order, 0 to 1; measured. */
	readonly weight: number
	/** The cosine of texts that have nothing in common: what is shown as similarity begins there. */
	readonly unrelated: number
	/** Whether the model knows the script of a text. Vectors of others say nothing. */
	reads(text: string): boolean
	/**
	 * One vector a text, of length 1, in the order of the texts.
	 * @throws AppError `unavailable`, when there is no answer now; or the signal's reason.
	 */
	embed(texts: readonly string[], kind: EmbeddingKind, signal: AbortSignal): Promise<Float32Array[]>
	stop(): Promise<void>
}
