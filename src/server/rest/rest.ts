import type { ExecutionResult, GraphQLSchema } from 'graphql'
import type { YogaServerInstance } from 'graphql-yoga'
import { Download } from '../../downloads.ts'
import { AppError, type ErrorCode, type Language } from '../../errors.ts'
import { typesFor } from '../accepting.ts'
import { ARRIVAL_TIMEOUT_MS, bodyOf, DRAIN_LIMITS, type DrainLimits } from '../body.ts'
import { isFresh } from '../conditional.ts'
import { languageOf } from '../language.ts'
import { type Deprecate, deprecation } from './deprecation.ts'
import { type Answer, failure, success } from './envelope.ts'
import { type Failure, failureOf, httpHeaders } from './failures.ts'
import { inputOf } from './input.ts'
import { type Locate, locator } from './location.ts'
import { createMatcher } from './matcher.ts'
import { completeOpenApi, type OpenApiTexts } from './openapi.ts'
import { compile, type Operation } from './projection.ts'
import { type Route, routesOf } from './routes.ts'
import { type Handler, sofaRoutes, type Texts } from './sofa.ts'
import { createStreams, type StreamOptions } from './streams.ts'
import { isStream, restView } from './view.ts'
import { written, writtenOnce } from './written.ts'

interface RestOptions<ServerContext extends object> extends StreamOptions<ServerContext> {
	readonly schema: GraphQLSchema
	/** Executes, on the same schema, with every plugin. */
	readonly yoga: Pick<YogaServerInstance<ServerContext, object>, 'getResultForParams' | 'fetchAPI'>
	/** Where the routes are, as in `/api`: begins `Location`, and is the server of the OpenAPI document. */
	readonly base: `/${string}`
	readonly openApi: OpenApiTexts
	/** Of a JSON body; 1 MiB unless said otherwise. Files are limited by whoever reads them. */
	readonly maxBodyBytes?: number
	readonly arrivalTimeoutMs?: number
	readonly drain?: DrainLimits
	/** Why the caller may not call the route, whatever the request says: asked when a request cannot be read. */
	refusal?(route: Callers, request: Request, serverContext: ServerContext): Promise<AppError | undefined>
	/** Hears which route answers, as in `GET /workspaces/:slug`. */
	matched?(route: string, serverContext: ServerContext): void
}

export interface Rest<ServerContext extends object> {
	/**
	 * Answers a request, always in the envelope, never by throwing. `path` is below the base, still encoded, without the query string. The
	 * server context goes to Yoga; when it has Node's request as `req`, the body is read from that.
	 */
	handle(request: Request, path: string, serverContext: ServerContext): Promise<Response>
	readonly openapi: object
	/** The operations that REST runs: trusted, whatever limits hold for clients' documents. */
	readonly documents: ReadonlySet<string>
}

type Callers = Pick<Route, 'isPublic' | 'isForAdmins'>

/** A route, ready to be called. */
interface Endpoint<ServerContext> extends Callers, Pick<Route, 'method' | 'path' | 'input' | 'kind' | 'status' | 'replay'> {
	readonly name: string
	readonly operation: Operation
	readonly locate: Locate | undefined
	readonly deprecate: Deprecate | undefined
	readonly call: Handler<Call<ServerContext>, Result>
	/** Every argument's name with undefined. */
	readonly blank: Texts
	/** The arguments that the query string fills. */
	readonly queried: readonly string[]
}

/** One request on its way through Sofa. */
interface Call<ServerContext> {
	readonly request: Request
	readonly serverContext: ServerContext
	readonly operation: Operation
	readonly body: Record<string, unknown> | undefined
}

interface Result {
	readonly data: unknown
	readonly headers: Record<string, string>
}

const JSON_TYPE = 'application/json; charset=utf-8'
const ACCEPTED = { json: typesFor(JSON_TYPE), sse: typesFor('text/event-stream') }
/** What an answer depends on beside its URL. */
const VARY = 'Authorization, Accept-Language, Accept-Encoding'

/** Codes of a request that was not read. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set(['BAD_REQUEST', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'])

/** REST below `base`, compiled from the schema's `rest:` options. @throws Error when a route cannot be made. */
export function createRest<ServerContext extends object>(options: RestOptions<ServerContext>): Rest<ServerContext> {
	const { schema, yoga, base, openApi, refusal, matched, report } = options
	const { maxBodyBytes = 1024 * 1024, arrivalTimeoutMs = ARRIVAL_TIMEOUT_MS, drain = DRAIN_LIMITS } = options
	const { Response } = yoga.fetchAPI
	const streams = createStreams(yoga.fetchAPI, options)
	const routes = routesOf(schema)
	const view = restView(routes)
	const execute = executor(yoga)
	const sofa = sofaRoutes<Call<ServerContext>, Result>(
		view,
		routes.filter((route) => !isStream(route)),
		{ base, info: openApi.info },
		execute,
	)
	const endpoints = routes.map(
		(route): Endpoint<ServerContext> => ({
			...route,
			name: `${route.method} ${route.path}`,
			operation: compile(route),
			locate: locator(route, base),
			deprecate: deprecation(route, base),
			call: isStream(route) ? execute : sofa.handlerOf(route),
			blank: Object.fromEntries(route.args.map(({ name }) => [name, undefined])),
			queried: route.args.flatMap(({ name }) => (name === 'input' || route.parameters.includes(name) ? [] : [name])),
		}),
	)
	const matcher = createMatcher(endpoints)

	async function answer(request: Request, path: string, serverContext: ServerContext, language: Language): Promise<Answer | Response> {
		const input = inputOf(bodyOf(request, serverContext), request.headers, { maxBodyBytes, arrivalTimeoutMs, drain })
		let deprecated: Record<string, string> | undefined
		let endpoint: Endpoint<ServerContext> | undefined
		try {
			if (request.method === 'OPTIONS') return { status: 204, headers: { allow: matcher.methodsAt(path) }, body: null }
			const { target, parameters } = matcher.match(request.method, path)
			endpoint = target
			matched?.(endpoint.name, serverContext)
			deprecated = endpoint.deprecate?.(parameters)
			refuseOthers(endpoint, request.headers.get('accept'))
			const body = await input.read(endpoint)
			const texts = textsOf(endpoint, parameters, request.url)
			resume(endpoint, texts, request.headers)
			const { data, headers } = await endpoint.call(texts, { request, serverContext, operation: endpoint.operation, body })
			const asked = { request, serverContext, language }
			if (isFollowed(data)) return await streams.events(endpoint.operation, data[Symbol.asyncIterator](), asked)
			if (data instanceof Download) return await streams.file(data, asked)
			if (endpoint.locate) headers['location'] = endpoint.locate(parameters, data)
			return success(data, endpoint.status, { ...headers, ...deprecated }, language)
		} catch (thrown) {
			const { error, hidden, headers } = endpoint
				? await refusalFirst(endpoint, failureOf(thrown), request, serverContext)
				: failureOf(thrown)
			if (hidden !== undefined) report(hidden, serverContext)
			return failure(error, { ...headers, ...deprecated }, language)
		} finally {
			input.release()
		}
	}

	/** Who may not call hears that, and not what is wrong with the request: the operation, which would say so, has not run. */
	async function refusalFirst(callers: Callers, failure: Failure, request: Request, serverContext: ServerContext): Promise<Failure> {
		if (!UNREADABLE.has(failure.error.code)) return failure
		try {
			const refused = await refusal?.(callers, request, serverContext)
			return refused ? failureOf(refused) : failure
		} catch (thrown) {
			return failureOf(thrown)
		}
	}

	/** What a read gives is tagged: a client that has it already gets 304. */
	function respond({ status, headers, body }: Answer, { method, headers: asked }: Request, language: Language): Response {
		if (!body) return new Response(null, { status, headers })
		const isRead = body.success && (method === 'GET' || method === 'HEAD')
		const { text, length, tag } = isRead ? writtenOnce(body, language) : written(body)
		if (tag) Object.assign(headers, { etag: tag, 'cache-control': 'private, no-cache', vary: VARY })
		if (tag && isFresh(asked, tag)) return new Response(null, { status: 304, headers })
		headers['content-type'] = JSON_TYPE
		headers['content-length'] = length
		return new Response(method === 'HEAD' ? null : text, { status, headers })
	}

	return {
		async handle(request, path, serverContext) {
			const language = languageOf(request.headers.get('accept-language'))
			const answered = await answer(request, path, serverContext, language)
			return 'ok' in answered ? answered : respond(answered, request, language)
		},
		openapi: completeOpenApi(sofa.document, view, routes, openApi, base),
		documents: new Set(endpoints.map(({ operation }) => operation.query)),
	}
}

/** Runs a compiled operation through Yoga. The first error speaks for all: a call asks for one field. */
function executor<ServerContext extends object>(yoga: RestOptions<ServerContext>['yoga']): Handler<Call<ServerContext>, Result> {
	const { getResultForParams } = yoga
	const shown = new WeakMap<object, unknown>() // what is given again is shown once
	return async (texts, { request, serverContext, operation, body }) => {
		const { name, query, variables, project } = operation
		const params = { query, operationName: name, variables: variables(texts, body) }
		const result = await getResultForParams({ request, params }, serverContext)
		if (result && Symbol.asyncIterator in result) return { data: result, headers: {} }
		if (!result || !('data' in result || 'errors' in result)) throw new Error(`${name} gave no single result`)
		if (result.errors?.[0]) throw result.errors[0]
		const headers = httpHeaders(result.extensions)
		if (!result.data) return { data: null, headers }
		if (!shown.has(result.data)) shown.set(result.data, project(result.data[name]))
		return { data: shown.get(result.data), headers }
	}
}

const isFollowed = (data: unknown): data is AsyncIterable<ExecutionResult> =>
	typeof data === 'object' && data !== null && Symbol.asyncIterator in data

/** @throws AppError NOT_ACCEPTABLE. A file is sent as what it is. */
function refuseOthers({ kind }: Pick<Route, 'kind'>, accept: string | null): void {
	if (kind === 'bytes') return
	if (kind === 'sse' && !ACCEPTED.sse(accept)) throw new AppError('notAcceptable', { offered: 'text/event-stream' })
	if (kind !== 'sse' && !ACCEPTED.json(accept)) throw new AppError('notAcceptable', { offered: 'application/json' })
}

/** A client that was cut off says what it had last; the query string wins. */
function resume({ replay }: Pick<Route, 'replay'>, texts: Record<string, unknown>, headers: Headers): void {
	const last = replay && headers.get('last-event-id')
	if (last) texts[replay.after] ??= last
}

function textsOf(
	{ blank, queried }: Pick<Endpoint<never>, 'blank' | 'queried'>,
	parameters: Readonly<Record<string, string>>,
	url: string,
): Record<string, unknown> {
	const texts: Record<string, unknown> = { ...blank, ...parameters }
	const start = queried.length === 0 ? -1 : url.indexOf('?')
	if (start === -1) return texts
	const search = new URLSearchParams(url.slice(start))
	for (const name of queried) {
		const values = search.getAll(name)
		if (values.length > 0) texts[name] = values.length === 1 ? values[0] : values
	}
	return texts
}
