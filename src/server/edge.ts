import type { Plugin } from 'graphql-yoga'
import { AppError } from '../errors.ts'
import type { Incoming } from './calls.ts'
import { requestIdOf } from './calls.ts'
import { headersOf } from './headers.ts'
import { isMultipart } from './multipart.ts'
import { pathOf } from './paths.ts'
import type { Probes } from './probes.ts'
import { graphqlRefusal, options, refusal } from './refusal.ts'
import { createResource } from './resource.ts'
import type { Rest } from './rest/rest.ts'

/** Tells of every answer. */
export type Answered = (line: { requestId: string; method: string; path: string; status: number; ms: number }) => void

/** The first and the last that a request meets: its id, its time, and the headers of every answer. */
export function useArrival(answered: Answered): Plugin<object, Incoming> {
	return {
		onRequest({ request, serverContext }) {
			serverContext.startedAt = performance.now()
			serverContext.requestId = requestIdOf(request.headers.get('x-request-id'))
			// of Node's response while it is empty: touched afterwards, the adapter would write each header by itself
			serverContext.res?.setHeaders(headersOf(serverContext.requestId))
		},
		onResponse({ request, response, serverContext }) {
			const { requestId = '', startedAt = 0 } = serverContext
			if (!serverContext.res) for (const [name, value] of headersOf(requestId)) response.headers.set(name, value)
			const ms = performance.now() - startedAt
			answered({ requestId, method: request.method, path: pathOf(request.url), status: response.status, ms })
		},
	}
}

/** Health and metrics. */
export function useProbes(probes: Probes): Plugin<object, Incoming> {
	return {
		onRequest({ request, url, serverContext, endResponse, fetchAPI }) {
			const { pathname: path } = url
			if (!probes.serves(path)) return undefined
			const authorization = request.headers.get('authorization')
			const asked = { method: request.method, path, authorization, address: serverContext.req?.socket.remoteAddress }
			return probes.answer(asked).then(({ body, ...init }) => endResponse(new fetchAPI.Response(body, init)))
		},
	}
}

/** A plugin whose failures are answered and told: the server's own words for them would show where in the code they happened. */
export function guarded(plugin: Plugin<object, Incoming>, report: (cause: unknown, requestId: string) => void): Plugin<object, Incoming> {
	return {
		...plugin,
		async onRequest(payload) {
			try {
				await plugin.onRequest?.(payload)
			} catch (error) {
				const { request, serverContext, endResponse, fetchAPI } = payload
				report(error, serverContext.requestId ?? '')
				endResponse(refusal(new AppError('internal'), request, fetchAPI))
			}
		},
	}
}

/** Which surface answers a request. `rest` is made after Yoga, for it runs on it. */
export function useSurfaces(rest: () => Rest<Incoming>): Plugin<object, Incoming> {
	const openapi = createResource('application/json; charset=utf-8', async () => JSON.stringify(rest().openapi))
	return {
		async onRequest({ request, url, serverContext, endResponse, fetchAPI }) {
			const { pathname } = url
			if (pathname === '/api/openapi.json') return endResponse(await openapi(request, fetchAPI))
			if (pathname.startsWith('/api/')) {
				serverContext.surface = 'rest'
				return endResponse(await rest().handle(request, pathname.slice('/api'.length), serverContext))
			}
			if (pathname !== '/graphql') return endResponse(refusal(new AppError('noSuchPath'), request, fetchAPI))
			if (request.method === 'OPTIONS') return endResponse(options('GET, POST, OPTIONS', fetchAPI))
			serverContext.surface = 'graphql'
			const problem = graphqlProblem(request)
			if (problem) endResponse(graphqlRefusal(problem, request, fetchAPI))
		},
	}
}

/** What Yoga would be lenient about: a form or plain text can be sent from any page without asking. */
function graphqlProblem({ method, headers }: Request): AppError | undefined {
	if (method !== 'POST') return undefined
	const type = headers.get('content-type')
	if (isMultipart(type) || /^application\/(graphql\+)?json\s*(;|$)/i.test(type ?? '')) return undefined
	return new AppError('unsupportedMediaType', { expected: 'application/json' })
}
