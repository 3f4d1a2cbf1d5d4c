export interface User {
	id: number
	username: string
	role: 'admin' | 'user'
	lastLogin: Date | null
}
export interface Workspace {
	id: number
	name: string
	slug: string
	description: string | null
	ownerId: number
	createdAt: Date
}
export interface Document {
	id: number
	workspaceId: number
	filename: string
	size: number
	metadata: unknown
}
export interface Thread {
	id: string
	title: string
}
export interface Webhook {
	id: number
	url: string
	events: ('document.uploaded' | 'chat.completed')[]
}

export type Store = ReturnType<typeof createStore>

const CREATED_AT = new Date('2024-01-01T00:00:00.000Z')

/** What the example keeps: one workspace with 23 documents. */
export function createStore() {
	let last = 100
	const users: User[] = [
		{ id: 1, username: 'admin', role: 'admin', lastLogin: null },
		{ id: 2, username: 'mei', role: 'user', lastLogin: CREATED_AT },
	]
	const workspaces: Workspace[] = [
		{ id: 1, name: '默认工作空间', slug: 'default-workspace', description: '描述', ownerId: 1, createdAt: CREATED_AT },
	]
	const documents: Document[] = Array.from({ length: 23 }, (_, index) => ({
		id: index + 1,
		workspaceId: 1,
		filename: `document-${index + 1}.pdf`,
		size: 10,
		metadata: { index },
	}))
	const threads: Thread[] = [{ id: 'thread-123', title: 'first' }]
	return { users, workspaces, documents, threads, createdAt: CREATED_AT, nextId: () => ++last }
}
