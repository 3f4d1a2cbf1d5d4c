import type { Json } from './openapi-types.ts'
import type { Route } from './routes.ts'

const text = (description: string, more: Json = {}): Json => ({ description, schema: { type: 'string', ...more } })

/** The headers of answers. */
export const HEADERS = {
	'X-Request-Id': text('Names the request in the server’s log: the one that was sent, where it is harmless, or a new one.', {
		pattern: '^[\\w.-]{1,64}$',
		maxLength: 64,
	}),
	'RateLimit-Policy': text('The limits that the call counts for: `q` calls in `w` seconds.'),
	RateLimit: text('Where the caller stands with them: `r` calls for another `t` seconds.'),
	'Retry-After': { description: 'When to try again, in seconds.', schema: { type: 'integer', format: 'int32', minimum: 1 } },
	'WWW-Authenticate': text('How to sign in.', { const: 'Bearer' }),
	'Access-Control-Allow-Origin': text('The page’s origin, where the configuration (CORS_ORIGINS) allows it.'),
	ETag: text('Names this state of what was read; weak, but of a file.', { pattern: '^(W/)?"' }),
	'Cache-Control': text('Who may keep the answer, and that it is asked for again.', { pattern: '^private, no-cache' }),
	Vary: text('What the answer depends on beside its URL.'),
	'Accept-Ranges': text('That parts can be had.', { const: 'bytes' }),
	'Content-Range': text('Which part it is, of how many bytes.', { pattern: '^bytes ' }),
	'Content-Disposition': text('The name of the file.', { pattern: '^attachment; ' }),
	Deprecation: text('Since when the route is deprecated (RFC 9745).', { pattern: '^@\\d+$' }),
	Sunset: text('When it will be gone (RFC 8594).'),
	Link: text('What to call instead.'),
	Location: text('Where it is.', { format: 'uri-reference' }),
	'Idempotency-Replayed': text('There when the call came before: nothing was made, and this is its first answer.', { const: 'true' }),
} as const

export const headers = (...names: (keyof typeof HEADERS)[]): Json =>
	Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** On every answer. */
export const COMMON = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit', 'Access-Control-Allow-Origin'] as const

const KEY: Json = { type: 'string', pattern: '^[\\x21-\\x7e]+$', minLength: 1, maxLength: 255 }

/** Beside them, on what a read gives. */
export const CACHED = ['ETag', 'Cache-Control', 'Vary'] as const
export const DEPRECATED = ['Deprecation', 'Sunset', 'Link'] as const

/** The headers of requests that routes read. */
export const HEADER_PARAMETERS = {
	AcceptLanguage: {
		name: 'Accept-Language',
		in: 'header',
		description: 'The language of `message` and `error`: Chinese, unless English is preferred.',
		schema: { type: 'string', examples: ['zh-CN', 'en'] },
	},
	IfNoneMatch: {
		name: 'If-None-Match',
		in: 'header',
		description: 'The `ETag` of an answer that the caller has: answered with 304 while nothing has changed.',
		schema: { type: 'string' },
	},
	Range: {
		name: 'Range',
		in: 'header',
		description: 'One part of the file: `bytes=0-1023`, `bytes=1024-`, `bytes=-512`.',
		schema: { type: 'string' },
	},
	IfRange: {
		name: 'If-Range',
		in: 'header',
		description: 'The `ETag` that the part is to be of; of another file all is sent.',
		schema: { type: 'string' },
	},
	LastEventId: {
		name: 'Last-Event-ID',
		in: 'header',
		description: 'The `id` of the last event that the caller has: what follows it is told.',
		schema: { type: 'string' },
	},
	IdempotencyKey: {
		name: 'Idempotency-Key',
		in: 'header',
		description:
			'Chosen by the client, for example a UUID. For 24 hours the same call with the same key makes nothing more and gets the first answer again; with other values it is refused (422), and also while the first is running (409). What failed may be tried again.',
		schema: KEY,
	},
	RequestId: {
		name: 'Idempotency-Key',
		in: 'header',
		description: 'Chosen by the client, for example a UUID: the `requestId`, where the body has none.',
		schema: KEY,
	},
} as const

/** The headers that a route reads. */
export function headerParametersOf({ method, field, kind, replay }: Route): Json[] {
	const names: (keyof typeof HEADER_PARAMETERS)[] = ['AcceptLanguage']
	if (method === 'GET' && kind !== 'sse') names.push('IfNoneMatch')
	if (kind === 'bytes') names.push('Range', 'IfRange')
	if (replay) names.push('LastEventId')
	const { idempotent } = field.extensions
	if (idempotent) names.push(idempotent === 'requestId' ? 'RequestId' : 'IdempotencyKey')
	return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
}
