import type { ThreadModel } from '../src/generated/prisma/models.ts'
import type { Pagination as PaginationShape } from '../src/pages.ts'
import { builder } from './builder.ts'
import { Thread } from './chat.ts'
import { Pagination, pageArgs } from './pages.ts'
import { optionalLine, slugArg } from './rules.ts'

const MAX_TITLE = 200
const threadIdArg = { type: 'ThreadID', required: true, description: 'The id of the thread.' } as const

builder.queryField('thread', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Thread,
		description: 'A thread that the caller may see.',
		args: { id: t.arg(threadIdArg) },
		resolve: (query, _root, { id }, { viewer, services }) => services.threads.get(viewer, id, query),
	}),
)

builder.queryField('workspaceThread', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Thread,
		description: 'A thread of one workspace.',
		rest: { method: 'GET', path: '/workspaces/:slug/threads/:threadId', key: 'thread' },
		args: { slug: t.arg.string(slugArg), threadId: t.arg(threadIdArg) },
		resolve: (query, _root, { slug, threadId }, { viewer, services }) => services.threads.get(viewer, threadId, query, slug),
	}),
)

const ThreadPage = builder.objectRef<{ threads: ThreadModel[]; pagination: PaginationShape }>('ThreadPage').implement({
	description: 'A numbered page of threads.',
	fields: (t) => ({
		threads: t.expose('threads', { type: [Thread], description: 'Those of this page.' }),
		pagination: t.expose('pagination', { type: Pagination, description: 'Where this page stands.' }),
	}),
})

builder.queryField('threadPage', (t) =>
	t.withAuth({ user: true }).field({
		type: ThreadPage,
		description:
			'The threads of a workspace that the caller may see, in numbered pages, those that went on last first; up to 1,000 on one.',
		rest: { method: 'GET', path: '/workspaces/:slug/threads' },
		args: { slug: t.arg.string(slugArg), ...pageArgs(1_000, 1_000) },
		resolve: (_root, { slug, ...args }, { viewer, services }) => services.threads.page(viewer, slug, args),
	}),
)

const payload = (name: string, description: string) =>
	builder.objectRef<ThreadModel>(name).implement({
		description,
		fields: (t) => ({ thread: t.field({ type: Thread, description: 'The thread.', resolve: (thread) => thread }) }),
	})
const CreateThreadPayload = payload('CreateThreadPayload', 'A thread that was made.')
const UpdateThreadPayload = payload('UpdateThreadPayload', 'A thread as it is called now.')

const CreateThreadInput = builder.inputType('CreateThreadInput', {
	description: 'A thread to be.',
	fields: (t) => ({
		title: t.string({ description: `What it is about, 1 to ${MAX_TITLE} characters.`, validate: optionalLine(MAX_TITLE) }),
	}),
})

builder.mutationField('createThread', (t) =>
	t.withAuth({ user: true }).field({
		type: CreateThreadPayload,
		description: 'Makes a thread before its first question. Asking without a thread makes one too.',
		rest: { method: 'POST', path: '/workspaces/:slug/threads', status: 201, location: '/workspaces/:slug/threads/:thread.id' },
		idempotent: (id: string, _args, { viewer, services }) => services.threads.get(viewer, id, {}),
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: CreateThreadInput, required: true, description: 'The thread.' }),
		},
		resolve: (_root, { slug, input }, { viewer, services, language, once }) =>
			services.threads.create(viewer, slug, input.title, language, once),
	}),
)

const UpdateThreadInput = builder.inputType('UpdateThreadInput', {
	description: 'What to change of a thread.',
	fields: (t) => ({
		title: t.string({
			description: `What it is about, 1 to ${MAX_TITLE} characters; cannot be cleared.`,
			validate: optionalLine(MAX_TITLE),
		}),
	}),
})

builder.mutationField('updateThread', (t) =>
	t.withAuth({ user: true }).field({
		type: UpdateThreadPayload,
		description: 'Gives a thread another title.',
		rest: { method: 'PUT', path: '/workspaces/:slug/threads/:threadId' },
		args: {
			slug: t.arg.string(slugArg),
			threadId: t.arg(threadIdArg),
			input: t.arg({ type: UpdateThreadInput, required: true, description: 'What to change.' }),
		},
		resolve: (_root, { slug, threadId, input }, { viewer, services }) => services.threads.rename(viewer, slug, threadId, input.title),
	}),
)

const DeleteThreadPayload = builder.objectRef<{ id: string }>('DeleteThreadPayload').implement({
	description: 'A thread that is gone.',
	fields: (t) => ({ threadId: t.expose('id', { type: 'ThreadID', rest: false, description: 'The id that it had.' }) }),
})

builder.mutationField('deleteThread', (t) =>
	t.withAuth({ user: true }).field({
		type: DeleteThreadPayload,
		description: 'Deletes a thread with its chats and runs; what is still being answered in it is stopped.',
		rest: { method: 'DELETE', path: '/workspaces/:slug/threads/:threadId' },
		args: { slug: t.arg.string(slugArg), threadId: t.arg(threadIdArg) },
		resolve: (_root, { slug, threadId }, { viewer, services }) => services.threads.delete(viewer, slug, threadId),
	}),
)
