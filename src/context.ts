import type { Auth, Viewer } from './auth/auth.ts'
import type { Chat } from './chat/chat.ts'
import type { PrismaClient } from './database/database.ts'
import type { Documents } from './documents/documents.ts'
import { AppError, type Language } from './errors.ts'
import type { Search } from './search/search.ts'
import type { Workspaces } from './workspaces/workspaces.ts'

export interface Services {
	auth: Auth
	workspaces: Workspaces
	documents: Documents
	chat: Chat
	search: Search
}

/** What differs from request to request. */
export interface Call {
	/** Whose token came; null without a valid one. */
	caller: Viewer | null
	/** Whether a token came, valid or not. */
	hasToken: boolean
	/** The language of words in answers. */
	language: Language
	requestId: string
	/** Aborts when the request does, or the socket that a subscription came by. */
	signal: AbortSignal
}

/** What a resolver gets. */
export interface Context extends Call {
	/** The caller, where the field's scopes saw to it that there is one. */
	readonly viewer: Viewer
	services: Services
	/** For the relations that Pothos loads by itself; resolvers call services. */
	prisma: PrismaClient
}

export const createContext = (call: Call, services: Services, prisma: PrismaClient): Context => ({
	...call,
	get viewer() {
		if (!call.caller) throw new AppError('notSignedIn')
		return call.caller
	},
	services,
	prisma,
})
