import { resolveArrayConnection } from '@pothos/plugin-relay'
import { GraphQLError } from 'graphql'
import { AppError } from '../../../src/errors.ts'
import { builder, type Context } from './builder.ts'
import type { User, Workspace } from './store.ts'
import { DocumentPage, Seen, UserRole, UserType, Verification, WorkspaceType } from './types.ts'

export const slugArg = { required: true, description: 'The slug of the workspace.' } as const

export function workspaceOf({ store }: Context, slug: string): Workspace {
	const found = store.workspaces.find((workspace) => workspace.slug === slug)
	if (!found) throw new AppError('noSuchWorkspace', { slug })
	return found
}

builder.queryFields((t) => ({
	verify: t.field({
		type: Verification,
		description: 'Whether the token is valid. Tells whose it is.',
		authScopes: { user: true },
		rest: { method: 'GET', path: '/auth/verify' },
		resolve: (_root, _args, { viewer }) => ({ valid: true, user: viewer as User }),
	}),
	workspaces: t.connection({
		type: WorkspaceType,
		rest: { method: 'GET', path: '/workspaces', key: 'workspaces' },
		resolve: (_root, args, { store }) => resolveArrayConnection({ args }, store.workspaces),
	}),
	workspace: t.field({
		type: WorkspaceType,
		args: { slug: t.arg.string(slugArg) },
		rest: { method: 'GET', path: '/workspaces/:slug', key: 'workspace', include: ['documents', 'threads'] },
		resolve: (_root, { slug }, context) => workspaceOf(context, slug),
	}),
	space: t.field({
		type: WorkspaceType,
		deprecationReason: 'Ask for `workspace`.',
		args: { slug: t.arg.string(slugArg) },
		rest: {
			method: 'GET',
			path: '/spaces/:slug',
			deprecated: { since: '2026-11-23', sunset: '2027-05-31', successor: '/workspaces/:slug' },
		},
		resolve: (_root, { slug }, context) => workspaceOf(context, slug),
	}),
	documentPage: t.field({
		type: DocumentPage,
		rest: { method: 'GET', path: '/workspaces/:slug/documents' },
		args: {
			slug: t.arg.string(slugArg),
			page: t.arg.int({ required: true, defaultValue: 1 }),
			limit: t.arg.int({ required: true, defaultValue: 20 }),
			search: t.arg.string({ description: 'A part of the name.' }),
			least: t.arg.float(),
			isSmall: t.arg.boolean(),
			ids: t.arg.idList(),
			threadId: t.arg({ type: 'ThreadID' }),
		},
		resolve: (_root, { slug, page, limit, search, least, isSmall, ids }, context) => {
			if (page < 1) throw new AppError('empty', { at: 'page' })
			const { id } = workspaceOf(context, slug)
			const all = context.store.documents.filter(
				(document) =>
					document.workspaceId === id &&
					(!search || document.filename.includes(search)) &&
					(least == null || document.size >= least) &&
					(isSmall == null || document.size < 100 === isSmall) &&
					(!ids || ids.includes(document.id)),
			)
			const documents = all.slice((page - 1) * limit, page * limit)
			return { documents, pagination: { page, limit, total: all.length, pages: Math.ceil(all.length / limit) } }
		},
	}),
	users: t.field({
		type: [UserType],
		args: { role: t.arg({ type: UserRole }) },
		rest: { method: 'GET', path: '/users', key: 'users' },
		resolve: (_root, { role }, { store }) => store.users.filter((user) => !role || user.role === role),
	}),
	me: t.field({
		type: UserType,
		nullable: true,
		rest: { method: 'GET', path: '/users/me', key: 'user' },
		resolve: (_root, _args, { viewer }) => viewer ?? null,
	}),
	search: t.field({
		type: Seen,
		args: { query: t.arg.string({ required: true }) },
		rest: { method: 'GET', path: '/search' },
		resolve: (_root, { query }) => ({ seen: query }),
	}),
	broken: t.string({
		rest: { method: 'GET', path: '/broken' },
		resolve: () => {
			throw new Error('the password is hunter2')
		},
	}),
	limited: t.string({
		rest: { method: 'GET', path: '/limited' },
		resolve: () => {
			const extensions = { http: { headers: { 'Retry-After': '7' } } }
			throw new GraphQLError('', { originalError: new AppError('unavailable', { part: 'llm' }), extensions })
		},
	}),
	nullableBroken: t.string({
		nullable: true,
		rest: { method: 'GET', path: '/nullable-broken', key: 'value' },
		resolve: () => {
			throw new AppError('forbidden')
		},
	}),
}))
