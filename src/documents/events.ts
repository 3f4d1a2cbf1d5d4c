import { AppError, type Language, type Problem } from '../errors.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'

/** What the row of a document says of its processing. */
export type Processing = Pick<
	DocumentModel,
	'id' | 'workspaceId' | 'filename' | 'status' | 'errorCode' | 'errorProblem' | 'stageDone' | 'stageTotal' | 'chunkCount'
>

/** The state of a document from now on. */
export type DocumentState = { type: 'state'; document: Processing }

/** Something happened to a document: its state changed, or it is gone. */
export type DocumentEvent = DocumentState | { type: 'deleted'; documentId: number }

export const documentTopic = (workspaceId: number): string => `documents:${workspaceId}`

export const isEnded = ({ status }: Pick<Processing, 'status'>): boolean => status === 'processed' || status === 'failed'

/** Progress is superseded by later progress of the same document; an end must arrive. */
export const supersededBy = (event: DocumentEvent): string | null =>
	event.type === 'state' && !isEnded(event.document) ? String(event.document.id) : null

/** A problem as the row stores it: words are found when it is shown. */
export interface StoredProblem {
	problem: Problem
	params: unknown[]
}

/** What is wrong with a document, in words; null while nothing is. */
export function errorOf(
	{ errorCode, errorProblem }: Pick<Processing, 'errorCode' | 'errorProblem'>,
	language: Language,
): { code: string; reason: string } | null {
	if (errorCode === null || errorProblem === null) return null
	const { problem, params } = errorProblem as unknown as StoredProblem
	return { code: errorCode, reason: new AppError(problem, ...(params as never)).in(language) }
}
