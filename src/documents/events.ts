import { AppError, type Language, type Problem } from '../errors.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'

/** What the row of a document says of its processing. */
export type Processing = Pick<
	DocumentModel,
	'id' | 'workspaceId' | 'filename' | 'status' | 'errorCode' | 'errorProblem' | 'stageDone' | 'stageTotal' | 'stageRate' | 'chunkCount'
>

/** The state of a document from now on. */
export type DocumentState = { type: 'state'; document: Processing }

/** Nobody will hear of the document again. */
export type DocumentEnd = { type: 'deleted'; documentId: number }

/** Something happened to a document: its state changed, or it is gone. Or to any of them, unseen: then what they are is read again. */
export type DocumentEvent = DocumentState | DocumentEnd | { type: 'missed' }

export const documentTopic = (workspaceId: number): string => `documents:${workspaceId}`

export const isEnded = ({ status }: Pick<Processing, 'status'>): boolean => status === 'processed' || status === 'failed'

/** Progress is superseded by later progress of the same document; an end must arrive. What was missed is read once. */
function supersededBy(event: DocumentEvent): string | null {
	if (event.type === 'missed') return event.type
	return event.type === 'state' && !isEnded(event.document) ? String(event.document.id) : null
}

/** Of a document goes around what is shown of its processing, and nothing else of its row. */
function encode(event: DocumentEvent): DocumentEvent {
	if (event.type !== 'state') return event
	const { id, workspaceId, filename, status, errorCode, errorProblem, stageDone, stageTotal, stageRate, chunkCount } = event.document
	return {
		type: 'state',
		document: { id, workspaceId, filename, status, errorCode, errorProblem, stageDone, stageTotal, stageRate, chunkCount },
	}
}

/** How the events of documents go from process to process. All of it is JSON as it is. */
export const documentEvents = {
	supersededBy,
	encode,
	decode: (message: object) => message as DocumentEvent,
	missed: { type: 'missed' } as const satisfies DocumentEvent,
}

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
