import {
	type GraphQLArgument,
	type GraphQLEnumType,
	type GraphQLField,
	type GraphQLFieldConfig,
	GraphQLInputObjectType,
	type GraphQLInputType,
	type GraphQLLeafType,
	GraphQLList,
	GraphQLNonNull,
	GraphQLObjectType,
	type GraphQLOutputType,
	GraphQLScalarType,
	GraphQLSchema,
	GraphQLUnionType,
	getNamedType,
	getNullableType,
	isEnumType,
	isInputObjectType,
	isListType,
	isNonNullType,
	isObjectType,
	isScalarType,
} from 'graphql'
import { MAX_ID } from '../../../schema/plugins/numeric-ids.ts'
import type { Route } from './routes.ts'
import { linkOf, nodeOf, shownFields } from './shape.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The schema in REST's types, for Sofa to make routes and OpenAPI from: the marked root fields and what they show, every leaf a scalar that
 * carries its JSON Schema. It is read, never executed, so it owes the full schema nothing but the names.
 */
export function restView(routes: readonly Route[]): GraphQLSchema {
	const types = createTypes()
	const root = (name: string) => {
		const mine = routes.filter((route) => rootOf(route) === name)
		if (mine.length === 0) return undefined
		return new GraphQLObjectType({ name, fields: Object.fromEntries(mine.map((route) => [route.name, rootField(route, types)])) })
	}
	const streams = root(STREAMS)
	return new GraphQLSchema({ query: root('Query') ?? null, mutation: root('Mutation') ?? null, types: streams ? [streams] : [] })
}

/** The root of what Sofa knows nothing of: its routes for subscriptions are something else, and it cannot stream. */
export const STREAMS = 'Streams'

/** Whether the answer is no JSON text. */
export const isStream = ({ kind }: Pick<Route, 'kind'>): boolean => kind === 'sse' || kind === 'bytes'

const rootOf = (route: Route): string => (isStream(route) ? STREAMS : route.operation === 'query' ? 'Query' : 'Mutation')

/** A route's field in the view. @throws Error when it has none. */
export function viewedField(view: GraphQLSchema, route: Route): GraphQLField<unknown, unknown> {
	const root = view.getType(rootOf(route))
	const field = isObjectType(root) ? root.getFields()[route.name] : undefined
	if (!field) throw new Error(`the view has no ${route.coordinate}`)
	return field
}

/**
 * JSON Schemas of the leaves, by name: for results Sofa reads the scalar's extension, for parameters only this table. Copies, for Sofa writes
 * each parameter's description into them.
 */
export function leafSchemas(view: GraphQLSchema): Record<string, JsonSchema> {
	return Object.fromEntries(
		Object.values(view.getTypeMap()).flatMap((type) => (isScalarType(type) ? [[type.name, { ...type.extensions.jsonSchema }]] : [])),
	)
}

type Types = ReturnType<typeof createTypes>

function rootField({ field, include = [], args, events, description }: Route, types: Types): GraphQLFieldConfig<unknown, unknown> {
	const node = nodeOf(field.type)
	const config = ({ name, description, defaultValue, type, deprecationReason, extensions }: GraphQLArgument) =>
		[name, { description, defaultValue, deprecationReason, extensions, type: types.input(type) }] as const
	return {
		description: description ?? field.description,
		deprecationReason: field.deprecationReason,
		args: Object.fromEntries(args.map(config)),
		// null over GraphQL where the field fails; then REST has no data
		type:
			events.size > 0
				? types.eventUnion(field.type, events)
				: node
					? listOf(types.output(node, include))
					: types.output(new GraphQLNonNull(getNullableType(field.type)), include),
	}
}

/** REST's type for each of the schema's, made once each. */
function createTypes() {
	const outputs = new Map<string, GraphQLObjectType | GraphQLScalarType>()
	const inputs = new Map<string, GraphQLInputObjectType | GraphQLScalarType>()
	const unions = new Map<string, GraphQLUnionType>()

	function output(type: GraphQLOutputType, include: readonly string[] = []): GraphQLOutputType {
		if (isNonNullType(type)) return new GraphQLNonNull(output(type.ofType, include))
		if (isListType(type)) return new GraphQLList(output(type.ofType, include))
		if (isScalarType(type) || isEnumType(type)) return memoized(outputs, type.name, () => leaf(type))
		if (!isObjectType(type)) throw new Error(`REST cannot show the abstract type ${type}`)
		const name = include.length === 0 ? type.name : `${type.name}With${include.map(capitalized).join('')}`
		return memoized(outputs, name, () => object(type, name, include))
	}

	function object(type: GraphQLObjectType, name: string, include: readonly string[]): GraphQLObjectType | GraphQLScalarType {
		const fields = shownFields(type)
		// GraphQL has no object without fields; JSON does, and a delete answers with one.
		if (fields.length + include.length === 0) return passThrough(name, type.description, { type: 'object', additionalProperties: false })
		const links = include.map((link) => linkOf(type, link))
		return new GraphQLObjectType({
			name,
			description: type.description,
			fields: () =>
				Object.fromEntries(
					[...fields, ...links].map(({ name, description, deprecationReason, type, extensions }) => {
						const node = nodeOf(type)
						return [name, { description, deprecationReason, extensions, type: node ? listOf(output(node)) : output(type) }]
					}),
				),
		})
	}

	/** Any of them: a union that is called as the interface is. */
	function eventUnion(type: GraphQLOutputType, events: Route['events']): GraphQLOutputType {
		const { name, description } = getNamedType(type)
		return memoized(unions, name, () => {
			const types = [...events.values()].map((event) => output(event) as GraphQLObjectType)
			return new GraphQLUnionType({ name, description: description ?? null, types })
		})
	}

	function input(type: GraphQLInputType): GraphQLInputType {
		if (isNonNullType(type)) return new GraphQLNonNull(input(type.ofType))
		if (isListType(type)) return new GraphQLList(input(type.ofType))
		if (!isInputObjectType(type)) return memoized(inputs, type.name, () => output(type) as GraphQLScalarType)
		const fields = () =>
			Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, { ...field, type: input(field.type) }]))
		return memoized(inputs, type.name, () => new GraphQLInputObjectType({ name: type.name, description: type.description, fields }))
	}

	return { output, eventUnion, input }
}

const listOf = (type: GraphQLOutputType): GraphQLOutputType => new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)))

function leaf(type: GraphQLLeafType): GraphQLScalarType {
	if (isEnumType(type)) return enumAsScalar(type)
	// New names, for Sofa maps GraphQL's own five by itself: ID to a string, Int to what it parses loosely.
	switch (type.name) {
		case 'String':
			return passThrough('RestString', null, { type: 'string' })
		case 'Boolean':
			return passThrough('RestBoolean', null, { type: 'boolean' })
		case 'Int':
			return passThrough('RestInt', null, { type: 'integer', format: 'int32' })
		case 'Float':
			return passThrough('RestFloat', null, { type: 'number', format: 'double' })
		case 'ID':
			return passThrough('RestId', null, { type: 'integer', format: 'int32', minimum: 1, maximum: MAX_ID })
		default:
			return passThrough(type.name, type.description, type.extensions.jsonSchema ?? {})
	}
}

/** A scalar, because an enum of GraphQL cannot hold names such as `document.uploaded`. */
const enumAsScalar = (type: GraphQLEnumType): GraphQLScalarType =>
	passThrough(type.name, type.description, { type: 'string', enum: type.getValues().map(({ value }) => value as unknown) })

/** Sofa runs arguments through `serialize`, loosely ("yes" becomes false, 42 becomes "42"): a leaf of the view passes them on as they came. */
function passThrough(name: string, description: string | null | undefined, jsonSchema: JsonSchema): GraphQLScalarType {
	return new GraphQLScalarType({ name, description: description ?? null, serialize: (value) => value, extensions: { jsonSchema } })
}

function memoized<Value>(known: Map<string, Value>, name: string, make: () => Value): Value {
	const value = known.get(name) ?? make()
	known.set(name, value)
	return value
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
