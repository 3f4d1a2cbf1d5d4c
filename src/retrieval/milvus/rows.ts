import type { Hit, IndexedChunk } from '../chunk-index.ts'
import { textLexemes } from '../lexemes.ts'
import { MAX_LEXEMES_BYTES } from './collection.ts'

/** A chunk as its collection has it. @throws RangeError for a vector of another length than the generation's. */
export function rowOf({ chunkId, documentId, workspaceId, text, vector }: IndexedChunk, dimensions: number | null) {
	return {
		...{ chunk_id: chunkId, workspace_id: workspaceId, document_id: documentId },
		lexemes: fitting(textLexemes(workspaceId, text)) || NO_LEXEMES,
		...(dimensions === null ? {} : { has_vector: vector !== null, dense: components(vector, dimensions) }),
	}
}

/** Nobody searches for it: an empty text is not welcome everywhere. */
const NO_LEXEMES = 'none'

/** Whole lexemes, as many as a VarChar holds: those of ten chunks. They are ASCII, a byte a character. */
function fitting(lexemes: string): string {
	return lexemes.length <= MAX_LEXEMES_BYTES ? lexemes : lexemes.slice(0, lexemes.lastIndexOf(' ', MAX_LEXEMES_BYTES))
}

function components(vector: IndexedChunk['vector'], dimensions: number): number[] {
	if (vector === null) return Array.from({ length: dimensions }, (_, at) => (at === 0 ? 1 : 0))
	if (vector.length !== dimensions) throw new RangeError(`a vector of ${vector.length} dimensions in a generation of ${dimensions}`)
	return Array.from(vector)
}

/** What a search is answered: identifiers are text, since they have 64 bits. */
export type FoundRow = Record<string, unknown> & { score: number }

/** The best first. BM25 is negative on some servers; its size counts. */
export function hitsOf(rows: readonly FoundRow[], scoreOf: (score: number) => number): Hit[] {
	return rows
		.map((row) => ({ chunkId: Number(row['chunk_id']), documentId: Number(row['document_id']), score: scoreOf(row.score) }))
		.sort((a, b) => b.score - a.score || a.chunkId - b.chunkId)
}
