import { UserRole as Role } from '../src/generated/prisma/enums.ts'
import { builder } from './builder.ts'

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
