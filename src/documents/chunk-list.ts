import type { Viewer } from '../auth/auth.ts'
import type { Window } from '../cursors.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { AppError } from '../errors.ts'
import type { ChunkModel } from '../generated/prisma/models.ts'
import { containing, type PageArgs, paginationOf, sliceOf } from '../pages.ts'
import type { Access } from '../workspaces/access.ts'

interface Dependencies {
	prisma: PrismaClient
	access: Access
}

interface Filter {
	/** A part of the text. */
	search?: string | null | undefined
}

export type ChunkList = ReturnType<typeof createChunkList>

/** The chunks that the text of a document was cut into, in its order: none before it was. */
export function createChunkList({ prisma, access }: Dependencies) {
	/** @throws AppError NOT_FOUND. */
	async function chunksOf(viewer: Viewer, slug: string, documentId: number, { search }: Filter): Promise<Prisma.ChunkWhereInput> {
		const { id: workspaceId } = await access.require(viewer, slug, 'view')
		const isThere = await prisma.document.findFirst({ where: { id: documentId, workspaceId, replacesId: null }, select: { id: true } })
		if (!isThere) throw new AppError('noSuchDocument')
		return { documentId, ...(search && { text: containing(search) }) }
	}

	return {
		/** Those of a window of the list, with what a query of GraphQL wants of them. */
		async list(viewer: Viewer, slug: string, documentId: number, filter: Filter, { where, ...window }: Window): Promise<ChunkModel[]> {
			const mine = await chunksOf(viewer, slug, documentId, filter)
			return prisma.chunk.findMany({ ...window, where: { AND: [mine, where] } })
		},

		async count(viewer: Viewer, slug: string, documentId: number, filter: Filter): Promise<number> {
			return prisma.chunk.count({ where: await chunksOf(viewer, slug, documentId, filter) })
		},

		async page(viewer: Viewer, slug: string, documentId: number, args: PageArgs & Filter) {
			const where = await chunksOf(viewer, slug, documentId, args)
			const [chunks, total] = await Promise.all([
				prisma.chunk.findMany({ where, orderBy: { ordinal: 'asc' }, ...sliceOf(args) }),
				prisma.chunk.count({ where }),
			])
			return { chunks, pagination: paginationOf(args, total) }
		},
	}
}
