import { AppError } from '../../../src/errors.ts'
import { builder } from './builder.ts'
import { slugArg, workspaceOf } from './queries.ts'
import { ChatMode, Deleted, DocumentType, Seen, UserRole, UserType, WebhookEvent, WebhookType, WorkspaceType } from './types.ts'

const CreateWorkspaceInput = builder.inputType('CreateWorkspaceInput', {
	fields: (t) => ({ name: t.string({ required: true }), description: t.string() }),
})
const UpdateWorkspaceInput = builder.inputType('UpdateWorkspaceInput', {
	fields: (t) => ({ name: t.string(), description: t.string(), slug: t.string() }),
})
const UploadInput = builder.inputType('UploadDocumentInput', {
	fields: (t) => ({ file: t.field({ type: 'File', required: true }), metadata: t.field({ type: 'JSONObject' }), pages: t.int() }),
})
const ChatOptions = builder.inputRef<{ modes?: ('chat' | 'query')[] | null; documentIds?: number[] | null; next?: unknown }>('ChatOptions')
ChatOptions.implement({
	fields: (t) => ({ modes: t.field({ type: [ChatMode] }), documentIds: t.idList(), next: t.field({ type: ChatOptions }) }),
})
const ChatInput = builder.inputType('ChatInput', {
	description: 'What to ask.',
	fields: (t) => ({
		message: t.string({ required: true }),
		mode: t.field({ type: ChatMode, required: true, defaultValue: 'chat' }),
		threadId: t.field({ type: 'ThreadID' }),
		temperature: t.float(),
		limit: t.int(),
		isDry: t.boolean(),
		options: t.field({ type: ChatOptions }),
		metadata: t.field({ type: 'JSONObject' }),
	}),
})
const UpdateUserInput = builder.inputType('UpdateUserInput', {
	fields: (t) => ({ username: t.string(), role: t.field({ type: UserRole }) }),
})
const CreateWebhookInput = builder.inputType('CreateWebhookInput', {
	fields: (t) => ({ url: t.string({ required: true }), events: t.field({ type: [WebhookEvent], required: true }) }),
})

builder.mutationFields((t) => ({
	login: t.field({
		type: Seen,
		authScopes: { public: true },
		rest: { method: 'POST', path: '/auth/login' },
		resolve: () => ({ seen: {} }),
	}),
	createWorkspace: t.field({
		type: WorkspaceType,
		description: 'Makes a workspace.',
		args: { input: t.arg({ type: CreateWorkspaceInput, required: true }) },
		rest: { method: 'POST', path: '/workspaces', status: 201, key: 'workspace', location: '/workspaces/:workspace.slug' },
		resolve: (_root, { input }, { store }) => {
			const slug = input.name.toLowerCase().replaceAll(/\s+/g, '-')
			if (store.workspaces.some((other) => other.slug === slug)) throw new AppError('slugTaken', { slug })
			const { createdAt } = store
			const made = { id: store.nextId(), name: input.name, description: input.description ?? null, slug, ownerId: 1, createdAt }
			store.workspaces.push(made)
			return made
		},
	}),
	updateWorkspace: t.field({
		type: WorkspaceType,
		args: { slug: t.arg.string(slugArg), input: t.arg({ type: UpdateWorkspaceInput, required: true }) },
		rest: { method: 'PUT', path: '/workspaces/:slug', key: 'workspace' },
		resolve: (_root, { slug, input }, context) => {
			const found = workspaceOf(context, slug)
			if (input.name != null) found.name = input.name
			if (input.slug != null) found.slug = input.slug
			if (input.description !== undefined) found.description = input.description
			return found
		},
	}),
	deleteDocument: t.field({
		type: Deleted,
		args: { slug: t.arg.string(slugArg), documentId: t.arg.id({ required: true }) },
		rest: { method: 'DELETE', path: '/workspaces/:slug/documents/:documentId' },
		resolve: (_root, { documentId }, { store }) => {
			const index = store.documents.findIndex(({ id }) => id === documentId)
			if (index === -1) throw new AppError('noSuchDocument')
			store.documents.splice(index, 1)
			return { id: documentId }
		},
	}),
	uploadDocument: t.field({
		type: DocumentType,
		authScopes: { user: true },
		args: { slug: t.arg.string(slugArg), input: t.arg({ type: UploadInput, required: true }) },
		rest: {
			method: 'POST',
			path: '/workspaces/:slug/documents',
			status: 201,
			key: 'document',
			kind: 'multipart',
			location: '/workspaces/:slug/documents/:document.id',
		},
		resolve: async (_root, { slug, input: { file, metadata, pages } }, context) => {
			const { id: workspaceId } = workspaceOf(context, slug)
			const { size, trailing } = await context.receive(file)
			const document = {
				id: context.store.nextId(),
				workspaceId,
				filename: file.filename,
				size,
				metadata: { before: metadata, pages, mimeType: file.mimeType, trailing: Object.fromEntries(trailing) },
			}
			context.store.documents.push(document)
			return document
		},
	}),
	sendMessage: t.field({
		type: Seen,
		args: { slug: t.arg.string(slugArg), input: t.arg({ type: ChatInput, required: true }) },
		rest: { method: 'POST', path: '/workspaces/:slug/chat' },
		resolve: (_root, { input }) => ({ seen: input }),
	}),
	updateUser: t.field({
		type: UserType,
		args: { userId: t.arg.id({ required: true }), input: t.arg({ type: UpdateUserInput, required: true }) },
		rest: { method: 'PUT', path: '/users/:userId', key: 'user' },
		resolve: (_root, { userId, input }, { store }) => {
			const user = store.users.find(({ id }) => id === userId)
			if (!user) throw new AppError('forbidden')
			return Object.assign(user, input)
		},
	}),
	createWebhook: t.field({
		type: WebhookType,
		args: { input: t.arg({ type: CreateWebhookInput, required: true }) },
		rest: { method: 'POST', path: '/system/webhooks', status: 201, key: 'webhook' },
		resolve: (_root, { input }, { store }) => ({ id: store.nextId(), ...input }),
	}),
}))
