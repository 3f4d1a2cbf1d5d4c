import { type GraphQLField, type GraphQLInputType, getNamedType, getNullableType, isInputObjectType, isListType } from 'graphql'
import { AppError, type ErrorCode } from '../../errors.ts'
import { failure, success } from './envelope.ts'
import { CACHED, COMMON, DEPRECATED, headers } from './openapi-headers.ts'
import { type Json, schemaOf } from './openapi-types.ts'
import type { Route } from './routes.ts'
import { STATUS } from './status.ts'

const ENVELOPE_KEYS = ['success', 'data', 'error', 'message']

const keyed = (key: string, schema: Json): Json => ({ type: 'object', required: [key], properties: { [key]: schema } })

const envelope = (data: Json): Json => ({
	type: 'object',
	required: ENVELOPE_KEYS,
	properties: { success: { type: 'boolean', const: true }, data, error: { type: 'null' }, message: { type: 'string' } },
})

/** What every failure answers. */
export const FAILURE = {
	type: 'object',
	description: 'What every failure answers.',
	required: ENVELOPE_KEYS,
	properties: {
		success: { type: 'boolean', const: false },
		data: { type: 'null' },
		error: { type: 'string', description: 'What is wrong and what to do.' },
		message: { type: 'string' },
	},
	examples: [{ success: false, data: null, error: '错误详细信息', message: '操作失败' }],
}

/** The answer of a call that went well, by its status. */
export function successOf(route: Route, field: GraphQLField<unknown, unknown>, example: { readonly data: unknown } | undefined): Json {
	if (route.kind === 'sse') return eventsOf(route, field, example?.data)
	return route.kind === 'bytes' ? bytesOf(field, example?.data) : answerOf(route, field, example)
}

function answerOf(
	{ status, key, location, method, deprecated, field: { extensions } }: Route,
	{ description, type }: GraphQLField<unknown, unknown>,
	example: { readonly data: unknown } | undefined,
): Json {
	const data = schemaOf(type)
	const content = {
		schema: envelope(key === undefined ? data : keyed(key, data)),
		...(example && { example: success(example.data, status, {}, 'zh').body }),
	}
	return {
		[status]: {
			description: description ?? 'Success.',
			headers: headers(
				...COMMON,
				...(method === 'GET' ? CACHED : []),
				...(location === undefined ? [] : (['Location'] as const)),
				...(extensions.idempotent === 'key' ? (['Idempotency-Replayed'] as const) : []),
				...(deprecated ? DEPRECATED : []),
			),
			content: { 'application/json': content },
		},
		...(method === 'GET' && { 304: { $ref: '#/components/responses/NotModified' } }),
	}
}

/** OpenAPI has no schema of a stream: it is that of one event. */
function eventsOf({ status, events, replay }: Route, { description }: GraphQLField<unknown, unknown>, example: unknown): Json {
	const event = (name: string, data: Json, id = replay !== undefined): Json => ({
		type: 'object',
		required: [...(id ? ['id'] : []), 'event', 'data'],
		properties: { ...(id && { id: { type: 'string' } }), event: { type: 'string', const: name }, data },
	})
	const shown = [...events].map(([name, type]) => event(name, { $ref: `#/components/schemas/${type}` }))
	return {
		[status]: {
			description: `${description ?? 'Events.'} As server-sent events, each with its type as \`event\` and JSON as \`data\`. The stream ends when there is nothing more to tell, or with the event \`error\`. Comments keep it alive.`,
			headers: headers(...COMMON),
			content: {
				'text/event-stream': {
					schema: { oneOf: [...shown, event('error', EVENT_ERROR, false)] },
					...(example !== undefined && { example }),
				},
			},
		},
	}
}

const EVENT_ERROR = {
	type: 'object',
	description: 'Why a stream breaks off.',
	required: ['code', 'error'],
	properties: {
		code: { type: 'string', description: 'What went wrong, for programs.' },
		error: { type: 'string', description: 'What is wrong and what to do.' },
	},
}

function bytesOf({ description }: GraphQLField<unknown, unknown>, example: unknown): Json {
	const file = (text: string, more: readonly 'Content-Range'[]): Json => ({
		description: text,
		headers: headers(...COMMON, ...CACHED, 'Accept-Ranges', 'Content-Disposition', ...more),
		content: { '*/*': { schema: { type: 'string', format: 'binary' }, ...(example !== undefined && { example }) } },
	})
	return {
		200: file(description ?? 'The file.', []),
		206: file('The part of it that `Range` asks for.', ['Content-Range']),
		304: { $ref: '#/components/responses/NotModified' },
	}
}

// ---- failures

interface DocumentedError {
	readonly name: string
	readonly description: string
	/** As a caller may read it. */
	readonly example: AppError
	isPossible(route: Route): boolean
}

const always = () => true
const hasBody = ({ input }: Route) => input !== undefined
const hasArguments = ({ args }: Route) => args.length > 0
const namesThings = ({ args }: Route) => args.some(({ name, type }) => name === 'slug' || namesThing(type))

/** Whether a value of the type is, or contains, the id of something. */
function namesThing(type: GraphQLInputType): boolean {
	const named = getNamedType(type)
	return isInputObjectType(named) ? Object.values(named.getFields()).some((field) => namesThing(field.type)) : /ID$/.test(named.name)
}

/** By status, in its order. */
const ERRORS: Readonly<Partial<Record<ErrorCode, DocumentedError>>> = {
	BAD_REQUEST: {
		name: 'BadRequest',
		description: 'It cannot be read as the documented types.',
		example: new AppError('badValue', { at: 'page', expected: '1' }),
		isPossible: hasArguments,
	},
	UNAUTHENTICATED: {
		name: 'Unauthenticated',
		description: 'No token, a wrong or expired one, or wrong credentials.',
		example: new AppError('notSignedIn'),
		isPossible: always,
	},
	FORBIDDEN: {
		name: 'Forbidden',
		description: 'Known, but not allowed.',
		example: new AppError('forbidden'),
		isPossible: ({ isPublic, isForAdmins, parameters }) => isForAdmins || (!isPublic && parameters.length > 0),
	},
	NOT_FOUND: {
		name: 'NotFound',
		description: 'No such thing, or none that this caller may know of.',
		example: new AppError('noSuchWorkspace', { slug: 'my-workspace' }),
		isPossible: namesThings,
	},
	NOT_ACCEPTABLE: {
		name: 'NotAcceptable',
		description: 'The caller does not accept what is answered here: JSON, or a stream of events.',
		example: new AppError('notAcceptable', { offered: 'application/json' }),
		isPossible: ({ kind }) => kind !== 'bytes',
	},
	CONFLICT: {
		name: 'Conflict',
		description: 'It contradicts what is there.',
		example: new AppError('slugTaken', { slug: 'my-workspace' }),
		isPossible: ({ operation, isPublic, input, parameters }) =>
			operation === 'mutation' && !isPublic && (input !== undefined || parameters.length > 0),
	},
	PAYLOAD_TOO_LARGE: {
		name: 'PayloadTooLarge',
		description: 'The body is too large.',
		example: new AppError('bodyTooLarge', { maxBytes: 1024 * 1024 }),
		isPossible: hasBody,
	},
	RANGE_NOT_SATISFIABLE: {
		name: 'RangeNotSatisfiable',
		description: 'The file has no such part.',
		example: new AppError('badRange', { size: 1024 }),
		isPossible: ({ kind }) => kind === 'bytes',
	},
	UNSUPPORTED_MEDIA_TYPE: {
		name: 'UnsupportedMediaType',
		description: 'The body has another content type.',
		example: new AppError('unsupportedMediaType', { expected: 'application/json' }),
		isPossible: hasBody,
	},
	UNPROCESSABLE: {
		name: 'Unprocessable',
		description: 'It can be read, but a rule refuses a value.',
		example: new AppError('tooLarge', { at: 'limit', max: 100 }),
		isPossible: hasArguments,
	},
	RATE_LIMITED: {
		name: 'RateLimited',
		description: 'Too many requests; `Retry-After` says when to try again.',
		example: new AppError('rateLimited', { limit: 'default', quota: 100, seconds: 30 }),
		isPossible: always,
	},
	INTERNAL: {
		name: 'Internal',
		description: 'Something broke on the server.',
		example: new AppError('internal'),
		isPossible: always,
	},
	PROVIDER_ERROR: {
		name: 'ProviderError',
		description: 'A model provider refused.',
		example: new AppError('providerQuota', { provider: 'openai' }),
		isPossible: ({ field }) => field.extensions.limit === 'chat',
	},
	UNAVAILABLE: {
		name: 'Unavailable',
		description: 'A part that it needs is down, or the server is stopping.',
		example: new AppError('unavailable', { part: 'milvus' }),
		isPossible: always,
	},
}

/** Refused before it is read, so by a status that no code of its own has. */
const HEADERS_TOO_LARGE = {
	name: 'HeadersTooLarge',
	description: 'The address and the headers are too long: of lists in the query string some hundreds of values fit.',
	example: new AppError('headersTooLarge'),
	code: 'BAD_REQUEST',
	status: 431,
	isPossible: ({ input, args }: Route) => input === undefined && args.some(({ type }) => isListType(getNullableType(type))),
} as const

const errors = [
	...Object.entries(ERRORS).map(([code, error]) => ({ ...error, code: code as ErrorCode, status: STATUS[code as ErrorCode] })),
	HEADERS_TOO_LARGE,
]

/** The failures of a route that can come. */
export const errorsOf = (route: Route) =>
	errors.filter(({ code, status, isPossible }) => isPossible(route) || (status === STATUS[code] && route.errors?.includes(code)))

/** Every answer that many routes have, by name. */
export const SHARED_RESPONSES: Readonly<Record<string, Json>> = {
	NotModified: { description: 'Nothing has changed since the answer with this `ETag`.', headers: headers(...COMMON, ...CACHED) },
	...Object.fromEntries(
		errors.map(({ name, description, example, code, status }) => [name, errorResponse(description, example, code, status)]),
	),
}

function errorResponse(description: string, example: AppError, code: ErrorCode, status: number): Json {
	const codes = Object.entries(STATUS).flatMap(([other, its]) => (its === status || other === code ? [other] : []))
	return {
		description: `${codes.map((each) => `\`${each}\``).join(', ')}: ${description}`,
		headers: {
			...headers(
				...COMMON,
				...(code === 'RATE_LIMITED' ? (['Retry-After'] as const) : []),
				...(code === 'UNAUTHENTICATED' ? (['WWW-Authenticate'] as const) : []),
			),
			'X-Error-Code': { description: 'What went wrong, for programs.', required: true, schema: { type: 'string', enum: codes } },
		},
		content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' }, example: failure(example, {}, 'zh').body } },
	}
}
