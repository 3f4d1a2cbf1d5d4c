import {
	type GraphQLArgument,
	type GraphQLField,
	type GraphQLInputType,
	type GraphQLSchema,
	getNamedType,
	isInputObjectType,
	isNonNullType,
	isRequiredInputField,
} from 'graphql'
import { errorsOf, FAILURE, SHARED_RESPONSES, successOf } from './openapi-answers.ts'
import { HEADER_PARAMETERS, HEADERS, headerParametersOf } from './openapi-headers.ts'
import { componentSchemas, described, type Json, schemaOf } from './openapi-types.ts'
import type { Route } from './routes.ts'
import { isStream, viewedField } from './view.ts'

export interface OpenApiInfo {
	readonly title: string
	readonly version: string
	readonly description?: string
}

/** What the document says that the schema does not. */
export interface OpenApiTexts {
	readonly info: OpenApiInfo
	/** Beside its URL. */
	readonly server?: Readonly<Json>
	/** A route belongs to the tag that names the last segment of its path that any names; without one, to its first segment. */
	readonly tags?: readonly Tag[]
	/** By operation. */
	readonly examples?: Readonly<Record<string, Example>>
}

interface Tag {
	readonly name: string
	readonly title: { readonly zh: string; readonly en: string }
	readonly segments: readonly string[]
}

interface Example {
	/** Begins the summary. */
	readonly title?: string
	/** Of the body. */
	readonly request?: unknown
	readonly data: unknown
}

/**
 * Completes the OpenAPI 3.1 document that Sofa made from the view. Its types are made anew, for Sofa's know no null, no default and no nested
 * input type; a body is the `input` type itself, and answers stand in the envelope.
 */
export function completeOpenApi(document: unknown, view: GraphQLSchema, routes: readonly Route[], texts: OpenApiTexts, base: string): Json {
	const { paths } = document as { paths: Record<string, Record<string, Json>> }
	const { info, server, tags = [] } = texts
	const shown: Record<string, Record<string, Json>> = {}
	for (const route of routes) {
		const path = route.path.replace(/:(\w+)/g, '{$1}')
		const method = route.method.toLowerCase()
		const field = viewedField(view, route)
		const operation = isStream(route) ? {} : paths[path]?.[method]
		if (!operation) throw new Error(`Sofa made no operation for ${route.coordinate}`)
		shown[path] = { ...shown[path], [method]: completed(operation, route, field, texts) }
	}
	const used = new Set(routes.map((route) => tagOf(route, tags)))
	return {
		openapi: '3.1.0',
		info,
		servers: [{ url: base, ...server }],
		security: [{ bearer: [] }],
		tags: [...tags.filter(({ name }) => used.delete(name)).map(shownTag), ...[...used].map((name) => ({ name }))],
		paths: shown,
		components: {
			securitySchemes: {
				bearer: {
					type: 'http',
					scheme: 'bearer',
					bearerFormat: 'JWT',
					description: 'The token of `POST /auth/login`, a JWT as RFC8725 advises.',
				},
			},
			parameters: referredTo(HEADER_PARAMETERS, 'parameters', shown),
			headers: referredTo(HEADERS, 'headers', [shown, SHARED_RESPONSES]),
			responses: referredTo(SHARED_RESPONSES, 'responses', shown),
			schemas: { ...componentSchemas(view), Failure: FAILURE },
		},
	}
}

/** Of the components of a kind, those that something refers to. */
function referredTo(components: Readonly<Json>, kind: string, referring: unknown): Json {
	const text = JSON.stringify(referring)
	return Object.fromEntries(Object.entries(components).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)))
}

const shownTag = ({ name, title: { zh, en } }: Tag): Json => ({ name, description: `${zh} / ${en}`, 'x-displayName': `${zh} ${en}` })

function tagOf({ path }: Route, tags: readonly Tag[]): string {
	const segments = path.split('/').slice(1)
	const named = segments.findLast((segment) => tags.some((tag) => tag.segments.includes(segment)))
	return tags.find((tag) => named !== undefined && tag.segments.includes(named))?.name ?? segments[0] ?? ''
}

type Field = GraphQLField<unknown, unknown>

function completed(
	{ requestBody: _loose, ...operation }: Json,
	route: Route,
	field: Field,
	{ tags = [], examples = {} }: OpenApiTexts,
): Json {
	const input = field.args.find(({ name }) => name === 'input')
	const example = examples[field.name]
	return {
		...operation,
		operationId: route.name,
		tags: [tagOf(route, tags)],
		...(field.description && {
			summary: [example?.title, firstSentence(field.description)].filter(Boolean).join(' · '),
			description: field.description,
		}),
		...(field.deprecationReason && { deprecated: true }),
		...(route.isPublic && { security: [] }),
		parameters: [...field.args.filter((arg) => arg !== input).map((arg) => parameter(arg, route)), ...headerParametersOf(route)],
		...(input && { requestBody: requestBody(input, route, example) }),
		responses: {
			...successOf(route, field, example),
			...Object.fromEntries(errorsOf(route).map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }])),
		},
	}
}

function parameter({ name, description, type, defaultValue, extensions }: GraphQLArgument, { parameters }: Route): Json {
	const isInPath = parameters.includes(name)
	const schema = described(schemaOf(type, false), { defaultValue, extensions })
	return {
		name,
		in: isInPath ? 'path' : 'query',
		required: isInPath || (isNonNullType(type) && defaultValue === undefined),
		...(description && { description }),
		...(schema['type'] === 'object' ? { content: { 'application/json': { schema } } } : { schema }),
	}
}

function requestBody({ type }: GraphQLArgument, { kind }: Route, example: Example | undefined): Json {
	const body = {
		...(kind === 'multipart' ? form(type) : { schema: schemaOf(type, false) }),
		...(example?.request !== undefined && { example: example.request }),
	}
	return {
		required: isNonNullType(type) && hasRequiredFields(type),
		content: { [kind === 'multipart' ? 'multipart/form-data' : 'application/json']: body },
	}
}

/** A body without required fields may be left out: it says as much as an empty one. */
function hasRequiredFields(type: GraphQLInputType): boolean {
	const named = getNamedType(type)
	return !isInputObjectType(named) || Object.values(named.getFields()).some(isRequiredInputField)
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

const firstSentence = (text: string): string => /^.*?[.。](?=\s|$)/s.exec(text)?.[0] ?? text
