/** The queue of documents to process: `{ documentId }`, in turns of their workspaces. */
export const PROCESS_DOCUMENT = 'process-document'

/** The queue that removes what is no longer needed outside the database: {@link Removal}. */
export const REMOVE_DOCUMENT = 'remove-document'

export interface Removal {
	/** A document that is gone: who works on it stops. */
	documentId?: number
	/** Chunks to take out of the index; without them all of the document's. */
	chunkIds?: number[]
	/** A file that nothing refers to any more. */
	storageKey?: string
}
