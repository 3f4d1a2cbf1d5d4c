import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '../database/database.ts'
import { AppError } from '../errors.ts'
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
	tokens: Tokens
	tokenTtlMs: number
	now?: () => number
}

/** How long a token that was good is taken for good unasked: a session ended by another process counts from then on. */
const TRUST_MS = 1_000
/** Tokens remembered at once. */
const MAX_REMEMBERED = 10_000

export type Auth = ReturnType<typeof createAuth>

export function createAuth({ prisma, tokens, tokenTtlMs, now = Date.now }: Dependencies) {
	const remembered = new Map<string, { viewer: Viewer; until: number }>()

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
			const session = { id: randomUUID(), userId: found.id, expiresAt: new Date(now() + tokenTtlMs) }
			const [user] = await prisma.$transaction([
				prisma.user.update({ where: { id: found.id }, data: { lastLogin: new Date(now()) } }),
				prisma.session.create({ data: session }),
				prisma.session.deleteMany({ where: { userId: found.id, expiresAt: { lte: new Date(now()) } } }),
			])
			return { token: await tokens.sign({ userId: found.id, sessionId: session.id }, session.expiresAt), user }
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
			const user = await prisma.user.findUnique({ where: { id: viewer.id } })
			if (!user) throw new AppError('badToken')
			return user
		},

		/** Looks at a user's sessions anew, as some of their rows are gone or the account has changed. */
		async endSessions(userId: number): Promise<void> {
			for (const [token, { viewer }] of remembered) if (viewer.id === userId) remembered.delete(token)
		},

		/** Ends the session that the viewer's token belongs to. */
		async logout(viewer: Viewer): Promise<object> {
			await prisma.session.deleteMany({ where: { id: viewer.sessionId } })
			for (const [token, entry] of remembered) if (entry.viewer.sessionId === viewer.sessionId) remembered.delete(token)
			return {}
		},
	}
}
