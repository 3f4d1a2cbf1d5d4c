import { AppError } from '../errors.ts'
import type { Prisma } from '../generated/prisma/client.ts'

/** In tokens; see the columns. Their ranges are the schema's to check. */
interface ChunkSizes {
	chunkTokens?: number | null | undefined
	chunkOverlap?: number | null | undefined
}

const CHUNK_TOKENS = 400
const CHUNK_OVERLAP = 40

/** Of a workspace to be. @throws AppError overlapTooLarge */
export function initialSizes(given: ChunkSizes): { chunkTokens: number; chunkOverlap: number } {
	const chunkTokens = given.chunkTokens ?? CHUNK_TOKENS
	const chunkOverlap = given.chunkOverlap ?? CHUNK_OVERLAP
	if (chunkOverlap * 2 >= chunkTokens) throw new AppError('overlapTooLarge')
	return { chunkTokens, chunkOverlap }
}

/** What to change, and where: only in a workspace whose other size goes with it. @throws AppError overlapTooLarge, cannotClear */
export function changedSizes({ chunkTokens, chunkOverlap }: ChunkSizes) {
	if (chunkTokens === null) throw new AppError('cannotClear', { at: 'chunkTokens' })
	if (chunkOverlap === null) throw new AppError('cannotClear', { at: 'chunkOverlap' })
	if (chunkTokens !== undefined && chunkOverlap !== undefined) return { data: initialSizes({ chunkTokens, chunkOverlap }), where: {} }
	const data = { ...(chunkTokens !== undefined && { chunkTokens }), ...(chunkOverlap !== undefined && { chunkOverlap }) }
	const where: Prisma.WorkspaceWhereInput = {
		...(chunkTokens !== undefined && { chunkOverlap: { lt: Math.ceil(chunkTokens / 2) } }),
		...(chunkOverlap !== undefined && { chunkTokens: { gt: chunkOverlap * 2 } }),
	}
	return { data, where }
}
