import type { FetchAPI } from 'graphql-yoga'
import { AppError } from '../errors.ts'
import { isFresh, tagOf } from './conditional.ts'
import { type Encoding, encoded, encodingFor, MIN_ENCODED_BYTES } from './encoding.ts'
import { options, refusal } from './refusal.ts'

/** Answers whoever asks for something that stays as it is while the process runs. */
export type Resource = (request: Request, fetchAPI: Pick<FetchAPI, 'Response'>) => Promise<Response>

const ALLOWED = 'GET, HEAD, OPTIONS'

/** Loads the content when it is first asked for, and keeps it, also compressed. `headers` beside its type. */
export function createResource(
	type: string,
	load: () => Promise<string | Buffer>,
	headers: Readonly<Record<string, string>> = {},
): Resource {
	const content = kept(async () => {
		const bytes = Buffer.from(await load())
		const encode = (encoding: Encoding) => kept(() => encoded(bytes, encoding, { isKept: true }))
		return { bytes, tag: tagOf(bytes), encodings: { br: encode('br'), gzip: encode('gzip') } }
	})

	return async (request, fetchAPI) => {
		const { method } = request
		if (method === 'OPTIONS') return options(ALLOWED, fetchAPI)
		if (method !== 'GET' && method !== 'HEAD')
			return refusal(new AppError('methodNotAllowed', { method, allow: ALLOWED }), request, fetchAPI)
		const { bytes, tag, encodings } = await content()
		const shared = { ...headers, etag: tag, 'cache-control': 'no-cache', vary: 'Accept-Encoding' }
		if (isFresh(request.headers, tag)) return new fetchAPI.Response(null, { status: 304, headers: shared })
		const encoding = bytes.length < MIN_ENCODED_BYTES ? undefined : encodingFor(request.headers.get('accept-encoding'))
		const sent = encoding ? await encodings[encoding]() : bytes
		return new fetchAPI.Response(method === 'HEAD' ? null : (sent as BodyInit), {
			headers: {
				...shared,
				'content-type': type,
				'content-length': String(sent.length),
				...(encoding && { 'content-encoding': encoding }),
			},
		})
	}
}

/** What `make` gives, made once; again when it failed. */
function kept<Value>(make: () => Promise<Value>): () => Promise<Value> {
	let value: Promise<Value> | undefined
	return () => {
		value ??= make().catch((error: unknown) => {
			value = undefined
			throw error
		})
		return value
	}
}
