import type { Readable } from 'node:stream'
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type GraphQLParams, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import type { Call, Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { mapped } from '../events/leave.ts'
import { bodyOf, DRAIN_LIMITS, type DrainLimits, drain, readAll } from './body.ts'
import type { Incoming } from './calls.ts'
import { documentCaches } from './document-limits.ts'
import { presented, type Report } from './graphql-errors.ts'
import { useGraphQLMultipart } from './graphql-multipart.ts'
import { readJsonObject } from './json.ts'
import { languageOf } from './language.ts'
import { STATUS } from './rest/status.ts'

/** Largest JSON body of a GraphQL request. */
const MAX_BODY_BYTES = 1_048_576

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
		plugins: [...plugins, useJsonRequests(drain), useGraphQLMultipart(drain), usePresentedErrors(report)],
		maskedErrors: false, // usePresentedErrors does it, in the caller's language
		logging: false,
		landingPage: false,
		graphiql: false, // served by the pages plugin
		healthCheckEndpoint: ' ', // none, as no URL ends so: Yoga's own would answer whatever ends with /health, a workspace of that name too
		maxRequestBodySize: false, // useJsonBody and the uploads have limits of their own
		multipart: false, // useGraphQLMultipart streams
		parserAndValidationCache: documentCaches(),
		batching: false,
		cors: false,
	})
}

/** Reads JSON bodies within {@link MAX_BODY_BYTES}, from Node's own stream where there is one, and the parameters of a GET. */
function useJsonRequests(limits = DRAIN_LIMITS): Plugin {
	return {
		onRequestParse({ request, url, serverContext, setRequestParser }) {
			const read = async (): Promise<GraphQLParams> =>
				request.method === 'GET' ? readParameters(url.searchParams) : readBody(bodyOf(request, serverContext ?? {}), limits)
			const isJson = /^application\/(graphql\+)?json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')
			if (request.method !== 'GET' && !(request.method === 'POST' && isJson)) return
			setRequestParser(() =>
				read().catch((error: unknown) => {
					if (!(error instanceof AppError)) throw error
					const message = error.in(languageOf(request.headers.get('accept-language')))
					throw new GraphQLError(message, { originalError: error, extensions: { code: error.code, http: { status: STATUS[error.code] } } })
				}),
			)
		},
	}
}

async function readBody(body: Readable | null, limits: DrainLimits): Promise<Record<string, unknown>> {
	if (!body) return readJsonObject(new Uint8Array())
	try {
		return readJsonObject(await readAll(body, MAX_BODY_BYTES))
	} catch (error) {
		drain(body, limits) // or the connection would be good for nothing more
		throw error
	}
}

/** @throws AppError BAD_REQUEST when what should be JSON is none. */
function readParameters(search: URLSearchParams): GraphQLParams {
	const textIn = (name: string) => (search.has(name) ? { [name]: search.get(name) } : {})
	return { ...textIn('query'), ...textIn('operationName'), ...objectIn(search, 'variables'), ...objectIn(search, 'extensions') }
}

function objectIn(search: URLSearchParams, name: string): Record<string, unknown> {
	const text = search.get(name)
	if (!text) return {}
	try {
		return { [name]: readJsonObject(Buffer.from(text)) }
	} catch {
		throw new AppError('badValue', { at: name, expected: 'an object' })
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
