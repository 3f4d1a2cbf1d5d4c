import { AppError, type Language, type Problem } from '../errors.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'

/** What the row of a document says of its processing. */
export type Processing = Pick<
	DocumentModel,
	| 'id'
	| 'workspaceId'
	| 'filename'
	| 'status'
	| 'errorCode'
	| 'errorProblem'
	| 'stageDone'
	| 'stageTotal'
	| 'stageRate'
	| 'chunkCount'
	| 'version'
>

/** The state of a document from now on. */
export type DocumentState = { type: 'state'; document: Processing }

/** The state of a new version that will take the place of a document: `version` is the draft's row. */
export type VersionState = { type: 'version'; documentId: number; version: Processing }

/** Nobody will hear of the document again. */
export type DocumentEnd = { type: 'deleted'; documentId: number }

/** Something happened to a document: its state changed, or it is gone. Or to any of them, unseen: then what they are is read again. */
export type DocumentEvent = DocumentState | VersionState | DocumentEnd | { type: 'missed' }

export const documentTopic = (workspaceId: number): string => `documents:${workspaceId}`

export const isEnded = ({ status }: Pick<Processing, 'status'>): boolean => status === 'processed' || status === 'failed'

/** Progress is superseded by later progress of the same document; an end must arrive. What was missed is read once. */
function supersededBy(event: DocumentEvent): string | null {
	if (event.type === 'missed') return event.type
	if (event.type === 'version') return isEnded(event.version) ? null : `${event.documentId} version`
	return event.type === 'state' && !isEnded(event.document) ? String(event.document.id) : null
}

/** What is told when the row has changed. */
export const changeOf = (row: DocumentModel): DocumentState | VersionState =>
	row.replacesId === null ? { type: 'state', document: row } : { type: 'version', documentId: row.replacesId, version: row }

/** Of a document goes around what is shown of its processing, and nothing else of its row. */
function encode(event: DocumentEvent): DocumentEvent {
	if (event.type === 'state') return { ...event, document: shown(event.document) }
	return event.type === 'version' ? { ...event, version: shown(event.version) } : event
}

function shown(row: Processing): Processing {
	const { id, workspaceId, filename, status, errorCode, errorProblem, stageDone, stageTotal, stageRate, chunkCount, version } = row
	return { id, workspaceId, filename, status, errorCode, errorProblem, stageDone, stageTotal, stageRate, chunkCount, version }
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
