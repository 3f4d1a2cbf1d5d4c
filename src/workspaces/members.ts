import type { Viewer } from '../auth/auth.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { isGone, isUniqueViolation } from '../database/errors.ts'
import { AppError } from '../errors.ts'
import type { MemberRole } from '../generated/prisma/enums.ts'
import type { MemberModel, UserModel } from '../generated/prisma/models.ts'
import { type Once, recorded } from '../idempotency/idempotency.ts'
import { containing, type PageArgs, paginationOf, sliceOf } from '../pages.ts'
import type { Access } from './access.ts'

/** A member, and whose account it is. */
export type Member = MemberModel & { user: Pick<UserModel, 'username'> }

interface NewMember {
	/** One of both. */
	userId?: number | null | undefined
	username?: string | null | undefined
	role: MemberRole
}

interface Dependencies {
	prisma: PrismaClient
	access: Access
}

const WITH_NAME = { user: { select: { username: true } } } satisfies Prisma.MemberInclude

interface MemberFilter {
	/** A part of the name, whatever the case. */
	search?: string | null | undefined
	role?: MemberRole | null | undefined
}

export function matchingMembers({ search, role }: MemberFilter): Prisma.MemberWhereInput {
	return { ...(search && { user: { username: containing(search) } }), ...(role && { role }) }
}

export type Members = ReturnType<typeof createMembers>

/** Who belongs to a workspace. Every workspace keeps an owner. */
export function createMembers({ prisma, access }: Dependencies) {
	/** The member, while nobody else changes the workspace's owners. @throws AppError NOT_FOUND. */
	async function lock(tx: Prisma.TransactionClient, workspaceId: number, userId: number): Promise<{ isLastOwner: boolean }> {
		const owners = await tx.$queryRaw<{ userId: number }[]>`
			SELECT "userId" FROM "Member" WHERE "workspaceId" = ${workspaceId} AND role = 'owner' ORDER BY "userId" FOR UPDATE`
		if ((await tx.member.count({ where: { workspaceId, userId } })) === 0) throw new AppError('noSuchMember')
		return { isLastOwner: owners.length === 1 && owners[0]?.userId === userId }
	}

	return {
		/** In the order in which they came. @throws AppError NOT_FOUND. */
		async page(viewer: Viewer, slug: string, args: PageArgs & MemberFilter) {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			const where = { workspaceId, ...matchingMembers(args) }
			const orderBy: Prisma.MemberOrderByWithRelationInput[] = [{ createdAt: 'asc' }, { userId: 'asc' }]
			const members: Member[] = await prisma.member.findMany({ where, orderBy, include: WITH_NAME, ...sliceOf(args) })
			const isAll = args.page === 1 && members.length < args.limit
			return { members, pagination: paginationOf(args, isAll ? members.length : await prisma.member.count({ where })) }
		},

		/** @throws AppError NOT_FOUND. */
		async get(viewer: Viewer, slug: string, userId: number): Promise<Member> {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			const found = await prisma.member.findUnique({ where: { workspaceId_userId: { workspaceId, userId } }, include: WITH_NAME })
			if (!found) throw new AppError('noSuchMember')
			return found
		},

		/** @throws AppError NOT_FOUND (workspace, user), FORBIDDEN, CONFLICT for a member, UNPROCESSABLE unless one user is named. */
		async add(viewer: Viewer, slug: string, { userId, username, role }: NewMember, once?: Once): Promise<Member> {
			const { id: workspaceId } = await access.require(viewer, slug, 'manage')
			if ((userId == null) === (username == null)) throw new AppError('oneUser')
			const user = await prisma.user.findFirst({ where: userId == null ? { username: username ?? '' } : { id: userId } })
			if (!user) throw new AppError('noSuchUser')
			const data = { workspaceId, userId: user.id, role }
			const create = (db: Prisma.TransactionClient): Promise<Member> => db.member.create({ data, include: WITH_NAME })
			return recorded(prisma, once, create, (member) => member.userId).catch((error: unknown) => {
				if (isUniqueViolation(error)) throw new AppError('alreadyMember', { username: user.username })
				throw isGone(error) ? new AppError('noSuchUser') : error
			})
		},

		/** @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT when no owner would be left. */
		async update(viewer: Viewer, slug: string, userId: number, role: MemberRole): Promise<Member> {
			const { id: workspaceId } = await access.require(viewer, slug, 'manage')
			return prisma.$transaction(async (tx) => {
				const { isLastOwner } = await lock(tx, workspaceId, userId)
				if (isLastOwner && role !== 'owner') throw new AppError('lastOwner')
				return tx.member.update({ where: { workspaceId_userId: { workspaceId, userId } }, data: { role }, include: WITH_NAME })
			})
		},

		/** By who manages the workspace, or by oneself. @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT when no owner would be left. */
		async remove(viewer: Viewer, slug: string, userId: number): Promise<{ userId: number; workspaceId: number }> {
			const { id: workspaceId } = await access.require(viewer, slug, viewer.id === userId ? 'view' : 'manage')
			await prisma.$transaction(async (tx) => {
				const { isLastOwner } = await lock(tx, workspaceId, userId)
				if (isLastOwner) throw new AppError('lastOwner')
				await tx.member.delete({ where: { workspaceId_userId: { workspaceId, userId } } })
			})
			return { userId, workspaceId }
		},
	}
}
