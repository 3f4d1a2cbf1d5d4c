import type { FetchAPI } from 'graphql-yoga'
import type { AppError } from '../errors.ts'
import { languageOf } from './language.ts'
import { failure } from './rest/envelope.ts'

/** The answer to what no route and no page takes, in the envelope. */
export function refusal(error: AppError, request: Request, { Response }: Pick<FetchAPI, 'Response'>): Response {
	const { status, headers, body } = failure(error, {}, languageOf(request.headers.get('accept-language')))
	const sent = request.method === 'HEAD' ? null : JSON.stringify(body)
	return new Response(sent, { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })
}

/** The same in the form of GraphQL. */
export function graphqlRefusal(error: AppError, request: Request, { Response }: Pick<FetchAPI, 'Response'>): Response {
	const { status, headers, body } = failure(error, {}, languageOf(request.headers.get('accept-language')))
	const sent = JSON.stringify({ errors: [{ message: body.error, extensions: { code: error.code } }] })
	return new Response(sent, { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })
}

/** The answer to OPTIONS: no words, only which methods there are. */
export const options = (allow: string, { Response }: Pick<FetchAPI, 'Response'>): Response =>
	new Response(null, { status: 204, headers: { allow } })
