import { randomBytes } from 'node:crypto'
import type { Viewer } from '../auth/auth.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { isGone } from '../database/errors.ts'
import { AppError, type Language } from '../errors.ts'
import type { Bus } from '../events/bus.ts'
import type { ThreadModel } from '../generated/prisma/models.ts'
import { type Once, recorded } from '../idempotency/idempotency.ts'
import { type PageArgs, paginationOf, sliceOf } from '../pages.ts'
import { type Access, visibleThreads, visibleWorkspaces } from '../workspaces/access.ts'
import { cancelRun } from './cancelling.ts'
import { matchingThreads } from './filter.ts'

/** What a query of GraphQL wants loaded with a thread. */
type Selection = Pick<Prisma.ThreadFindFirstArgs, 'include' | 'select'>

interface Dependencies {
	prisma: PrismaClient
	access: Access
	bus: Bus
}

const UNTITLED = { zh: '新对话', en: 'New conversation' } satisfies Record<Language, string>

/** Conversations: everybody's own, and those of a workspace for who manages it. */
export type Threads = ReturnType<typeof createThreads>

export function createThreads({ prisma, access, bus }: Dependencies) {
	/** @throws AppError NOT_FOUND, of another's thread too, unless the viewer manages its workspace. */
	async function find(viewer: Viewer, id: string, query: Selection, slug?: string): Promise<ThreadModel> {
		const workspace = { ...visibleWorkspaces(viewer), ...(slug !== undefined && { slug }) }
		const found = await prisma.thread.findFirst({ ...query, where: { AND: [{ id, workspace }, visibleThreads(viewer)] } })
		if (!found) throw new AppError('noSuchThread')
		return found
	}

	return {
		get: find,

		/** Those that went on last come first. */
		async page(viewer: Viewer, slug: string, args: PageArgs & { search?: string | null | undefined }) {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			const where = { AND: [{ workspaceId }, visibleThreads(viewer), matchingThreads({ search: args.search })] }
			const [threads, total] = await Promise.all([
				prisma.thread.findMany({ where, orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }], ...sliceOf(args) }),
				prisma.thread.count({ where }),
			])
			return { threads, pagination: paginationOf(args, total) }
		},

		/** An empty one, before its first question. @throws AppError NOT_FOUND. */
		async create(viewer: Viewer, slug: string, title: string | null | undefined, language: Language, once?: Once): Promise<ThreadModel> {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			const data = { id: newThreadId(), workspaceId, userId: viewer.id, title: title ?? UNTITLED[language] }
			const create = (tx: Prisma.TransactionClient) => tx.thread.create({ data })
			return recorded(prisma, once, create, ({ id }) => id).catch((error: unknown) => {
				throw isGone(error) ? new AppError('noSuchWorkspace', { slug }) : error
			})
		},

		/** @throws AppError NOT_FOUND. */
		async rename(viewer: Viewer, slug: string, id: string, title: string | null | undefined): Promise<ThreadModel> {
			if (title === null) throw new AppError('cannotClear', { at: 'title' })
			const found = await find(viewer, id, {}, slug)
			if (title === undefined) return found
			const [renamed] = await prisma.thread.updateManyAndReturn({ where: { id }, data: { title, updatedAt: found.updatedAt } })
			if (!renamed) throw new AppError('noSuchThread')
			return renamed
		},

		/** With its runs and chats; what is still being answered in it is stopped. @throws AppError NOT_FOUND. */
		async delete(viewer: Viewer, slug: string, id: string): Promise<{ id: string }> {
			await find(viewer, id, { select: { id: true } }, slug)
			const running = await prisma.run.findMany({ where: { threadId: id, endedAt: null }, select: { id: true } })
			const { count } = await prisma.thread.deleteMany({ where: { id } })
			if (count === 0) throw new AppError('noSuchThread')
			await Promise.all(running.map((run) => cancelRun(bus, run.id)))
			return { id }
		},
	}
}

/** `thread-k3f9…`: 80 random bits. */
export const newThreadId = (): string => `thread-${randomBytes(10).toString('hex')}`
