import type { Plugin } from 'graphql-yoga'
import { pathOf } from './paths.ts'

/** Whose pages may call: origins as browsers name them, `*` for all. None sends credentials by itself, for tokens are no cookies. */
export type Origins = readonly string[]

/** What those pages may read beside the headers that all may. */
const EXPOSED = [
	...['X-Request-Id', 'X-Error-Code', 'Location', 'ETag', 'Allow', 'WWW-Authenticate'],
	...['RateLimit', 'RateLimit-Policy', 'Retry-After', 'Deprecation', 'Sunset', 'Link', 'Idempotency-Replayed'],
].join(', ')
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** Longer than that no browser remembers it. */
const MAX_AGE_SECONDS = '7200'

/** CORS for `/api` and `/graphql`. An origin that is not named gets none of the headers: its pages cannot read, and write nothing but what needs no asking. */
export function useCors(origins: Origins): Plugin {
	const isOpen = (path: string) => path === '/graphql' || path.startsWith('/api/')
	const isAny = origins.includes('*')
	const allowedFor = ({ headers }: Request): string | undefined => {
		const origin = headers.get('origin')
		if (origin === null) return isAny ? '*' : undefined
		if (isAny) return '*'
		return origins.includes(origin) ? origin : undefined
	}

	return {
		onRequest({ request, url, endResponse, fetchAPI }) {
			const { method, headers } = request
			if (method !== 'OPTIONS' || !headers.has('access-control-request-method') || !isOpen(url.pathname)) return
			endResponse(
				new fetchAPI.Response(null, {
					status: 204,
					headers: {
						...(allowedFor(request) && {
							'access-control-allow-methods': METHODS,
							'access-control-allow-headers': headers.get('access-control-request-headers') ?? '',
							'access-control-max-age': MAX_AGE_SECONDS,
						}),
						vary: 'Access-Control-Request-Method, Access-Control-Request-Headers',
					},
				}),
			)
		},
		onResponse({ request, response: { headers } }) {
			if (origins.length === 0 || !isOpen(pathOf(request.url))) return
			const allowed = allowedFor(request)
			if (!isAny) headers.append('vary', 'Origin')
			if (allowed === undefined) return
			headers.set('access-control-allow-origin', allowed)
			headers.set('access-control-expose-headers', EXPOSED)
		},
	}
}

/** Whether a WebSocket may open: no page sends it, or a page of ours or of a named origin. */
export function isWelcome(origin: string | undefined, host: string | undefined, origins: Origins): boolean {
	if (origin === undefined || origins.includes('*') || origins.includes(origin)) return true
	return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}
