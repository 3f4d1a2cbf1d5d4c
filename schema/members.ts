import { MemberRole as Role } from '../src/generated/prisma/enums.ts'
import type { Pagination as PaginationShape } from '../src/pages.ts'
import { type Member as MemberShape, matchingMembers } from '../src/workspaces/members.ts'
import { builder } from './builder.ts'
import { createOrder, related, searchArg } from './connections.ts'
import { Pagination, pageArgs } from './pages.ts'
import { optionalText, slugArg, userIdArg } from './rules.ts'
import { Workspace } from './workspaces.ts'

const MemberRole = builder.enumType('MemberRole', {
	description: 'What a member may do in a workspace.',
	values: {
		OWNER: { value: Role.owner, description: 'Everything: its members, everybody’s chats, its end.' },
		EDITOR: { value: Role.editor, description: 'Change it and its documents.' },
		VIEWER: { value: Role.viewer, description: 'Read its documents and ask.' },
	} as const,
})

const Member = builder.prismaObject('Member', {
	description: 'Somebody who belongs to a workspace.',
	include: { user: { select: { username: true } } },
	fields: (t) => ({
		userId: t.exposeID('userId', { description: 'The number of the user.' }),
		workspaceId: t.exposeID('workspaceId', {
			rest: false,
			description: 'The number of the workspace; with `userId` it names the member, in a cache too.',
		}),
		username: t.string({ description: 'Their name.', resolve: ({ user }) => user.username }),
		role: t.expose('role', { type: MemberRole, description: 'What they may do there.' }),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when.' }),
	}),
})

const memberOrder = createOrder('Member', ['userId', 'int'], {
	CREATED_AT: { column: ['createdAt', 'time'], description: 'When they came.' },
	USERNAME: { column: ['user.username', 'text'], description: 'Their name.' },
})

builder.prismaObjectField(Workspace, 'members', (t) =>
	t.connection(
		{
			type: Member,
			description: 'Who belongs to it.',
			...related('members', {
				args: {
					search: t.arg.string(searchArg('names')),
					role: t.arg({ type: MemberRole, description: 'Only those who may do this.' }),
					orderBy: t.arg(memberOrder.arg),
				},
				ordering: ({ orderBy }) => memberOrder.of(orderBy),
				where: matchingMembers,
			}),
		},
		{ name: 'MemberConnection' },
		{ name: 'MemberEdge' },
	),
)

const MemberPage = builder.objectRef<{ members: MemberShape[]; pagination: PaginationShape }>('MemberPage').implement({
	description: 'A numbered page of members.',
	fields: (t) => ({
		members: t.expose('members', { type: [Member], description: 'Those of this page.' }),
		pagination: t.expose('pagination', { type: Pagination, description: 'Where this page stands.' }),
	}),
})

const payload = (name: string, description: string) =>
	builder.objectRef<MemberShape>(name).implement({
		description,
		fields: (t) => ({ member: t.field({ type: Member, description: 'The member.', resolve: (member) => member }) }),
	})
const AddMemberPayload = payload('AddMemberPayload', 'A member that came.')
const UpdateMemberPayload = payload('UpdateMemberPayload', 'A member with another role.')

const RemoveMemberPayload = builder.objectRef<{ userId: number; workspaceId: number }>('RemoveMemberPayload').implement({
	description: 'A member that left.',
	fields: (t) => ({
		userId: t.exposeID('userId', { rest: false, description: 'The number of the user.' }),
		workspaceId: t.exposeID('workspaceId', { rest: false, description: 'The number of the workspace.' }),
	}),
})

builder.queryField('memberPage', (t) =>
	t.withAuth({ user: true }).field({
		type: MemberPage,
		description: 'The members of a workspace in numbered pages, in the order in which they came; up to 1,000 on one.',
		rest: { method: 'GET', path: '/workspaces/:slug/members' },
		args: { slug: t.arg.string(slugArg), ...pageArgs(1_000, 1_000) },
		resolve: (_root, { slug, ...args }, { viewer, services }) => services.members.page(viewer, slug, args),
	}),
)

builder.queryField('workspaceMember', (t) =>
	t.withAuth({ user: true }).field({
		type: Member,
		description: 'A member of a workspace.',
		rest: { method: 'GET', path: '/workspaces/:slug/members/:userId', key: 'member' },
		args: { slug: t.arg.string(slugArg), userId: t.arg.id(userIdArg) },
		resolve: (_root, { slug, userId }, { viewer, services }) => services.members.get(viewer, slug, userId),
	}),
)

const AddMemberInput = builder.inputType('AddMemberInput', {
	description: 'Who comes: `userId` or `username`.',
	fields: (t) => ({
		userId: t.id({ description: 'The number of the user.' }),
		username: t.string({ description: 'The name of the user.', validate: optionalText(256) }),
		role: t.field({ type: MemberRole, required: true, description: 'What they may do there.' }),
	}),
})

builder.mutationField('addMember', (t) =>
	t.withAuth({ user: true }).field({
		type: AddMemberPayload,
		description: 'Adds a member to a workspace. For its owners and admins.',
		rest: { method: 'POST', path: '/workspaces/:slug/members', status: 201, location: '/workspaces/:slug/members/:member.userId' },
		idempotent: (id: number, { slug }, { viewer, services }) => services.members.get(viewer, slug, id),
		args: { slug: t.arg.string(slugArg), input: t.arg({ type: AddMemberInput, required: true, description: 'Who comes.' }) },
		resolve: (_root, { slug, input }, { viewer, services, once }) => services.members.add(viewer, slug, input, once),
	}),
)

const UpdateMemberInput = builder.inputType('UpdateMemberInput', {
	description: 'What to change of a member.',
	fields: (t) => ({ role: t.field({ type: MemberRole, required: true, description: 'What they may do there.' }) }),
})

builder.mutationField('updateMember', (t) =>
	t.withAuth({ user: true }).field({
		type: UpdateMemberPayload,
		description: 'Changes the role of a member. For owners and admins; the last owner stays one.',
		rest: { method: 'PUT', path: '/workspaces/:slug/members/:userId' },
		args: {
			slug: t.arg.string(slugArg),
			userId: t.arg.id(userIdArg),
			input: t.arg({ type: UpdateMemberInput, required: true, description: 'What to change.' }),
		},
		resolve: (_root, { slug, userId, input }, { viewer, services }) => services.members.update(viewer, slug, userId, input.role),
	}),
)

builder.mutationField('removeMember', (t) =>
	t.withAuth({ user: true }).field({
		type: RemoveMemberPayload,
		description: 'Removes a member: owners and admins everybody, others themselves. The last owner stays.',
		rest: { method: 'DELETE', path: '/workspaces/:slug/members/:userId' },
		args: { slug: t.arg.string(slugArg), userId: t.arg.id(userIdArg) },
		resolve: (_root, { slug, userId }, { viewer, services }) => services.members.remove(viewer, slug, userId),
	}),
)
