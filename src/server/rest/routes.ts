import type { GraphQLArgument, GraphQLField, GraphQLSchema } from 'graphql'
import type { RestExtension } from '../../../schema/plugins/rest.ts'
import { nodeOf } from './shape.ts'

/** A root field as REST shows it. */
export interface Route extends RestExtension {
	readonly status: NonNullable<RestExtension['status']>
	readonly operation: 'query' | 'mutation'
	readonly field: GraphQLField<unknown, unknown>
	/** `Mutation.createWorkspace`, as Sofa names routes. */
	readonly coordinate: string
	/** The arguments that the path fills. */
	readonly parameters: readonly string[]
	/** The arguments that a request can fill: of a connection not the cursors, for REST shows its nodes as one list. */
	readonly args: readonly GraphQLArgument[]
	/** The argument that the body fills. */
	readonly input: GraphQLArgument | undefined
}

const CURSORS = new Set(['first', 'last', 'before', 'after'])

/** Every root field that carries `rest`. @throws Error when a route contradicts its field. */
export function routesOf(schema: GraphQLSchema): Route[] {
	const roots = [
		['query', schema.getQueryType()],
		['mutation', schema.getMutationType()],
	] as const
	return roots.flatMap(([operation, root]) =>
		Object.values(root?.getFields() ?? {}).flatMap((field) => {
			const { rest } = field.extensions
			return rest ? [routeOf(operation, `${root?.name}.${field.name}`, field, rest)] : []
		}),
	)
}

function routeOf(operation: Route['operation'], coordinate: string, field: Route['field'], rest: RestExtension): Route {
	const parameters = parametersOf(rest.path)
	const isConnection = nodeOf(field.type) !== undefined
	const args = field.args.filter(({ name }) => !(isConnection && CURSORS.has(name)))
	const input = args.find(({ name }) => name === 'input')
	const missing = parameters.find((name) => !args.some((arg) => arg.name === name))
	if (missing) throw new Error(`${coordinate}: the path ${rest.path} needs an argument "${missing}"`)
	const hasBody = rest.method !== 'GET' && rest.method !== 'DELETE'
	if (input && !hasBody) throw new Error(`${coordinate}: a ${rest.method} has no body to fill "input"`)
	if (rest.kind === 'multipart' && !input) throw new Error(`${coordinate}: a form needs an argument "input"`)
	return { ...rest, status: rest.status ?? 200, operation, field, coordinate, parameters, args, input }
}

/** The names in `/workspaces/:slug/documents/:documentId`, in order. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/\/:(\w+)/g)].map(([, name]) => name ?? '')
