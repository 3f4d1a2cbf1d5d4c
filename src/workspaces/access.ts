import type { Viewer } from '../auth/auth.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import type { Gather } from '../database/gathering.ts'
import { AppError } from '../errors.ts'
import type { ChatMode, MemberRole } from '../generated/prisma/enums.ts'

/** What may be done in a workspace: read and ask; change documents; change the workspace itself and see everybody's chats. */
export type Right = 'view' | 'edit' | 'manage'

const ROLES: Record<Right, readonly MemberRole[]> = { view: ['viewer', 'editor', 'owner'], edit: ['editor', 'owner'], manage: ['owner'] }

/** A workspace that the viewer has the right in that was asked for. */
export interface Granted {
	id: number
	slug: string
	mode: ChatMode
	/** Whether the viewer manages it: an owner, or an admin. */
	isManaged: boolean
	/** How it is searched; see the columns. */
	threshold: number | null
	topN: number | null
	denseWeight: number | null
}

/** A workspace, and what the viewer is in it. */
interface Standing extends Omit<Granted, 'isManaged'> {
	role: MemberRole | null
}

export interface Access {
	/**
	 * @throws AppError NOT_FOUND when there is no such workspace or the viewer may not know of it, FORBIDDEN when they are a member
	 * without this right.
	 */
	require(viewer: Viewer, slug: string, right: Right): Promise<Granted>
	/**
	 * The workspaces of these slugs, or all that the viewer may know of, the oldest first, at most {@link MAX_WORKSPACES}: by one statement.
	 * @throws AppError NOT_FOUND when one is not there or the viewer may not know of it.
	 */
	readable(viewer: Viewer, slugs: readonly string[] | null): Promise<Granted[]>
}

/** That are searched together. */
const MAX_WORKSPACES = 1_000

export function createAccess({ prisma, gather }: { prisma: PrismaClient; gather: Gather }): Access {
	async function standings(viewer: Viewer, slugs: string[]): Promise<Map<string, Standing>> {
		const rows = await prisma.$queryRaw<Standing[]>`
			SELECT w.slug, w.id, w.mode, w.threshold, w."topN", w."denseWeight", m.role FROM "Workspace" w
			LEFT JOIN "Member" m ON m."workspaceId" = w.id AND m."userId" = ${viewer.id}
			WHERE w.slug = ANY (${slugs})`
		return new Map(rows.map((row) => [row.slug, row]))
	}

	return {
		async require(viewer, slug, right) {
			const found = await gather(`standing ${viewer.id}`, slug, (slugs) => standings(viewer, slugs))
			const isAdmin = viewer.role === 'admin'
			if (!found || (!isAdmin && !found.role)) throw new AppError('noSuchWorkspace', { slug })
			if (!isAdmin && !ROLES[right].includes(found.role ?? 'viewer')) throw new AppError('forbidden')
			return granted(found, isAdmin)
		},

		async readable(viewer, slugs) {
			const isAdmin = viewer.role === 'admin'
			const rows = await prisma.$queryRaw<Standing[]>`
				SELECT w.slug, w.id, w.mode, w.threshold, w."topN", w."denseWeight", m.role FROM "Workspace" w
				LEFT JOIN "Member" m ON m."workspaceId" = w.id AND m."userId" = ${viewer.id}
				WHERE (${isAdmin} OR m.role IS NOT NULL) AND (${slugs}::text[] IS NULL OR w.slug = ANY (${slugs}::text[]))
				ORDER BY w.id LIMIT ${MAX_WORKSPACES}`
			const there = new Set(rows.map(({ slug }) => slug))
			const missing = slugs?.find((slug) => !there.has(slug))
			if (missing !== undefined) throw new AppError('noSuchWorkspace', { slug: missing })
			return rows.map((row) => granted(row, isAdmin))
		},
	}
}

const granted = ({ role, ...workspace }: Standing, isAdmin: boolean): Granted => ({ ...workspace, isManaged: isAdmin || role === 'owner' })

/** The workspaces that a viewer may know of: all for an admin, their own for others. */
export const visibleWorkspaces = (viewer: Viewer): Prisma.WorkspaceWhereInput =>
	viewer.role === 'admin' ? {} : { members: { some: { userId: viewer.id } } }

/** The threads, and with them the chats, that a viewer may see in the workspaces they may know of: their own; all where they manage. */
export function visibleThreads(viewer: Viewer | null): Prisma.ThreadWhereInput {
	if (!viewer) return { id: { in: [] } }
	if (viewer.role === 'admin') return {}
	return { OR: [{ userId: viewer.id }, { workspace: { members: { some: { userId: viewer.id, role: 'owner' } } } }] }
}

/** The runs that a viewer may see in the workspaces they may know of: their own; all where they manage. */
export const visibleRuns = (viewer: Viewer): Prisma.RunWhereInput =>
	viewer.role === 'admin' ? {} : { OR: [{ userId: viewer.id }, { workspace: { members: { some: { userId: viewer.id, role: 'owner' } } } }] }
