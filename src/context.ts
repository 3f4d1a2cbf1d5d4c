import type { Auth, Viewer } from './auth/auth.ts'
import type { Chat } from './chat/chat.ts'
import type { PrismaClient } from './database/database.ts'
import type { Documents } from './documents/documents.ts'
import type { Language } from './errors.ts'
import type { SearchService } from './retrieval/service.ts'
import type { Workspaces } from './workspaces/workspaces.ts'

export interface Services {
	auth: Auth
	workspaces: Workspaces
	documents: Documents
	chat: Chat
	search: SearchService
}

/** What a resolver gets. */
export interface Context {
	/** Null without a valid token. */
	viewer: Viewer | null
	/** Whether a token came, valid or not. */
	hasToken: boolean
	/** The language of words in answers. */
	language: Language
	requestId: string
	/** Aborts when the request does, or the socket that a subscription came by. */
	signal: AbortSignal
	services: Services
	/** For the relations that Pothos loads by itself; resolvers call services. */
	prisma: PrismaClient
}
