import type { Auth, Viewer } from './auth/auth.ts'
import type { Chat } from './chat/chat.ts'
import type { Threads } from './chat/threads.ts'
import type { PrismaClient } from './database/database.ts'
import type { ChunkList } from './documents/chunk-list.ts'
import type { Documents } from './documents/documents.ts'
import type { Originals } from './documents/originals.ts'
import type { createReindexing } from './documents/reindexing/reindexing.ts'
import type { Language } from './errors.ts'
import type { Idempotency, KeyedCall } from './idempotency/idempotency.ts'
import type { Spend } from './limits/limits.ts'
import type { Catalogue } from './models/catalogue.ts'
import type { Search } from './search/search.ts'
import type { Settings } from './settings/settings.ts'
import type { System } from './system/system.ts'
import type { Users } from './users/users.ts'
import type { Members } from './workspaces/members.ts'
import type { Workspaces } from './workspaces/workspaces.ts'

export interface Services {
	auth: Auth
	workspaces: Workspaces
	documents: Documents
	originals: Originals
	chunks: ChunkList
	chat: Chat
	threads: Threads
	search: Search
	users: Users
	members: Members
	settings: Settings
	reindexing: ReturnType<typeof createReindexing>
	system: System
	models: Catalogue
	idempotency: Idempotency
}

/** What differs from request to request. */
export interface Call {
	/** Whose token came; null without a valid one. */
	viewer: Viewer | null
	/** Whether a token came, valid or not. */
	hasToken: boolean
	/** The language of words in answers. */
	language: Language
	requestId: string
	/** Where it comes from, an IPv6 address by its network; empty where nobody connected. */
	address: string
	/** As it was sent. */
	idempotencyKey: string | null
	/** Aborts when the request does, or the socket that a subscription came by. */
	signal: AbortSignal
}

/** What a resolver gets. */
export interface Context extends Call {
	services: Services
	/** For the limits that fields have; resolvers know of none. */
	spend: Spend
	/** Of a call with an Idempotency-Key, by somebody signed in. A field with `idempotent` hands it to the service. */
	once: KeyedCall | undefined
	/** For the relations that Pothos loads by itself; resolvers call services. */
	prisma: PrismaClient
}

/** The same where the field's scopes saw to it that somebody is signed in. */
export interface SignedIn extends Context {
	viewer: Viewer
}
