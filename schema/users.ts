import { UserRole as Role } from '../src/generated/prisma/enums.ts'
import type { UserModel } from '../src/generated/prisma/models.ts'
import type { Pagination as PaginationShape } from '../src/pages.ts'
import { builder } from './builder.ts'
import { connectionOf, createOrder, periodArgs, searchArg } from './connections.ts'
import { Pagination, pageArgs } from './pages.ts'
import { password, userIdArg, username } from './rules.ts'

const UserRole = builder.enumType('UserRole', {
	description: 'What a user may do on the whole server.',
	values: {
		ADMIN: { value: Role.admin, description: 'Everything.' },
		USER: { value: Role.user, description: 'What their workspaces allow.' },
	} as const,
})

export const User = builder.prismaObject('User', {
	description: 'Somebody who can sign in.',
	fields: (t) => ({
		id: t.exposeID('id', { description: 'Its number.' }),
		username: t.exposeString('username', { description: 'The name to sign in with.' }),
		role: t.expose('role', { type: UserRole, description: 'What they may do on the whole server.' }),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
		lastLogin: t.expose('lastLogin', {
			type: 'DateTime',
			nullable: true,
			description: 'When they last signed in; null before the first time.',
		}),
	}),
})

const UserPage = builder.objectRef<{ users: UserModel[]; pagination: PaginationShape }>('UserPage').implement({
	description: 'A numbered page of users.',
	fields: (t) => ({
		users: t.expose('users', { type: [User], description: 'Those of this page.' }),
		pagination: t.expose('pagination', { type: Pagination, description: 'Where this page stands.' }),
	}),
})

const payload = (name: string, description: string) =>
	builder.objectRef<UserModel>(name).implement({
		description,
		fields: (t) => ({ user: t.field({ type: User, description: 'The user.', resolve: (user) => user }) }),
	})
const CreateUserPayload = payload('CreateUserPayload', 'A user that was made.')
const UpdateUserPayload = payload('UpdateUserPayload', 'A user that was changed.')

const DeleteUserPayload = builder.objectRef<{ id: number }>('DeleteUserPayload').implement({
	description: 'A user that is gone.',
	fields: (t) => ({ userId: t.exposeID('id', { rest: false, description: 'The number that they had.' }) }),
})

const MAX_NAME = 64
const MIN_PASSWORD = 8
const MAX_PASSWORD = 256

const userOrder = createOrder('User', ['id', 'int'], {
	CREATED_AT: { column: ['createdAt', 'time'], description: 'When the account was made.' },
	USERNAME: { column: ['username', 'text'], description: 'The name to sign in with.' },
})

builder.queryField('users', (t) =>
	t.withAuth({ admin: true }).connection(
		{
			type: User,
			description: 'The users. For admins.',
			args: {
				search: t.arg.string(searchArg('names')),
				role: t.arg({ type: UserRole, description: 'Only those of this role.' }),
				...periodArgs(),
				orderBy: t.arg(userOrder.arg),
			},
			resolve: (_root, args, { services }) =>
				connectionOf(userOrder.of(args.orderBy), args, {
					rows: (window) => services.users.list(args, window),
					count: () => services.users.count(args),
				}),
		},
		{ name: 'UserConnection' },
		{ name: 'UserEdge' },
	),
)

builder.queryField('userPage', (t) =>
	t.withAuth({ admin: true }).field({
		type: UserPage,
		description: 'The same as numbered pages; up to 1,000 on one.',
		rest: { method: 'GET', path: '/users' },
		args: { ...pageArgs(1_000, 1_000), role: t.arg({ type: UserRole, description: 'Only those of this role.' }) },
		resolve: (_root, args, { services }) => services.users.page(args),
	}),
)

builder.queryField('user', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: User,
		description: 'A user. An admin sees everybody, others themselves.',
		rest: { method: 'GET', path: '/users/:userId', key: 'user' },
		args: { userId: t.arg.id(userIdArg) },
		resolve: (query, _root, { userId }, { viewer, services }) => services.users.get(viewer, userId, query),
	}),
)

const CreateUserInput = builder.inputType('CreateUserInput', {
	description: 'A user to make.',
	fields: (t) => ({
		username: t.string({
			required: true,
			description: `The name to sign in with, 1 to ${MAX_NAME} characters.`,
			validate: username(MAX_NAME),
		}),
		password: t.string({
			required: true,
			description: `Their password, ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`,
			validate: password(MIN_PASSWORD, MAX_PASSWORD),
		}),
		role: t.field({ type: UserRole, description: 'What they may do; USER unless given.' }),
	}),
})

builder.mutationField('createUser', (t) =>
	t.withAuth({ admin: true }).field({
		type: CreateUserPayload,
		description: 'Makes a user. For admins.',
		rest: { method: 'POST', path: '/users', status: 201, location: '/users/:user.id' },
		idempotent: (id: number, _args, { viewer, services }) => services.users.get(viewer, id),
		args: { input: t.arg({ type: CreateUserInput, required: true, description: 'The user.' }) },
		resolve: (_root, { input }, { services, once }) => services.users.create(input, once),
	}),
)

const UpdateUserInput = builder.inputType('UpdateUserInput', {
	description: 'What to change of a user: an absent field stays; none can be cleared.',
	fields: (t) => ({
		username: t.string({ description: `The name to sign in with, 1 to ${MAX_NAME} characters.`, validate: username(MAX_NAME).nullish() }),
		password: t.string({
			description: `Their password, ${MIN_PASSWORD} to ${MAX_PASSWORD} characters. A new one ends their other sessions.`,
			validate: password(MIN_PASSWORD, MAX_PASSWORD).nullish(),
		}),
		role: t.field({ type: UserRole, description: 'What they may do; an admin changes it. A new one ends all their sessions.' }),
	}),
})

builder.mutationField('updateUser', (t) =>
	t.withAuth({ user: true }).field({
		type: UpdateUserPayload,
		description: 'Changes a user: an admin everybody, others themselves. The last admin stays one.',
		rest: { method: 'PUT', path: '/users/:userId' },
		args: {
			userId: t.arg.id(userIdArg),
			input: t.arg({ type: UpdateUserInput, required: true, description: 'What to change.' }),
		},
		resolve: (_root, { userId, input }, { viewer, services }) => services.users.update(viewer, userId, input),
	}),
)

builder.mutationField('deleteUser', (t) =>
	t.withAuth({ admin: true }).field({
		type: DeleteUserPayload,
		description:
			'Deletes a user with their sessions, threads and chats. What they put into workspaces stays; where they were the only owner, the caller becomes one. For admins; the last one stays.',
		rest: { method: 'DELETE', path: '/users/:userId' },
		args: { userId: t.arg.id(userIdArg) },
		resolve: (_root, { userId }, { viewer, services }) => services.users.delete(viewer, userId),
	}),
)
