import { resolveArrayConnection } from '@pothos/plugin-relay'
import { builder } from './builder.ts'
import type { Document, Thread, User, Webhook, Workspace } from './store.ts'

// The name of an enum's value is GraphQL's, the value is the world's.
export const UserRole = builder.enumType('UserRole', { values: { ADMIN: { value: 'admin' }, USER: { value: 'user' } } as const })
export const ChatMode = builder.enumType('ChatMode', { values: { CHAT: { value: 'chat' }, QUERY: { value: 'query' } } as const })
export const WebhookEvent = builder.enumType('WebhookEvent', {
	values: { DOCUMENT_UPLOADED: { value: 'document.uploaded' }, CHAT_COMPLETED: { value: 'chat.completed' } } as const,
})

export const UserType = builder.objectRef<User>('User').implement({
	description: 'Somebody.',
	fields: (t) => ({
		id: t.exposeID('id'),
		username: t.exposeString('username', { description: 'What one signs in with.' }),
		role: t.expose('role', { type: UserRole }),
		lastLogin: t.expose('lastLogin', { type: 'DateTime', nullable: true }),
	}),
})

export const DocumentType = builder.objectRef<Document>('Document').implement({
	fields: (t) => ({
		id: t.exposeID('id'),
		workspaceId: t.exposeID('workspaceId'),
		filename: t.exposeString('filename'),
		size: t.exposeInt('size'),
		metadata: t.expose('metadata', { type: 'JSONObject' }),
	}),
})

const ThreadType = builder.objectRef<Thread>('Thread').implement({
	fields: (t) => ({ id: t.expose('id', { type: 'ThreadID' }), title: t.exposeString('title') }),
})

export const WebhookType = builder.objectRef<Webhook>('Webhook').implement({
	fields: (t) => ({ id: t.exposeID('id'), url: t.exposeString('url'), events: t.expose('events', { type: [WebhookEvent] }) }),
})

export const WorkspaceType = builder.objectRef<Workspace>('Workspace').implement({
	fields: (t) => ({
		id: t.exposeID('id'),
		name: t.exposeString('name'),
		slug: t.exposeString('slug'),
		description: t.exposeString('description', { nullable: true }),
		createdAt: t.expose('createdAt', { type: 'DateTime' }),
		secretNote: t.string({ rest: false, resolve: () => 'GraphQL only' }),
		shortName: t.string({
			args: { length: t.arg.int({ required: true, defaultValue: 3 }) },
			resolve: ({ name }, { length }) => name.slice(0, length),
		}),
		owner: t.field({
			type: UserType,
			resolve: ({ ownerId }, _args, { store }) => store.users.filter(({ id }) => id === ownerId)[0] as User,
		}),
		documents: t.connection({
			type: DocumentType,
			resolve: ({ id }, args, { store }) =>
				resolveArrayConnection(
					{ args },
					store.documents.filter(({ workspaceId }) => workspaceId === id),
				),
		}),
		threads: t.connection({ type: ThreadType, resolve: (_workspace, args, { store }) => resolveArrayConnection({ args }, store.threads) }),
	}),
})

export interface Page {
	documents: Document[]
	pagination: { page: number; limit: number; total: number; pages: number }
}

const Pagination = builder.objectRef<Page['pagination']>('Pagination').implement({
	fields: (t) => ({ page: t.exposeInt('page'), limit: t.exposeInt('limit'), total: t.exposeInt('total'), pages: t.exposeInt('pages') }),
})

export const DocumentPage = builder.objectRef<Page>('DocumentPage').implement({
	fields: (t) => ({
		documents: t.expose('documents', { type: [DocumentType] }),
		pagination: t.expose('pagination', { type: Pagination }),
	}),
})

export const Verification = builder.objectRef<{ valid: boolean; user: User }>('VerifyPayload').implement({
	fields: (t) => ({ valid: t.exposeBoolean('valid'), user: t.expose('user', { type: UserType }) }),
})

/** What a resolver was given, to be looked at. */
export const Seen = builder.objectRef<{ seen: unknown }>('Seen').implement({
	fields: (t) => ({ seen: t.expose('seen', { type: 'JSONObject' }) }),
})

export const Deleted = builder.objectRef<{ id: number }>('DeletePayload').implement({
	fields: (t) => ({ id: t.exposeID('id', { rest: false }) }),
})
