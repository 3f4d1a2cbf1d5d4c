import { builder } from './builder.ts'
import { message } from './rules.ts'
import { User } from './users.ts'

const LoginInput = builder.inputType('LoginInput', {
	description: 'Who signs in.',
	fields: (t) => ({
		username: t.string({ required: true, description: 'The name of the user.', validate: message(256).normalize('NFC') }),
		password: t.string({ required: true, description: 'Their password.', validate: message(1_024).meta({ format: 'password' }) }),
	}),
})

const LoginPayload = builder.objectRef<{ token: string; user: typeof User.$inferType }>('LoginPayload').implement({
	description: 'A session that has begun.',
	fields: (t) => ({
		token: t.exposeString('token', { description: 'The JWT to send as `Authorization: Bearer <token>`.' }),
		user: t.expose('user', { type: User, description: 'Who signed in.' }),
	}),
})

const VerifyPayload = builder.objectRef<typeof User.$inferType>('VerifyPayload').implement({
	description: 'A token that is valid, and whose it is.',
	fields: (t) => ({
		valid: t.boolean({ description: 'Always true: a token that is not valid is an error.', resolve: () => true }),
		user: t.field({ type: User, description: 'Whose token it is.', resolve: (user) => user }),
	}),
})

const LogoutPayload = builder.objectRef<object>('LogoutPayload').implement({
	description: 'A session that has ended.',
	fields: (t) => ({ ended: t.boolean({ rest: false, description: 'Always true.', resolve: () => true }) }),
})

builder.queryField('viewer', (t) =>
	t.withAuth({ user: true }).field({
		type: User,
		extensions: { ofRows: true },
		description: 'Who asks.',
		resolve: (_root, _args, { viewer, services }) => services.auth.me(viewer),
	}),
)

builder.queryField('verify', (t) =>
	t.withAuth({ user: true }).field({
		type: VerifyPayload,
		extensions: { ofRows: true },
		description: 'Whose the token of this request is. An error (UNAUTHENTICATED) when it is not valid.',
		rest: { method: 'GET', path: '/auth/verify' },
		limit: 'auth',
		resolve: (_root, _args, { viewer, services }) => services.auth.me(viewer),
	}),
)

builder.mutationField('login', (t) =>
	t.field({
		type: LoginPayload,
		description: 'Begins a session.',
		authScopes: { public: true },
		rest: { method: 'POST', path: '/auth/login' },
		limit: 'auth',
		args: { input: t.arg({ type: LoginInput, required: true, description: 'Who signs in.' }) },
		resolve: (_root, { input }, { services }) => services.auth.login(input.username, input.password),
	}),
)

builder.mutationField('logout', (t) =>
	t.withAuth({ user: true }).field({
		type: LogoutPayload,
		description: 'Ends the session of the token of this request.',
		rest: { method: 'POST', path: '/auth/logout' },
		resolve: (_root, _args, { viewer, services }) => services.auth.logout(viewer),
	}),
)
