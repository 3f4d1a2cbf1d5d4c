import { ChatMode as Mode } from '../src/generated/prisma/enums.ts'
import type { WorkspaceModel } from '../src/generated/prisma/models.ts'
import type { Pagination as PaginationShape } from '../src/pages.ts'
import { builder } from './builder.ts'
import { connectionOf, createOrder, loadedWith, searchArg } from './connections.ts'
import { Pagination, pageArgs } from './pages.ts'
import { line, optionalLine, optionalSlug, optionalText, slugArg, within } from './rules.ts'

export const ChatMode = builder.enumType('ChatMode', {
	description: 'What an answer may be made from.',
	values: {
		CHAT: { value: Mode.chat, description: 'The documents, and general knowledge where they say nothing.' },
		QUERY: { value: Mode.query, description: 'The documents alone; without support the question is refused.' },
	} as const,
})

export const Workspace = builder.prismaObject('Workspace', {
	description: 'Documents, and the chats about them.',
	fields: (t) => ({
		id: t.exposeID('id', { description: 'Its number.' }),
		name: t.exposeString('name', { description: 'Its name.' }),
		slug: t.exposeString('slug', { description: 'Its name in addresses.' }),
		description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
		mode: t.expose('mode', { type: ChatMode, description: 'The mode of a chat that names none.' }),
		chunkTokens: t.exposeInt('chunkTokens', {
			description: 'The most tokens that a chunk holds, of the documents that are processed from now on.',
		}),
		chunkOverlap: t.exposeInt('chunkOverlap', {
			description: 'How many tokens of the end of a chunk the next one may repeat, in whole sentences, where a paragraph is cut.',
		}),
		threshold: t.exposeFloat('threshold', {
			nullable: true,
			description: 'The least score of results and sources; null for the product’s: none of a search, 0.25 of a chat, 0.34 in QUERY mode.',
		}),
		topN: t.exposeInt('topN', {
			nullable: true,
			description: 'How many results a search has that does not say, and the most sources of an answer; null for the product’s: 10 and 5.',
		}),
		denseWeight: t.exposeFloat('denseWeight', {
			nullable: true,
			description: 'The share that vectors have in the order, 0 (words alone) to 1; null for what was measured for the embedder.',
		}),
		rerank: t.exposeBoolean('rerank', {
			description:
				'Whether what is found here is put in order by the reranker, where one is set; then questions and passages are sent to it.',
		}),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
		updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
	}),
})

const payload = (name: string, description: string) =>
	builder.objectRef<WorkspaceModel>(name).implement({
		description,
		fields: (t) => ({ workspace: t.field({ type: Workspace, description: 'The workspace.', resolve: (workspace) => workspace }) }),
	})
const CreateWorkspacePayload = payload('CreateWorkspacePayload', 'A workspace that was made.')
const UpdateWorkspacePayload = payload('UpdateWorkspacePayload', 'A workspace that was changed.')

const DeleteWorkspacePayload = builder.objectRef<{ id: number; slug: string }>('DeleteWorkspacePayload').implement({
	description: 'A workspace that is gone.',
	fields: (t) => ({
		workspaceId: t.exposeID('id', { rest: false, description: 'The number that it had.' }),
		slug: t.exposeString('slug', { rest: false, description: 'The slug that it had.' }),
	}),
})

const WorkspacePage = builder.objectRef<{ workspaces: WorkspaceModel[]; pagination: PaginationShape }>('WorkspacePage').implement({
	description: 'A numbered page of workspaces.',
	fields: (t) => ({
		workspaces: t.expose('workspaces', { type: [Workspace], description: 'Those of this page.' }),
		pagination: t.expose('pagination', { type: Pagination, description: 'Where this page stands.' }),
	}),
})

const workspaceOrder = createOrder('Workspace', ['id', 'int'], {
	CREATED_AT: { column: ['createdAt', 'time'], description: 'When it was made.' },
	NAME: { column: ['name', 'text'], description: 'Its name.' },
})

builder.queryField('workspaces', (t) =>
	t.withAuth({ user: true }).connection(
		{
			type: Workspace,
			description: 'The workspaces that the caller may know of.',
			args: { search: t.arg.string(searchArg('names and slugs')), orderBy: t.arg(workspaceOrder.arg) },
			resolve(_root, { search, orderBy, ...args }, context, info) {
				const { viewer, services } = context
				return connectionOf(workspaceOrder.of(orderBy), args, {
					rows: (window) => services.workspaces.list(viewer, { search }, { ...loadedWith('Workspace', context, info), ...window }),
					count: () => services.workspaces.count(viewer, { search }),
				})
			},
		},
		{ name: 'WorkspaceConnection' },
		{ name: 'WorkspaceEdge' },
	),
)

builder.queryField('workspacePage', (t) =>
	t.withAuth({ user: true }).field({
		type: WorkspacePage,
		extensions: { ofRows: true },
		description: 'The same as numbered pages; up to 1,000 on one.',
		rest: { method: 'GET', path: '/workspaces' },
		args: pageArgs(1_000, 1_000),
		resolve: (_root, args, { viewer, services }) => services.workspaces.page(viewer, args),
	}),
)

builder.queryField('workspace', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Workspace,
		extensions: { ofRows: true },
		description: 'A workspace that the caller may know of.',
		rest: { method: 'GET', path: '/workspaces/:slug', key: 'workspace', include: ['documents', 'threads'] },
		args: { slug: t.arg.string(slugArg) },
		resolve: (query, _root, { slug }, { viewer, services }) => services.workspaces.get(viewer, slug, query),
	}),
)

const optionalChunkTokens = within(100, 2_000).nullish()
const optionalChunkOverlap = within(0, 999).nullish()
const optionalShare = within(0, 1).nullish()
const optionalTopN = within(1, 50).nullish()

const CreateWorkspaceInput = builder.inputType('CreateWorkspaceInput', {
	description: 'A workspace to make.',
	fields: (t) => ({
		name: t.string({ required: true, description: 'Its name, 1 to 100 characters.', validate: line(100) }),
		description: t.string({ description: 'What it is for.', validate: optionalText(2_000) }),
		slug: t.string({ description: 'Its name in addresses; made from the name unless given.', validate: optionalSlug }),
		mode: t.field({ type: ChatMode, description: 'The mode of a chat that names none; CHAT unless given.' }),
		rerank: t.boolean({
			description: 'Whether what is found here is put in order by the reranker, where one is set; false unless given.',
		}),
		chunkTokens: t.int({
			description: 'The most tokens that a chunk of a document holds, 100 to 2,000; 400 unless given.',
			validate: optionalChunkTokens,
		}),
		chunkOverlap: t.int({
			description: 'How many of them the next chunk may repeat, less than half; 40 unless given.',
			validate: optionalChunkOverlap,
		}),
		threshold: t.float({ description: 'The least score of results and sources, 0 to 1.', validate: optionalShare }),
		topN: t.int({
			description: 'How many results a search has that does not say, and the most sources of an answer, 1 to 50.',
			validate: optionalTopN,
		}),
		denseWeight: t.float({ description: 'The share that vectors have in the order, 0 to 1.', validate: optionalShare }),
	}),
})

builder.mutationField('createWorkspace', (t) =>
	t.withAuth({ user: true }).field({
		type: CreateWorkspacePayload,
		description: 'Makes a workspace, owned by the caller.',
		rest: { method: 'POST', path: '/workspaces', status: 201, location: '/workspaces/:workspace.slug' },
		idempotent: (id: number, _args, { viewer, services }) => services.workspaces.getById(viewer, id),
		args: { input: t.arg({ type: CreateWorkspaceInput, required: true, description: 'The workspace.' }) },
		resolve: (_root, { input }, { viewer, services, once }) => services.workspaces.create(viewer, input, once),
	}),
)

const UpdateWorkspaceInput = builder.inputType('UpdateWorkspaceInput', {
	description: 'What to change of a workspace: an absent field stays, null clears.',
	fields: (t) => ({
		name: t.string({ description: 'Its name, 1 to 100 characters; cannot be cleared.', validate: optionalLine(100) }),
		description: t.string({ description: 'What it is for.', validate: optionalText(2_000) }),
		mode: t.field({ type: ChatMode, description: 'The mode of a chat that names none; cannot be cleared.' }),
		rerank: t.boolean({
			description: 'Whether what is found here is put in order by the reranker, where one is set; cannot be cleared.',
		}),
		chunkTokens: t.int({
			description:
				'The most tokens that a chunk holds, 100 to 2,000; cannot be cleared. Documents keep the chunks that they have until they are processed again.',
			validate: optionalChunkTokens,
		}),
		chunkOverlap: t.int({
			description: 'How many of them the next chunk may repeat, less than half; cannot be cleared.',
			validate: optionalChunkOverlap,
		}),
		threshold: t.float({ description: 'The least score of results and sources, 0 to 1; null for the product’s.', validate: optionalShare }),
		topN: t.int({
			description: 'How many results a search has that does not say, and the most sources of an answer, 1 to 50; null for the product’s.',
			validate: optionalTopN,
		}),
		denseWeight: t.float({
			description: 'The share that vectors have in the order, 0 to 1; null for the embedder’s.',
			validate: optionalShare,
		}),
	}),
})

builder.mutationField('updateWorkspace', (t) =>
	t.withAuth({ user: true }).field({
		type: UpdateWorkspacePayload,
		description: 'Changes a workspace.',
		rest: { method: 'PUT', path: '/workspaces/:slug' },
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: UpdateWorkspaceInput, required: true, description: 'What to change.' }),
		},
		resolve: (_root, { slug, input }, { viewer, services }) => services.workspaces.update(viewer, slug, input),
	}),
)

builder.mutationField('deleteWorkspace', (t) =>
	t.withAuth({ user: true }).field({
		type: DeleteWorkspacePayload,
		description: 'Deletes a workspace with its documents, threads and chats.',
		rest: { method: 'DELETE', path: '/workspaces/:slug' },
		args: { slug: t.arg.string(slugArg) },
		resolve: (_root, { slug }, { viewer, services }) => services.workspaces.delete(viewer, slug),
	}),
)
