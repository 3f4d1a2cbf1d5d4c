import {
	type GraphQLInputField,
	type GraphQLScalarType,
	type GraphQLSchema,
	type GraphQLType,
	isInputObjectType,
	isListType,
	isNonNullType,
	isObjectType,
	isScalarType,
} from 'graphql'
import type { ZodType } from 'zod'
import { boundsOf } from './openapi-bounds.ts'
import { STREAMS } from './view.ts'

export type Json = Record<string, unknown>

/** JSON Schemas of the view's types and enums, by name, without the root types. */
export function componentSchemas(view: GraphQLSchema): Json {
	const roots = new Set<unknown>([view.getQueryType(), view.getMutationType(), view.getType(STREAMS)])
	const entries = Object.values(view.getTypeMap()).flatMap((type): [string, Json][] => {
		if (roots.has(type) || type.name.startsWith('__')) return []
		if (isScalarType(type))
			return isNamed(leafSchema(type)) ? [[type.name, described(leafSchema(type), { description: type.description })]] : []
		if (isObjectType(type)) return [[type.name, objectSchema(type.description, Object.values(type.getFields()))]]
		return isInputObjectType(type) ? [[type.name, inputSchema(type.description, Object.values(type.getFields()))]] : []
	})
	return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** The JSON Schema of a place that holds a type of the view. */
export function schemaOf(type: GraphQLType, canBeNull = true): Json {
	if (isNonNullType(type)) return schemaOf(type.ofType, false)
	if (isListType(type)) return orNull({ type: 'array', items: schemaOf(type.ofType) }, canBeNull)
	if (isScalarType(type) && !isNamed(leafSchema(type))) return orNull(leafSchema(type), canBeNull)
	return orNull({ $ref: `#/components/schemas/${type}` }, canBeNull)
}

interface Described {
	readonly description?: string | null | undefined
	readonly deprecationReason?: string | null | undefined
	readonly defaultValue?: unknown
	/** Of an argument or an input field: its `rule`. */
	readonly extensions?: { readonly rule?: ZodType; readonly restIfAny?: true; readonly [name: string]: unknown }
}

/** A schema with what is known about its place. */
export function described(schema: Json, { description, deprecationReason, defaultValue, extensions }: Described): Json {
	return {
		...schema,
		...(extensions?.rule && boundsOf(extensions.rule)),
		...(description && { description }),
		...(deprecationReason && { deprecated: true }),
		...(defaultValue !== undefined && { default: defaultValue }),
	}
}

const leafSchema = (type: GraphQLScalarType): Json => ({ ...type.extensions.jsonSchema })

/** Enums have a name of their own in the document; what another scalar is stands where it is used. */
const isNamed = (schema: Readonly<Json>): boolean => 'enum' in schema

interface Property extends Described {
	readonly name: string
	readonly type: GraphQLType
}

/** An answer has every field, but those that are there only with a value: what is nothing is null. */
function objectSchema(description: string | null | undefined, fields: readonly Property[]): Json {
	return structure(
		description,
		fields,
		fields.filter(({ extensions }) => !extensions?.restIfAny).map(({ name }) => name),
	)
}

function inputSchema(description: string | null | undefined, fields: readonly GraphQLInputField[]): Json {
	const required = fields.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined)
	return {
		...structure(
			description,
			fields,
			required.map(({ name }) => name),
		),
		additionalProperties: false,
	}
}

function structure(description: string | null | undefined, fields: readonly Property[], required: readonly string[]): Json {
	const schema = ({ type, extensions }: Property) => schemaOf(type, !extensions?.restIfAny)
	const properties = Object.fromEntries(fields.map((field) => [field.name, described(schema(field), field)]))
	return { type: 'object', ...(description && { description }), ...(required.length > 0 && { required }), properties }
}

function orNull(schema: Json, canBeNull: boolean): Json {
	if (!canBeNull || Object.keys(schema).length === 0) return schema
	if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] }
	return { ...schema, type: [schema['type'], 'null'] }
}
