import type { Prisma } from '../database/database.ts'
import { containing, createdIn, type Period } from '../pages.ts'

interface Filter extends Period {
	/** A part of the title, of the question or the answer, whatever the case. */
	search?: string | null | undefined
}

export function matchingThreads({ search, ...period }: Filter): Prisma.ThreadWhereInput {
	return { ...(search && { title: containing(search) }), ...createdIn(period) }
}

interface ChatFilter extends Filter {
	threadId?: string | null | undefined
}

export function matchingChats({ search, threadId, ...period }: ChatFilter): Prisma.ChatWhereInput {
	const text = search && containing(search)
	return { ...(text && { OR: [{ message: text }, { response: text }] }), ...(threadId && { threadId }), ...createdIn(period) }
}
