import { maxHeaderSize } from 'node:http'
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
	Location: text('Where it is.', { format: 'uri-reference' }),
	'Idempotency-Replayed': text('There when the call came before: nothing was made, and this is its first answer.', { const: 'true' }),
} as const

export const headers = (...names: (keyof typeof HEADERS)[]): Json =>
	Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** On every answer. */
export const COMMON = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit', 'Access-Control-Allow-Origin'] as const

const KEY: Json = { type: 'string', pattern: '^[\\x21-\\x7e]+$', minLength: 1, maxLength: 255 }

/** The headers of requests that routes read. */
export const HEADER_PARAMETERS = {
	AcceptLanguage: {
		name: 'Accept-Language',
		in: 'header',
		description: 'The language of `message` and `error`: Chinese, unless English is preferred.',
		schema: { type: 'string', pattern: '^[\\x20-\\x7e]*$', maxLength: maxHeaderSize, examples: ['zh-CN', 'en'] },
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
}

export function headerParametersOf({ field }: Route): Json[] {
	const names: (keyof typeof HEADER_PARAMETERS)[] = ['AcceptLanguage']
	const { idempotent } = field.extensions
	if (idempotent) names.push(idempotent === 'requestId' ? 'RequestId' : 'IdempotencyKey')
	return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
}
