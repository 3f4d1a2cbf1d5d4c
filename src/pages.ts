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

/** Those of a time. */
export interface Period {
	/** Then or later. */
	createdSince?: Date | null | undefined
	/** Earlier than that. */
	createdBefore?: Date | null | undefined
}

/** Prisma's condition on `createdAt`. */
export const createdIn = ({ createdSince, createdBefore }: Period) => ({
	...((createdSince || createdBefore) && {
		createdAt: { ...(createdSince && { gte: createdSince }), ...(createdBefore && { lt: createdBefore }) },
	}),
})
