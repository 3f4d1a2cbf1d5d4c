import type { Prisma } from '../database/database.ts'
import type { DocumentStatus } from '../generated/prisma/enums.ts'
import { containing, createdIn, type Period } from '../pages.ts'

export interface DocumentFilter extends Period {
	/** A part of one of its names, whatever the case. */
	search?: string | null | undefined
	/** One of these. */
	status?: readonly DocumentStatus[] | null | undefined
}

export function matchingDocuments({ search, status, ...period }: DocumentFilter): Prisma.DocumentWhereInput {
	const names = search && containing(search)
	return {
		replacesId: null,
		...(names && { OR: [{ filename: names }, { originalName: names }] }),
		...(status && { status: { in: [...status] } }),
		...createdIn(period),
	}
}
