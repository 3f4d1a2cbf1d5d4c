import {
	type GraphQLArgument,
	type GraphQLField,
	type GraphQLObjectType,
	type GraphQLSchema,
	getNamedType,
	isAbstractType,
	isObjectType,
} from 'graphql'
import type { RestExtension } from '../../../schema/plugins/rest.ts'
import { nodeOf } from './shape.ts'

/** A root field as REST shows it. */
export interface Route extends RestExtension {
	readonly name: string
	readonly status: NonNullable<RestExtension['status']>
	readonly operation: 'query' | 'mutation' | 'subscription'
	readonly field: GraphQLField<unknown, unknown>
	/** `Mutation.createWorkspace`, as Sofa names routes. */
	readonly coordinate: string
	/** The arguments that the path fills. */
	readonly parameters: readonly string[]
	/** The arguments that a request can fill: of a connection not the cursors, for REST shows its nodes as one list. */
	readonly args: readonly GraphQLArgument[]
	/** The argument that the body fills. */
	readonly input: GraphQLArgument | undefined
	/** Of a stream of events: each type of them, by the name that REST gives it. */
	readonly events: ReadonlyMap<string, GraphQLObjectType>
}

const CURSORS = new Set(['first', 'last', 'before', 'after'])

/** Every root field that carries `rest`. @throws Error when a route contradicts its field. */
export function routesOf(schema: GraphQLSchema): Route[] {
	const roots = [
		['query', schema.getQueryType()],
		['mutation', schema.getMutationType()],
		['subscription', schema.getSubscriptionType()],
	] as const
	return roots.flatMap(([operation, root]) =>
		Object.values(root?.getFields() ?? {}).flatMap((field) => {
			const { rest } = field.extensions
			if (!rest) return []
			const events = operation === 'subscription' ? eventsOf(schema, field) : new Map<string, GraphQLObjectType>()
			return [rest].flat().map((one) => routeOf(operation, `${root?.name}.${field.name}`, field, one, events))
		}),
	)
}

function routeOf(
	operation: Route['operation'],
	coordinate: string,
	field: Route['field'],
	rest: RestExtension,
	events: Route['events'],
): Route {
	const parameters = parametersOf(rest.path)
	const isConnection = nodeOf(field.type) !== undefined
	const args = field.args.filter(({ name }) => !(isConnection && CURSORS.has(name)))
	const input = args.find(({ name }) => name === 'input')
	const missing = parameters.find((name) => !args.some((arg) => arg.name === name))
	if (missing) throw new Error(`${coordinate}: the path ${rest.path} needs an argument "${missing}"`)
	const hasBody = rest.method !== 'GET' && rest.method !== 'DELETE'
	if (input && !hasBody) throw new Error(`${coordinate}: a ${rest.method} has no body to fill "input"`)
	if (rest.kind === 'multipart' && !input) throw new Error(`${coordinate}: a form needs an argument "input"`)
	if ((rest.kind === 'sse') !== (operation === 'subscription'))
		throw new Error(`${coordinate}: a subscription is shown as sse, and nothing else is`)
	return {
		...rest,
		name: rest.name ?? field.name,
		status: rest.status ?? 200,
		operation,
		field,
		coordinate,
		parameters,
		args,
		input,
		events,
	}
}

/** The names in `/workspaces/:slug/documents/:documentId`, in order. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/\/:(\w+)/g)].map(([, name]) => name ?? '')

/** `DocumentProgressed`, of the interface `DocumentEvent`, is the event `progressed`. */
function eventsOf(schema: GraphQLSchema, { type }: Route['field']): Map<string, GraphQLObjectType> {
	const named = getNamedType(type)
	const types = isAbstractType(named) ? schema.getPossibleTypes(named) : isObjectType(named) ? [named] : []
	const prefix = named.name.replace(/Event$/, '')
	return new Map(
		types.map((event) => {
			if (!event.name.startsWith(prefix) || event.name === prefix) throw new Error(`${event}: an event of ${named} is called ${prefix}…`)
			const name = event.name.slice(prefix.length)
			return [name.charAt(0).toLowerCase() + name.slice(1), event]
		}),
	)
}
