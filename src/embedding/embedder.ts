export type EmbeddingKind = 'query' | 'passage'

export interface EmbedderLimits {
	/** Of one text, by our estimate; a longer one is split, and its vector is that of its parts together. */
	maxTokens: number
	/** Of one request. */
	maxTexts: number
	/** Of one request, all its texts together; null where only the number of texts counts. */
	maxRequestTokens: number | null
}

/** Turns texts into vectors. */
export interface Embedder {
	/** Names the model: vectors of embedders with the same id may be compared. */
	readonly id: string
	/** Of every vector; null where only an answer tells. */
	readonly dimensions: number | null
	/** What it was made for, as BCP 47 tags; null: nobody says, or too many to name. */
	readonly languages: readonly string[] | null
	readonly limits: EmbedderLimits
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
