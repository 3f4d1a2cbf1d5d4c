/** What does not agree between rows, files, jobs and the index. */
export type Finding =
	/** A file that no row knows; removed. */
	| 'file_without_row'
	/** The file of a processed document is not there: it is still found and read, but cannot be fetched or parsed again. Nothing mends that. */
	| 'row_without_file'
	/** A document that has not ended and that nobody would work on; queued again. */
	| 'document_without_job'
	/** A processed document without all of its chunks or without its text; made again, or failed where there is nothing to make it from. */
	| 'document_incomplete'
	/** A chunk of a failed document; removed. */
	| 'chunk_left'
	/** A vector that waits to be indexed, of a document that has ended; removed. */
	| 'vector_left'
	/** A chunk of a processed document that the index lacks; put into it in the background. */
	| 'chunk_without_vector'
	/** An entry of the index without its chunk; removed. */
	| 'vector_without_chunk'

/** Hears of what was found, with some of the ids, for the log. */
export type Tell = (finding: Finding, count: number, examples: readonly (number | string)[]) => void
