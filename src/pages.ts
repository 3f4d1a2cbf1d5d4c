/** A numbered page, as REST documents it. */
export interface Pagination {
	page: number
	limit: number
	total: number
	pages: number
}

export interface PageArgs {
	/** From 1. */
	page: number
	limit: number
}

export const paginationOf = ({ page, limit }: PageArgs, total: number): Pagination => ({
	page,
	limit,
	total,
	pages: Math.ceil(total / limit),
})

/** Prisma's `skip` and `take` of a page. */
export const sliceOf = ({ page, limit }: PageArgs): { skip: number; take: number } => ({ skip: (page - 1) * limit, take: limit })

/** A case-insensitive substring; what is a wildcard to LIKE is taken literally. */
export const containing = (search: string): { contains: string; mode: 'insensitive' } => ({
	contains: search.replace(/[\\%_]/g, '\\$&'),
	mode: 'insensitive',
})

interface CursorPage {
	cursor?: { id?: number | undefined } | undefined
	skip?: number | undefined
	take?: number | undefined
}

/** A page behind a cursor in the order of ids, also when what the cursor names is gone: with Prisma's own cursor nothing would follow. */
export function behind<Query extends CursorPage, Where extends object>({ cursor, skip, ...query }: Query, where: Where) {
	if (cursor?.id === undefined) return { ...query, where, ...(skip && { skip }) }
	const id = (query.take ?? 0) < 0 ? { lt: cursor.id } : { gt: cursor.id }
	return { ...query, where: { AND: [where, { id }] } }
}
