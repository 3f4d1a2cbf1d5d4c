import {
	astFromValue,
	type GraphQLArgument,
	type GraphQLField,
	type GraphQLInputField,
	type GraphQLInputType,
	type GraphQLObjectType,
	type GraphQLOutputType,
	getNamedType,
	isInputObjectType,
	isLeafType,
	isObjectType,
	isRequiredArgument,
	print,
} from 'graphql'
import { schema } from '../../../schema/index.ts'
import { type Route, routesOf } from '../../../src/server/rest/routes.ts'

/** A field that takes arguments: of a root, or a list of a thing. */
export interface Asked {
	/** `Mutation.createUser`, `Workspace.documents`. */
	readonly name: string
	readonly operation: 'query' | 'mutation' | 'subscription'
	/** What asks for it over GraphQL, each argument a variable. */
	readonly document: string
	readonly args: readonly GraphQLArgument[]
	/** Of REST, where it has one. */
	readonly route: Route | undefined
}

/** Where a value goes: an argument, or a field of an input. */
export interface Place {
	readonly asked: Asked
	/** `['input', 'username']`. */
	readonly path: readonly string[]
	readonly type: GraphQLInputType
	readonly hasDefault: boolean
	/** What rules know it by: `Query.search.query`, `CreateUserInput.username`. */
	readonly key: string
}

const ROOTS = [
	['query', schema.getQueryType()],
	['mutation', schema.getMutationType()],
	['subscription', schema.getSubscriptionType()],
] as const

const routes = new Map(routesOf(schema).map((route) => [route.coordinate, route]))

/** Every root field, and every field with arguments of whatever can be reached from them. */
export const ASKED: readonly Asked[] = [
	...ROOTS.flatMap(([operation, root]) =>
		Object.values(root?.getFields() ?? {}).map((field) => rootField(operation, `${root?.name}.${field.name}`, field)),
	),
	...waysTo().flatMap(fieldsOf),
]

function rootField(operation: Asked['operation'], name: string, field: GraphQLField<unknown, unknown>): Asked {
	return {
		name,
		operation,
		document: `${operation} ${declared(field.args)} { ${asking(field)} }`,
		args: field.args,
		route: routes.get(name),
	}
}

/** The fields with arguments of a type, by the shortest way to it. */
function fieldsOf({ type, args, ask }: Way): Asked[] {
	return Object.values(type.getFields())
		.filter((field) => field.args.length > 0)
		.map((field): Asked => {
			const all = [...args, ...field.args]
			return {
				name: `${type.name}.${field.name}`,
				operation: 'query',
				document: `query ${declared(all)} { ${ask(asking(field))} }`,
				args: all,
				route: undefined,
			}
		})
}

/** How a type can be reached from the root of queries. */
interface Way {
	readonly type: GraphQLObjectType
	readonly args: readonly GraphQLArgument[]
	ask(inner: string): string
}

function waysTo(): Way[] {
	const found = new Map<string, Way>()
	const queue = Object.values(schema.getQueryType()?.getFields() ?? {})
		.toSorted((one, other) => Number(isList(one)) - Number(isList(other)))
		.map((field) => ({ field, args: field.args, ask: (inner: string) => `${field.name}${filled(field.args)} { ${inner} }` }))
	for (const { field, args, ask } of queue) {
		const type = getNamedType(field.type)
		if (!isObjectType(type) || found.has(type.name)) continue
		found.set(type.name, { type, args, ask })
		for (const next of Object.values(type.getFields()))
			if (!next.args.some(isRequiredArgument)) queue.push({ field: next, args, ask: (inner) => ask(`${next.name} { ${inner} }`) })
	}
	return [...found.values()]
}

function isList({ args }: GraphQLField<unknown, unknown>): boolean {
	return !args.some(({ name }) => name === 'slug')
}

function declared(args: readonly GraphQLArgument[]): string {
	return args.length === 0 ? '' : `(${args.map(declaration).join(', ')})`
}

function declaration({ name, type, defaultValue }: GraphQLArgument): string {
	const node = astFromValue(defaultValue, type)
	return `$${name}: ${type}${node ? ` = ${print(node)}` : ''}`
}

function filled(args: readonly GraphQLArgument[]): string {
	return args.length === 0 ? '' : `(${args.map(({ name }) => `${name}: $${name}`).join(', ')})`
}

function asking(field: GraphQLField<unknown, unknown>): string {
	return `${field.name}${filled(field.args)}${selection(field.type, 3)}`
}

/** Everything that needs no argument. */
function selection(type: GraphQLOutputType, depth: number): string {
	const named = getNamedType(type)
	if (isLeafType(named)) return ''
	const fields = isObjectType(named) ? Object.values(named.getFields()).filter(({ args }) => args.length === 0) : []
	const shown = fields.flatMap((field) => {
		const isLeaf = isLeafType(getNamedType(field.type))
		return isLeaf || depth > 0 ? [`${field.name}${selection(field.type, depth - 1)}`] : []
	})
	return ` { __typename ${shown.join(' ')} }`
}

/** Every place of a field, inputs followed. */
export function placesOf(asked: Asked): Place[] {
	return asked.args.flatMap((arg) => below(asked, [arg.name], `${asked.name}.${arg.name}`, arg))
}

function below(asked: Asked, path: readonly string[], key: string, { type, defaultValue }: GraphQLArgument | GraphQLInputField): Place[] {
	const place: Place = { asked, path, type, hasDefault: defaultValue !== undefined, key }
	const named = getNamedType(type)
	if (!isInputObjectType(named)) return [place]
	return [
		place,
		...Object.values(named.getFields()).flatMap((field) => below(asked, [...path, field.name], `${named.name}.${field.name}`, field)),
	]
}
