import {
	type GraphQLArgument,
	type GraphQLField,
	type GraphQLInputType,
	type GraphQLSchema,
	getNamedType,
	isInputObjectType,
	isNonNullType,
} from 'graphql'
import type { ErrorCode } from '../../errors.ts'
import { componentSchemas, described, type Json, schemaOf } from './openapi-types.ts'
import type { Route } from './routes.ts'
import { STATUS } from './status.ts'

export interface OpenApiInfo {
	readonly title: string
	readonly version: string
	readonly description?: string
}

/**
 * Completes the OpenAPI 3.1 document that Sofa made from the view. Its types are made anew, for Sofa's know no null, no default and no nested
 * input type; a body is the `input` type itself, and answers stand in the envelope.
 */
export function completeOpenApi(document: unknown, view: GraphQLSchema, routes: readonly Route[], info: OpenApiInfo, base: string): Json {
	const { paths } = document as { paths: Record<string, Record<string, Json>> }
	const shown: Record<string, Record<string, Json>> = {}
	for (const route of routes) {
		const path = route.path.replace(/:(\w+)/g, '{$1}')
		const method = route.method.toLowerCase()
		const operation = paths[path]?.[method]
		const field = (route.operation === 'query' ? view.getQueryType() : view.getMutationType())?.getFields()[route.field.name]
		if (!operation || !field) throw new Error(`Sofa made no operation for ${route.coordinate}`)
		shown[path] = { ...shown[path], [method]: completed(operation, route, field) }
	}
	return {
		openapi: '3.1.0',
		info,
		servers: [{ url: base }],
		security: [{ bearer: [] }],
		tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
		paths: shown,
		components: {
			securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
			headers: HEADERS,
			responses: Object.fromEntries(ERRORS.map((error) => [error.name, errorResponse(error)])),
			schemas: { ...componentSchemas(view), Failure: FAILURE },
		},
	}
}

const tagOf = ({ path }: Route): string => path.split('/')[1] ?? ''

type Field = GraphQLField<unknown, unknown>

function completed({ requestBody: _loose, ...operation }: Json, route: Route, field: Field): Json {
	const input = field.args.find(({ name }) => name === 'input')
	const data = schemaOf(field.type)
	const success = {
		description: field.description ?? 'Success.',
		headers: {
			...headers('RateLimit-Policy', 'RateLimit'),
			...(route.location !== undefined && { Location: { description: 'Where it is.', schema: { type: 'string' } } }),
		},
		content: { 'application/json': { schema: envelope(route.key === undefined ? data : keyed(route.key, data)) } },
	}
	return {
		...operation,
		operationId: field.name,
		tags: [tagOf(route)],
		...(field.description && { summary: firstSentence(field.description), description: field.description }),
		...(field.deprecationReason && { deprecated: true }),
		...(route.isPublic && { security: [] }),
		parameters: field.args.filter((arg) => arg !== input).map((arg) => parameter(arg, route)),
		...(input && { requestBody: requestBody(input, route) }),
		responses: {
			[route.status]: success,
			...Object.fromEntries(errorsOf(route).map(({ code, name }) => [STATUS[code], { $ref: `#/components/responses/${name}` }])),
		},
	}
}

function parameter({ name, description, type, defaultValue }: GraphQLArgument, { parameters }: Route): Json {
	const isInPath = parameters.includes(name)
	return {
		name,
		in: isInPath ? 'path' : 'query',
		required: isInPath || (isNonNullType(type) && defaultValue === undefined),
		...(description && { description }),
		schema: described(schemaOf(type, false), { defaultValue }),
	}
}

function requestBody({ type }: GraphQLArgument, { kind }: Route): Json {
	const content = kind === 'multipart' ? { 'multipart/form-data': form(type) } : { 'application/json': { schema: schemaOf(type, false) } }
	return { required: isNonNullType(type), content }
}

/** A part that is neither a file nor a simple value is written as JSON. */
function form(type: GraphQLInputType): Json {
	const parts = getNamedType(type)
	if (!isInputObjectType(parts)) throw new Error(`a form cannot be a ${type}`)
	const isSimple = (part: GraphQLInputType) =>
		typeof schemaOf(part, false)['type'] === 'string' && schemaOf(part, false)['type'] !== 'object'
	const structures = Object.values(parts.getFields()).filter((part) => !isSimple(part.type))
	const encoding = Object.fromEntries(structures.map(({ name }) => [name, { contentType: 'application/json' }]))
	return { schema: schemaOf(type, false), ...(structures.length > 0 && { encoding }) }
}

// ---- answers

const keyed = (key: string, schema: Json): Json => ({ type: 'object', required: [key], properties: { [key]: schema } })

const ENVELOPE_KEYS = ['success', 'data', 'error', 'message']

const envelope = (data: Json): Json => ({
	type: 'object',
	required: ENVELOPE_KEYS,
	properties: { success: { const: true }, data, error: { type: 'null' }, message: { type: 'string' } },
})

const FAILURE = {
	type: 'object',
	description: 'What every failure answers.',
	required: ENVELOPE_KEYS,
	properties: {
		success: { const: false },
		data: { type: 'null' },
		error: { type: 'string', description: 'What is wrong and what to do.' },
		message: { type: 'string' },
	},
}

interface DocumentedError {
	readonly code: ErrorCode
	readonly name: string
	readonly description: string
	isPossible(route: Route): boolean
}

const always = () => true
const changes = ({ operation }: Route) => operation === 'mutation'
const hasBody = ({ input }: Route) => input !== undefined
const isGuarded = ({ isPublic }: Route) => !isPublic

const ERRORS: readonly DocumentedError[] = [
	{
		code: 'BAD_REQUEST',
		name: 'BadRequest',
		description: 'It cannot be read as the documented types.',
		isPossible: ({ args }) => args.length > 0,
	},
	{
		code: 'UNAUTHENTICATED',
		name: 'Unauthenticated',
		description: 'No token, a wrong or expired one, or wrong credentials.',
		isPossible: always,
	},
	{ code: 'FORBIDDEN', name: 'Forbidden', description: 'Known, but not allowed.', isPossible: isGuarded },
	{ code: 'NOT_FOUND', name: 'NotFound', description: 'No such thing, or none that this caller may know of.', isPossible: always },
	{ code: 'CONFLICT', name: 'Conflict', description: 'It contradicts what is there.', isPossible: changes },
	{ code: 'PAYLOAD_TOO_LARGE', name: 'PayloadTooLarge', description: 'The body is too large.', isPossible: hasBody },
	{ code: 'UNSUPPORTED_MEDIA_TYPE', name: 'UnsupportedMediaType', description: 'The body has another content type.', isPossible: hasBody },
	{
		code: 'UNPROCESSABLE',
		name: 'Unprocessable',
		description: 'It can be read, but a rule refuses a value.',
		isPossible: ({ args }) => args.length > 0,
	},
	{
		code: 'RATE_LIMITED',
		name: 'RateLimited',
		description: 'Too many requests; `Retry-After` says when to try again.',
		isPossible: always,
	},
	{ code: 'INTERNAL', name: 'Internal', description: 'Something broke on the server.', isPossible: always },
	{ code: 'PROVIDER_ERROR', name: 'ProviderError', description: 'A model provider refused.', isPossible: changes },
	{ code: 'UNAVAILABLE', name: 'Unavailable', description: 'A part that it needs is down.', isPossible: always },
]

const errorsOf = (route: Route) => ERRORS.filter(({ isPossible }) => isPossible(route))

const HEADERS = {
	'X-Error-Code': { description: 'What went wrong, for programs.', schema: { type: 'string', enum: Object.keys(STATUS) } },
	'RateLimit-Policy': { description: 'The limits that the call counts for: `q` calls in `w` seconds.', schema: { type: 'string' } },
	RateLimit: { description: 'Where the caller stands with them: `r` calls for another `t` seconds.', schema: { type: 'string' } },
	'Retry-After': { description: 'When to try again, in seconds.', schema: { type: 'integer', minimum: 1 } },
} as const

const headers = (...names: (keyof typeof HEADERS)[]): Json =>
	Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const errorResponse = ({ code, description }: DocumentedError): Json => ({
	description,
	headers: headers('X-Error-Code', ...(code === 'RATE_LIMITED' ? (['RateLimit-Policy', 'RateLimit', 'Retry-After'] as const) : [])),
	content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
})

const firstSentence = (text: string): string => /^.*?[.。](?=\s|$)/s.exec(text)?.[0] ?? text
