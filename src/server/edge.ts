import type { Plugin } from 'graphql-yoga'
import { AppError } from '../errors.ts'
import type { Incoming } from './calls.ts'
import { requestIdOf } from './calls.ts'
import { languageOf } from './language.ts'
import { isMultipart } from './multipart.ts'
import { failure } from './rest/envelope.ts'
import type { Rest } from './rest/rest.ts'

/** On every answer. */
const SECURITY_HEADERS = [
	['x-content-type-options', 'nosniff'],
	['referrer-policy', 'no-referrer'],
	['x-frame-options', 'DENY'],
] as const

interface Options {
	/** Made after Yoga, for it runs on it. */
	rest: () => Rest<Incoming>
	/** Hears of every answer. */
	answered(line: { requestId: string; method: string; path: string; status: number; ms: number }): void
}

/** The first and the last that a request meets: its id, which part answers it, and the headers of every answer. */
export function useEdge({ rest, answered }: Options): Plugin<object, Incoming> {
	const started = new WeakMap<Request, number>()
	let openapi: string | undefined
	return {
		async onRequest({ request, url, serverContext, endResponse, fetchAPI }) {
			started.set(request, performance.now())
			serverContext.requestId = requestIdOf(request.headers.get('x-request-id'))
			// of Node's response while it is empty: touched afterwards, the adapter would write each header by itself
			serverContext.res?.setHeaders(headersOf(serverContext.requestId))
			const { pathname } = url
			if (pathname === '/api/openapi.json' && request.method === 'GET') {
				openapi ??= JSON.stringify(rest().openapi)
				return endResponse(new fetchAPI.Response(openapi, { headers: { 'content-type': 'application/json; charset=utf-8' } }))
			}
			if (pathname.startsWith('/api/')) return endResponse(await rest().handle(request, pathname.slice('/api'.length), serverContext))
			const problem = pathname === '/graphql' ? graphqlProblem(request) : new AppError('noSuchPath')
			if (!problem) return
			const { status, headers, body } = failure(problem, {}, languageOf(request.headers.get('accept-language')))
			endResponse(
				new fetchAPI.Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } }),
			)
		},
		onResponse({ request, response, serverContext }) {
			const requestId = serverContext.requestId ?? ''
			if (!serverContext.res) for (const [name, value] of headersOf(requestId)) response.headers.set(name, value)
			const ms = performance.now() - (started.get(request) ?? performance.now())
			answered({ requestId, method: request.method, path: pathOf(request.url), status: response.status, ms })
		},
	}
}

const headersOf = (requestId: string): Map<string, string> => new Map([...SECURITY_HEADERS, ['x-request-id', requestId]])

/** What Yoga would be lenient about: a form or plain text can be sent from any page without asking. */
function graphqlProblem({ method, headers }: Request): AppError | undefined {
	if (method !== 'POST') return undefined
	const type = headers.get('content-type')
	if (isMultipart(type) || /^application\/(graphql\+)?json\s*(;|$)/i.test(type ?? '')) return undefined
	return new AppError('unsupportedMediaType', { expected: 'application/json' })
}

function pathOf(url: string): string {
	const start = url.indexOf('/', url.indexOf('//') + 2)
	return url.slice(start < 0 ? url.length : start).split('?', 1)[0] ?? ''
}
