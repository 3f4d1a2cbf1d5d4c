import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '../database/database.ts'
import { isGone } from '../database/errors.ts'
import type { Gather } from '../database/gathering.ts'
import { AppError } from '../errors.ts'
import type { Bus } from '../events/bus.ts'
import type { UserModel } from '../generated/prisma/models.ts'
import { isPassword } from './passwords.ts'
import type { Claims, Tokens } from './tokens.ts'

/** Who asks. */
export interface Viewer {
	id: number
	username: string
	role: 'admin' | 'user'
	sessionId: string
}

interface Dependencies {
	prisma: PrismaClient
	gather: Gather
	tokens: Tokens
	tokenTtlMs: number
	bus: Bus
	now?: () => number
}

/** How long a token that was good is taken for good unasked. That its session was ended is heard at once; this is for when it was not heard. */
const TRUST_MS = 1_000
/** What processes tell each other: sessions of the user `userId` were ended. */
const CHANNEL = 'sessions'
/** Tokens remembered at once. */
const MAX_REMEMBERED = 10_000

export type Auth = ReturnType<typeof createAuth>

export function createAuth({ prisma, gather, tokens, tokenTtlMs, bus, now = Date.now }: Dependencies) {
	const remembered = new Map<string, { viewer: Viewer; until: number }>()

	const hearers = new Set<(userId: number | null) => void>()
	bus.subscribe(CHANNEL, {
		hear: (message) => forget((message as { userId: number }).userId),
		resync: () => forget(null),
	})

	/** Null: everybody's. */
	function forget(userId: number | null): void {
		for (const [token, { viewer }] of remembered) if (userId === null || viewer.id === userId) remembered.delete(token)
		for (const hear of hearers) hear(userId)
	}

	async function byId(ids: number[]): Promise<Map<number, UserModel>> {
		const users = await prisma.user.findMany({ where: { id: { in: ids } } })
		return new Map(users.map((user) => [user.id, user]))
	}

	async function load({ userId, sessionId }: Claims): Promise<Viewer | null> {
		const session = await prisma.session.findFirst({
			where: { id: sessionId, userId, expiresAt: { gt: new Date(now()) } },
			select: { user: { select: { id: true, username: true, role: true } } },
		})
		return session && { ...session.user, sessionId }
	}

	function remember(token: string, viewer: Viewer): void {
		if (remembered.size >= MAX_REMEMBERED) remembered.clear()
		remembered.set(token, { viewer, until: now() + TRUST_MS })
	}

	return {
		/** @throws AppError UNAUTHENTICATED, in the same words and time whether the user exists. */
		async login(username: string, password: string): Promise<{ token: string; user: UserModel }> {
			const found = await prisma.user.findUnique({ where: { username } })
			if (!(await isPassword(password, found?.passwordHash)) || !found) throw new AppError('wrongCredentials')
			const sessionId = randomUUID()
			const [at, expiresAt] = [new Date(now()), new Date(now() + tokenTtlMs)]
			const [user] = await prisma.$queryRaw<UserModel[]>`
				WITH expired AS (DELETE FROM "Session" WHERE "userId" = ${found.id} AND "expiresAt" <= ${at}),
				made AS (INSERT INTO "Session" (id, "userId", "expiresAt") SELECT ${sessionId}::uuid, id, ${expiresAt} FROM "User" WHERE id = ${found.id})
				UPDATE "User" SET "lastLogin" = ${at} WHERE id = ${found.id} RETURNING *`.catch((error: unknown) => {
				throw isGone(error) ? new AppError('wrongCredentials') : error
			})
			if (!user) throw new AppError('wrongCredentials') // deleted meanwhile
			return { token: await tokens.sign({ userId: found.id, sessionId }, expiresAt), user }
		},

		/** Whose token this is; null when it is not valid (any more). */
		async authenticate(token: string): Promise<Viewer | null> {
			const known = remembered.get(token)
			if (known && known.until > now()) return known.viewer
			remembered.delete(token)
			const claims = await tokens.read(token)
			const viewer = claims && (await load(claims))
			if (viewer) remember(token, viewer)
			return viewer
		},

		/** The viewer's account. @throws AppError UNAUTHENTICATED when it is gone. */
		async me(viewer: Viewer): Promise<UserModel> {
			const user = await gather('user', viewer.id, byId)
			if (!user) throw new AppError('badToken')
			return user
		},

		/** Every process looks at a user's sessions anew, as some of their rows are gone or the account has changed. */
		async endSessions(userId: number): Promise<void> {
			await bus.publish(CHANNEL, { userId })
		},

		/** Calls back when sessions of a user (null: of anybody) may have ended, in whatever process. @returns what takes that back. */
		onSessionsEnded(hear: (userId: number | null) => void): () => void {
			hearers.add(hear)
			return () => void hearers.delete(hear)
		},

		/** Ends the session that the viewer's token belongs to. */
		async logout(viewer: Viewer): Promise<object> {
			await prisma.session.deleteMany({ where: { id: viewer.sessionId } })
			await bus.publish(CHANNEL, { userId: viewer.id })
			return {}
		},
	}
}
