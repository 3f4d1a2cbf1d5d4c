import type { Auth, Viewer } from '../auth/auth.ts'

/** Connections that one user may hold open at once: sockets, and streams of events. */
export const MAX_CONNECTIONS_A_USER = 50
/** Tokens are looked at so often: an expired one closes its sockets, and so does one whose session's end was not heard. */
const RECHECK_MS = 5_000

/** An open connection that has signed in. */
export interface Signed {
	readonly token: string
	readonly viewer: Viewer
	/** The session has ended. */
	expel(): void
}

interface Options {
	auth: Auth
	report: (cause: unknown) => void
}

export type SignedIn = ReturnType<typeof createSignedIn>

/** Who has which connections open. They are expelled when their session ends. A token is looked at once, however many came with it. */
export function createSignedIn({ auth, report }: Options) {
	const byToken = new Map<string, Set<Signed>>()
	const perUser = new Map<number, number>()
	const forget = auth.onSessionsEnded((userId) => void recheck(userId))
	let isRechecking = false
	const rechecking = setInterval(async () => {
		if (isRechecking) return
		isRechecking = true
		await recheck(null)
		isRechecking = false
	}, RECHECK_MS).unref()

	/** Of one user, or (null) of all; one token after the other, so that nobody waits for the database behind all of them. */
	async function recheck(userId: number | null): Promise<void> {
		for (const [token, connections] of byToken) {
			const [one] = connections
			if (userId !== null && one?.viewer.id !== userId) continue
			if (!(await isGood(token))) for (const { expel } of connections) expel()
		}
	}

	/** What cannot be looked up now is looked up the next time. */
	async function isGood(token: string): Promise<boolean> {
		try {
			return (await auth.authenticate(token)) !== null
		} catch (error) {
			report(error)
			return true
		}
	}

	return {
		/** @returns false when the user has as many as they may have. */
		enter(connection: Signed): boolean {
			const { token, viewer } = connection
			const open = perUser.get(viewer.id) ?? 0
			if (open >= MAX_CONNECTIONS_A_USER) return false
			perUser.set(viewer.id, open + 1)
			byToken.set(token, (byToken.get(token) ?? new Set()).add(connection))
			return true
		},
		leave(connection: Signed): void {
			const { token, viewer } = connection
			const connections = byToken.get(token)
			if (!connections?.delete(connection)) return
			if (connections.size === 0) byToken.delete(token)
			const open = (perUser.get(viewer.id) ?? 1) - 1
			if (open > 0) perUser.set(viewer.id, open)
			else perUser.delete(viewer.id)
		},
		stop(): void {
			clearInterval(rechecking)
			forget()
		},
	}
}
