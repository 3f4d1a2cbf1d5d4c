import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import type { Call, Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { mapped } from '../events/leave.ts'
import { bodyOf, type DrainLimits, readAll } from './body.ts'
import type { Incoming } from './calls.ts'
import { presented, type Report } from './graphql-errors.ts'
import { useGraphQLMultipart } from './graphql-multipart.ts'
import { readJsonObject } from './json.ts'
import { languageOf } from './language.ts'
import { STATUS } from './rest/status.ts'

/** Largest JSON body of a GraphQL request. */
export const MAX_BODY_BYTES = 1_048_576

export type Server = YogaServerInstance<Incoming & { call?: Call }, Context>

interface Options {
	schema: GraphQLSchema
	/** Who calls: from the headers of a request, or what a socket already knows. */
	contextOf(request: Request, incoming: Incoming & { call?: Call }): Promise<Context>
	report: (cause: unknown, requestId: string) => void
	plugins: Plugin[]
	drain?: DrainLimits
}

/** GraphQL over HTTP at `/graphql`: JSON and multipart requests, subscriptions as server-sent events. */
export function createGraphQL({ schema, contextOf, report, plugins, drain }: Options): Server {
	return createYoga<Incoming & { call?: Call }, Context>({
		schema,
		context: ({ request, ...incoming }) => contextOf(request, incoming),
		graphqlEndpoint: '/graphql',
		plugins: [...plugins, useJsonBody(), useGraphQLMultipart(drain), usePresentedErrors(report)],
		maskedErrors: false, // usePresentedErrors does it, in the caller's language
		logging: false,
		landingPage: false,
		graphiql: false, // served by the pages plugin
		maxRequestBodySize: false, // useJsonBody and the uploads have limits of their own
		multipart: false, // useGraphQLMultipart streams
		batching: false,
		cors: false,
	})
}

/** Reads JSON bodies within {@link MAX_BODY_BYTES}, from Node's own stream where there is one. */
function useJsonBody(): Plugin {
	return {
		onRequestParse({ request, serverContext, setRequestParser }) {
			if (request.method !== 'POST' || !/^application\/(graphql\+)?json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) return
			setRequestParser(async () => {
				try {
					const body = bodyOf(request, serverContext ?? {})
					return readJsonObject(body ? await readAll(body, MAX_BODY_BYTES) : new Uint8Array())
				} catch (error) {
					if (!(error instanceof AppError)) throw error
					const message = error.in(languageOf(request.headers.get('accept-language')))
					throw new GraphQLError(message, { originalError: error, extensions: { code: error.code, http: { status: STATUS[error.code] } } })
				}
			})
		},
	}
}

function usePresentedErrors(report: Options['report']): Plugin<object, Incoming> {
	return {
		onResultProcess({ request, result, setResult, serverContext }) {
			const language = languageOf(request.headers.get('accept-language'))
			const reported: Report = (cause) => report(cause, serverContext.requestId ?? '')
			const present = (one: ExecutionResult) => presented(one, language, reported)
			if (Array.isArray(result)) return
			if (Symbol.asyncIterator in result) setResult(mapped(result as AsyncIterable<ExecutionResult>, present))
			else if (result.errors) setResult(present(result))
		},
	}
}
