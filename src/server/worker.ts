import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { requestIdOf } from './calls.ts'
import { headersOf } from './headers.ts'
import type { Checks } from './health.ts'
import { createListener, type Edge } from './http.ts'
import { languageOf } from './language.ts'
import { type Asked, createProbes, type Reply } from './probes.ts'
import { failure } from './rest/envelope.ts'

interface Options {
	checks: Checks
	metrics: Metrics
	/** Bearer token of `/metrics`; without it `/metrics` answers this machine alone. */
	metricsToken?: string | undefined
	log: Logger
}

/** What a process without an API shows: health and metrics. Everything else is a 404 in the envelope. */
export function createWorkerEdge({ checks, metrics, metricsToken, log }: Options): Edge {
	const probes = createProbes({ checks, metrics, metricsToken })

	async function answer(asked: Asked, acceptLanguage: string | null): Promise<Reply> {
		if (probes.serves(asked.path)) return probes.answer(asked)
		const { status, headers, body } = failure(new AppError('noSuchPath'), {}, languageOf(acceptLanguage))
		const isHead = asked.method === 'HEAD'
		return {
			status,
			headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
			body: isHead ? null : JSON.stringify(body),
		}
	}

	async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = 'GET', url = '/', headers, socket } = request
		const startedAt = performance.now()
		const requestId = requestIdOf(headers['x-request-id']?.toString())
		const path = pathOf(url)
		request.resume()
		const asked = { method, path, authorization: headers.authorization ?? null, address: socket.remoteAddress }
		const reply = await answer(asked, headers['accept-language'] ?? null)
		response.setHeaders(headersOf(requestId)).writeHead(reply.status, reply.headers).end(reply.body)
		log.debug({ requestId, method, path, status: reply.status, ms: performance.now() - startedAt }, 'answered')
	}

	const listener = createListener((request, response) => {
		serve(request, response).catch((error: unknown) => {
			log.error({ err: error }, 'an unexpected error')
			response.destroy()
		})
	}, metrics)
	return {
		listen: listener.listen,
		close: listener.close,
		closeSockets: async () => {},
		async fetch({ method, url, headers }) {
			const asked = { method, path: new URL(url).pathname, authorization: headers.get('authorization'), address: undefined }
			const { status, body, ...reply } = await answer(asked, headers.get('accept-language'))
			const all = new Headers(reply.headers)
			for (const [name, value] of headersOf(requestIdOf(headers.get('x-request-id')))) all.set(name, value)
			return new Response(body, { status, headers: all })
		},
	}
}

/** Without the query string; a proxy may send a whole URL. */
function pathOf(url: string): string {
	const path = url.replace(/^https?:\/\/[^/]*/i, '')
	return path.split('?', 1)[0] || '/'
}
