import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { AppError } from '../errors.ts'
import { requestIdOf } from './calls.ts'
import { headersOf } from './headers.ts'
import { languageOf } from './language.ts'
import { remembered } from './remembered.ts'
import { failure } from './rest/envelope.ts'

/**
 * Brings a request into the form that routes are looked up by, a path: a client may write a whole address, or `*` (RFC 9112, 3.2).
 * @returns false where there is no path, or no `Host` that can be one: it would become part of the URL that is read.
 */
export function isRouted(request: IncomingMessage): boolean {
	const { url = '', headers, httpVersion } = request
	const path = pathIn(url)
	if (path === undefined) return false
	if (path !== url) request.url = path
	return headers.host === undefined ? httpVersion === '1.0' : headers.host === '' || isHost(headers.host)
}

function pathIn(target: string): string | undefined {
	if (target.startsWith('/')) return target
	if (target === '*') return '/'
	const url = /^https?:\/\//i.test(target) ? URL.parse(target) : null
	return url ? url.pathname + url.search : undefined
}

const isHost = remembered((host) => /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host) && URL.canParse(`http://${host}`))

/** Whether a request asks for a socket that somebody serves. Others, such as `h2c`, are answered as if they had not asked. */
export const isWebSocket = ({ headers, url = '' }: IncomingMessage): boolean =>
	headers.upgrade?.toLowerCase() === 'websocket' && /^\/graphql(\?|$)/.test(url)

interface Raw {
	readonly status: number
	readonly headers: Readonly<Record<string, string>>
	readonly body: string
}

/** The answer to what is no HTTP that can be read, in the envelope. `code`: as Node's parser names the problem. */
export function malformed(code?: string, acceptLanguage?: string): Raw {
	const { status, problem } = problemOf(code)
	const { headers, body } = failure(problem, {}, languageOf(acceptLanguage ?? null))
	const text = JSON.stringify(body)
	return {
		status,
		headers: {
			...Object.fromEntries(headersOf(requestIdOf(undefined))),
			...headers,
			...{ 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(text)), connection: 'close' },
		},
		body: text,
	}
}

/** The statuses that Node would answer by itself. */
function problemOf(code?: string): { status: number; problem: AppError } {
	switch (code) {
		case 'HPE_HEADER_OVERFLOW':
			return { status: 431, problem: new AppError('headersTooLarge') }
		case 'ERR_HTTP_REQUEST_TIMEOUT':
			return { status: 408, problem: new AppError('slowRequest') }
		default:
			return { status: 400, problem: new AppError('malformedRequest') }
	}
}

/** For a socket that has no response: nobody has read a request. */
export function written({ status, headers, body }: Raw): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
	return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
}
