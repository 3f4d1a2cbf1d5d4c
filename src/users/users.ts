import type { Auth, Viewer } from '../auth/auth.ts'
import { hashPassword } from '../auth/passwords.ts'
import type { Window } from '../cursors.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { isGone, isUniqueViolation, retried } from '../database/errors.ts'
import { AppError } from '../errors.ts'
import type { UserRole } from '../generated/prisma/enums.ts'
import type { UserModel } from '../generated/prisma/models.ts'
import { type Once, recorded } from '../idempotency/idempotency.ts'
import { containing, createdIn, type PageArgs, type Period, paginationOf, sliceOf } from '../pages.ts'

interface NewUser {
	username: string
	password: string
	role?: UserRole | null | undefined
}

interface UserChanges {
	username?: string | null | undefined
	password?: string | null | undefined
	role?: UserRole | null | undefined
}

export interface UserFilter extends Period {
	/** A part of the name, whatever the case. */
	search?: string | null | undefined
	role?: UserRole | null | undefined
}

interface Dependencies {
	prisma: PrismaClient
	auth: Pick<Auth, 'endSessions'>
}

export type Users = ReturnType<typeof createUsers>

/** Accounts. Whoever calls is an admin, where it is not said otherwise. */
export function createUsers({ prisma, auth }: Dependencies) {
	return {
		/** Oldest first. */
		async page(args: PageArgs & UserFilter) {
			const where = matching(args)
			const users: UserModel[] = await prisma.user.findMany({ where, orderBy: { id: 'asc' }, ...sliceOf(args) })
			const isAll = args.page === 1 && users.length < args.limit
			return { users, pagination: paginationOf(args, isAll ? users.length : await prisma.user.count({ where })) }
		},

		list: (filter: UserFilter, { where, ...window }: Window): Promise<UserModel[]> =>
			prisma.user.findMany({ ...window, where: { AND: [matching(filter), where] } }),

		count: (filter: UserFilter): Promise<number> => prisma.user.count({ where: matching(filter) }),

		/** By an admin, or by oneself. @throws AppError FORBIDDEN for somebody else's account, NOT_FOUND. */
		async get(viewer: Viewer, id: number, query: Pick<Prisma.UserFindFirstArgs, 'include' | 'select'> = {}): Promise<UserModel> {
			if (viewer.role !== 'admin' && viewer.id !== id) throw new AppError('forbidden')
			const found = await prisma.user.findFirst({ ...query, where: { id } })
			if (!found) throw new AppError('noSuchUser')
			return found
		},

		/** @throws AppError CONFLICT when the name is taken. */
		async create({ username, password, role }: NewUser, once?: Once): Promise<UserModel> {
			const data = { username, passwordHash: await hashPassword(password), ...(role && { role }) }
			const create = (db: Prisma.TransactionClient): Promise<UserModel> => db.user.create({ data })
			return recorded(prisma, once, create, ({ id }) => id).catch((error: unknown) => refuse(error, username))
		},

		/**
		 * By an admin, or by oneself; an absent field stays. A new role ends all sessions of the user; a new password too, but for the
		 * one that changed it.
		 * @throws AppError FORBIDDEN for somebody else's account and for one's own role, NOT_FOUND, CONFLICT when the name is taken
		 * or no admin would be left, UNPROCESSABLE for null.
		 */
		async update(viewer: Viewer, id: number, { username, password, role }: UserChanges): Promise<UserModel> {
			const isAdmin = viewer.role === 'admin'
			if (!isAdmin && viewer.id !== id) throw new AppError('forbidden')
			for (const [at, value] of Object.entries({ username, password, role })) if (value === null) throw new AppError('cannotClear', { at })
			const passwordHash = password ? await hashPassword(password) : undefined
			const kept = viewer.id === id ? viewer.sessionId : null
			const { user, isNewRole } = await prisma.$transaction(async (tx) => {
				const admins = await lockAdmins(tx)
				const before = await tx.user.findUnique({ where: { id } })
				if (!before) throw new AppError('noSuchUser')
				const isNewRole = role !== undefined && role !== before.role
				if (isNewRole && !isAdmin) throw new AppError('forbidden')
				if (isNewRole && role !== 'admin') requireAnotherAdmin(admins, id)
				const data = { ...(username && { username }), ...(passwordHash && { passwordHash }), ...(role && { role }) }
				const user = await tx.user.update({ where: { id }, data }).catch((error: unknown) => refuse(error, username ?? ''))
				if (isNewRole) await tx.session.deleteMany({ where: { userId: id } })
				else if (passwordHash) await tx.session.deleteMany({ where: { userId: id, ...(kept && { id: { not: kept } }) } })
				return { user, isNewRole }
			})
			if (isNewRole || passwordHash || username) await auth.endSessions(id)
			return user
		},

		/**
		 * With their sessions, threads and chats. What they put into workspaces stays; where they were the only owner, the caller
		 * becomes one.
		 * @throws AppError NOT_FOUND, CONFLICT when no admin would be left.
		 */
		async delete(viewer: Viewer, id: number): Promise<{ id: number }> {
			const remove = () =>
				prisma.$transaction(async (tx) => {
					requireAnotherAdmin(await lockAdmins(tx), id)
					if (viewer.id !== id)
						await tx.$executeRaw`
					INSERT INTO "Member" ("workspaceId", "userId", role)
					SELECT m."workspaceId", ${viewer.id}, 'owner' FROM "Member" m WHERE m."userId" = ${id} AND m.role = 'owner' AND NOT EXISTS (
						SELECT FROM "Member" o WHERE o."workspaceId" = m."workspaceId" AND o.role = 'owner' AND o."userId" <> ${id})
					ON CONFLICT ("workspaceId", "userId") DO UPDATE SET role = 'owner'`
					const { count } = await tx.user.deleteMany({ where: { id } })
					if (count === 0) throw new AppError('noSuchUser')
				})
			await retried(remove)
			await auth.endSessions(id)
			return { id }
		},
	}
}

function matching({ search, role, ...period }: UserFilter): Prisma.UserWhereInput {
	return { ...(search && { username: containing(search) }), ...(role && { role }), ...createdIn(period) }
}

/** One change of admins at a time, so that two cannot each remove the other. */
async function lockAdmins(tx: Prisma.TransactionClient): Promise<number[]> {
	const admins = await tx.$queryRaw<{ id: number }[]>`SELECT id FROM "User" WHERE role = 'admin' ORDER BY id FOR UPDATE`
	return admins.map(({ id }) => id)
}

function requireAnotherAdmin(admins: readonly number[], id: number): void {
	if (admins.length === 1 && admins[0] === id) throw new AppError('lastAdmin')
}

function refuse(error: unknown, username: string): never {
	if (isUniqueViolation(error)) throw new AppError('usernameTaken', { username })
	throw isGone(error) ? new AppError('noSuchUser') : error
}
