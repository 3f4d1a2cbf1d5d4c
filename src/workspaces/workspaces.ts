import { randomUUID } from 'node:crypto'
import type { Viewer } from '../auth/auth.ts'
import type { Window } from '../cursors.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { isGone, isUniqueViolation, retried } from '../database/errors.ts'
import { type Gather, together } from '../database/gathering.ts'
import { AppError } from '../errors.ts'
import type { ChatMode } from '../generated/prisma/enums.ts'
import type { WorkspaceModel } from '../generated/prisma/models.ts'
import type { Once } from '../idempotency/idempotency.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { containing, type PageArgs, type Pagination, paginationOf, sliceOf } from '../pages.ts'
import { type Access, visibleWorkspaces } from './access.ts'
import { changedSizes, initialSizes } from './chunk-sizes.ts'
import { isSlug, slugOf } from './slugs.ts'

/** What a query of GraphQL wants loaded with a workspace. */
type Selection = Pick<Prisma.WorkspaceFindFirstArgs, 'include' | 'select'>

interface WorkspaceFilter {
	/** A part of the name or the slug, whatever the case. */
	search?: string | null | undefined
}

interface NewWorkspace {
	name: string
	description?: string | null | undefined
	slug?: string | null | undefined
	mode?: ChatMode | null | undefined
	chunkTokens?: number | null | undefined
	chunkOverlap?: number | null | undefined
	rerank?: boolean | null | undefined
	threshold?: number | null | undefined
	topN?: number | null | undefined
	denseWeight?: number | null | undefined
}

interface WorkspaceChanges extends Omit<NewWorkspace, 'name' | 'slug'> {
	name?: string | null | undefined
}

interface Dependencies {
	prisma: PrismaClient
	gather: Gather
	access: Access
	jobs: Jobs
}

/** The queue that removes what a deleted workspace leaves outside the database: `{ workspaceId }`. */
export const REMOVE_WORKSPACE = 'remove-workspace'

export type Workspaces = ReturnType<typeof createWorkspaces>

export function createWorkspaces({ prisma, gather, access, jobs }: Dependencies) {
	async function bySlug(slugs: string[], viewer: Viewer, { select, ...query }: Selection): Promise<Map<string, WorkspaceModel>> {
		const where = { slug: { in: slugs }, ...visibleWorkspaces(viewer) }
		const rows: WorkspaceModel[] = await prisma.workspace.findMany({
			...query,
			...(select && { select: { ...select, slug: true } }),
			where,
		})
		return new Map(rows.map((row) => [row.slug, row]))
	}

	async function readPage(viewer: Viewer, args: PageArgs & WorkspaceFilter) {
		const where = matching(viewer, args)
		const workspaces: WorkspaceModel[] = await prisma.workspace.findMany({ where, orderBy: { id: 'asc' }, ...sliceOf(args) })
		const isAll = args.page === 1 && workspaces.length < args.limit
		const total = isAll ? workspaces.length : await prisma.workspace.count({ where })
		const pagination: Pagination = paginationOf(args, total)
		return { workspaces, pagination }
	}

	return {
		/** The workspaces that the viewer may know of, oldest first. */
		page: (viewer: Viewer, args: PageArgs & WorkspaceFilter) =>
			together(gather, `workspaces ${JSON.stringify([visibleWorkspaces(viewer), args])}`, () => readPage(viewer, args)),

		list: (viewer: Viewer, filter: WorkspaceFilter, { where, ...window }: Window): Promise<WorkspaceModel[]> =>
			prisma.workspace.findMany({ ...window, where: { AND: [matching(viewer, filter), where] } }),

		count: (viewer: Viewer, filter: WorkspaceFilter): Promise<number> => prisma.workspace.count({ where: matching(viewer, filter) }),

		/** @throws AppError NOT_FOUND. */
		async get(viewer: Viewer, slug: string, query: Selection): Promise<WorkspaceModel> {
			const found = await gather(`workspace ${JSON.stringify([visibleWorkspaces(viewer), query])}`, slug, (slugs) =>
				bySlug(slugs, viewer, query),
			)
			if (!found) throw new AppError('noSuchWorkspace', { slug })
			return found
		},

		/** @throws AppError NOT_FOUND. */
		async getById(viewer: Viewer, id: number): Promise<WorkspaceModel> {
			const found = await prisma.workspace.findFirst({ where: { id, ...visibleWorkspaces(viewer) } })
			if (!found) throw new AppError('noSuchWorkspace', { slug: String(id) })
			return found
		},

		/** The viewer becomes its owner. @throws AppError CONFLICT when the slug is taken, UNPROCESSABLE. */
		async create(
			viewer: Viewer,
			{ name, description, slug, mode, threshold, topN, denseWeight, rerank, ...chunks }: NewWorkspace,
			once?: Once,
		): Promise<WorkspaceModel> {
			if (slug != null && !isSlug(slug)) throw new AppError('badSlug')
			const sizes = initialSizes(chunks)
			const wanted = slug ?? slugOf(name)
			return prisma.$transaction(async (tx) => {
				const created = await insert(tx, {
					name,
					description: description ?? null,
					slug: wanted || randomUUID(),
					...(mode && { mode }),
					...(rerank != null && { rerank }),
					...sizes,
					...searchSettings({ threshold, topN, denseWeight }),
					members: { create: { userId: viewer.id, role: 'owner' } },
				})
				await once?.record(tx, created.id)
				return wanted ? created : tx.workspace.update({ where: { id: created.id }, data: { slug: `workspace-${created.id}` } })
			})
		},

		/** An absent field stays; null clears the description and how it is searched. @throws AppError NOT_FOUND, FORBIDDEN; UNPROCESSABLE for another null. */
		async update(
			viewer: Viewer,
			slug: string,
			{ name, description, mode, threshold, topN, denseWeight, rerank, ...chunks }: WorkspaceChanges,
		): Promise<WorkspaceModel> {
			const { id } = await access.require(viewer, slug, 'edit')
			if (name === null) throw new AppError('cannotClear', { at: 'name' })
			if (mode === null) throw new AppError('cannotClear', { at: 'mode' })
			if (rerank === null) throw new AppError('cannotClear', { at: 'rerank' })
			const sizes = changedSizes(chunks)
			const data = {
				...sizes.data,
				...searchSettings({ threshold, topN, denseWeight }),
				...(name !== undefined && { name }),
				...(description !== undefined && { description }),
				...(mode !== undefined && { mode }),
				...(rerank !== undefined && { rerank }),
			}
			return prisma.workspace.update({ where: { id, AND: sizes.where }, data }).catch(async (error: unknown) => {
				if (!isGone(error)) throw error
				const isThere = (await prisma.workspace.count({ where: { id } })) > 0
				throw isThere ? new AppError('overlapTooLarge') : new AppError('noSuchWorkspace', { slug })
			})
		},

		/** With its documents, threads and chats. @throws AppError NOT_FOUND, FORBIDDEN. */
		async delete(viewer: Viewer, slug: string): Promise<{ id: number; slug: string }> {
			const { id } = await access.require(viewer, slug, 'manage')
			const remove = () =>
				prisma.$transaction(async (tx) => {
					const { count } = await tx.workspace.deleteMany({ where: { id } })
					if (count === 0) throw new AppError('noSuchWorkspace', { slug })
					await jobs.enqueue(tx, REMOVE_WORKSPACE, { workspaceId: id })
				})
			await retried(remove)
			return { id, slug }
		},
	}
}

/** Those that are said; null stands for the product's. */
const searchSettings = ({ threshold, topN, denseWeight }: Pick<NewWorkspace, 'threshold' | 'topN' | 'denseWeight'>) => ({
	...(threshold !== undefined && { threshold }),
	...(topN !== undefined && { topN }),
	...(denseWeight !== undefined && { denseWeight }),
})

function matching(viewer: Viewer, { search }: WorkspaceFilter): Prisma.WorkspaceWhereInput {
	return { AND: [visibleWorkspaces(viewer), search ? { OR: [{ name: containing(search) }, { slug: containing(search) }] } : {}] }
}

async function insert(tx: Prisma.TransactionClient, data: Prisma.WorkspaceCreateInput & { slug: string }): Promise<WorkspaceModel> {
	try {
		return await tx.workspace.create({ data })
	} catch (error) {
		if (isUniqueViolation(error)) throw new AppError('slugTaken', { slug: data.slug })
		throw isGone(error) ? new AppError('badToken') : error // its owner was deleted
	}
}
