import type { Plugin } from 'graphql-yoga'
import { encoded, encodingFor, MIN_ENCODED_BYTES } from './encoding.ts'

const COMPRESSIBLE = /^(text\/(?!event-stream)|application\/([\w.-]+\+)?json\b)/

/** Compresses answers whose length is known, for who likes it: nothing that streams, and nothing twice. The last of the plugins. */
export function useCompression(): Plugin {
	return {
		onResponse({ request, response, setResponse, fetchAPI }) {
			const { headers, status } = response
			if (Number(headers.get('content-length') ?? 0) < MIN_ENCODED_BYTES || headers.has('content-encoding')) return undefined
			if (/\bno-transform\b/.test(headers.get('cache-control') ?? '')) return undefined
			if (!COMPRESSIBLE.test(headers.get('content-type') ?? '')) return undefined
			if (!headers.has('vary')) headers.set('vary', 'Accept-Encoding')
			const encoding = encodingFor(request.headers.get('accept-encoding'))
			if (!encoding) return undefined
			if (request.method === 'HEAD') return headers.delete('content-length') // of the compressed answer, which nobody makes
			return response
				.arrayBuffer()
				.then((bytes) => encoded(new Uint8Array(bytes), encoding))
				.then((bytes) => {
					headers.set('content-encoding', encoding)
					headers.set('content-length', String(bytes.length))
					setResponse(new fetchAPI.Response(bytes, { status, headers }))
				})
		},
	}
}
