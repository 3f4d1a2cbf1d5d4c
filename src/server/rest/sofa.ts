import type { ExecutionArgs, GraphQLSchema } from 'graphql'
import { useSofa } from 'sofa-api'
import type { OpenApiInfo } from './openapi.ts'
import type { Route } from './routes.ts'
import { leafSchemas } from './view.ts'

/** What the path and the query string say, by argument: every argument's name is there, of an absent one with undefined. */
export type Texts = Readonly<Record<string, unknown>>

/** Runs a route's operation for one request. */
export type Handler<Call, Result> = (texts: Texts, call: Call) => Promise<Result>

interface SofaRoutes<Call, Result> {
	/** @throws Error when Sofa made no such route. */
	handlerOf(route: Route): Handler<Call, Result>
	readonly document: unknown
}

/**
 * Lets Sofa make the routes, their handlers and the OpenAPI document from the view. A handler picks its operation's variables and gives them
 * to `execute`, which answers in place of graphql-js. The handlers are called by us, not through Sofa's router, which tries one URLPattern
 * after the other and costs more than all the rest together.
 */
export function sofaRoutes<Call, Result>(
	view: GraphQLSchema,
	routes: readonly Route[],
	{ base, info }: { base: string; info: OpenApiInfo },
	execute: Handler<Call, Result>,
): SofaRoutes<Call, Result> {
	const sofa = useSofa({
		basePath: base,
		schema: view,
		customScalars: leafSchemas(view),
		routes: Object.fromEntries(
			routes.map(({ coordinate, method, path, status }) => [coordinate, { method, path, responseStatus: status }]),
		),
		openAPI: { info: { ...info } }, // with `endpoint: false` the document would have no paths
		swaggerUI: { endpoint: false },
		// Sofa's types are graphql-js's overloaded `execute` and fets' Response; what passes between the two is ours.
		execute: (async ({ variableValues, contextValue }: ExecutionArgs) => {
			const { call } = contextValue as { call: Call }
			return { errors: [new Carried(await execute(variableValues ?? {}, call))] }
		}) as never,
		errorHandler: ([error]) => error as never,
	})
	const handlers = new Map(sofa.__routes.map(({ method, path, handler }) => [`${method} ${path}`, handler as unknown as SofaHandler]))

	return {
		handlerOf({ method, path, coordinate }) {
			const handler = handlers.get(`${method} ${path}`)
			if (!handler) throw new Error(`Sofa made no route for ${coordinate}`)
			return async (texts, call) => {
				const answer = await handler({ url: '', params: texts, body: null }, { call })
				if (answer instanceof Carried) return answer.result as Result
				throw answer
			}
		},
		document: sofa.openAPIDocument,
	}
}

/**
 * All that a handler of Sofa's reads of a request. Every argument is among the `params`, so it parses no query string; and it gets no body,
 * which it would coerce, rid of its nulls and let the query string override.
 */
interface SofaRequest {
	readonly url: ''
	readonly params: Texts
	readonly body: null
}

/** The context must be a new object each time: Sofa writes a `request` of its own into it. */
type SofaHandler = (request: SofaRequest, context: object) => Promise<unknown>

/** A result on its way out through Sofa, by the one door that leaves things as they are: its error handler. */
class Carried {
	readonly result: unknown
	constructor(result: unknown) {
		this.result = result
	}
}
