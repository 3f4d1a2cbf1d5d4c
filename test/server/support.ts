import { createExample, type ExampleOptions } from './example/app.ts'

export interface Reply {
	readonly status: number
	readonly code: string | null
	readonly headers: Headers
	/** The envelope; its data is whatever the route answers. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look at answers, not at types
	readonly body: any
}

const SIGNED_IN = { authorization: 'Bearer 1', 'accept-language': 'en' }

/** A fresh application, and one way in for each surface. */
export function start(options?: ExampleOptions) {
	const app = createExample(options)

	async function rest(method: string, path: string, body?: unknown, headers: Record<string, string> = SIGNED_IN): Promise<Reply> {
		const isRaw = typeof body === 'string' || body instanceof FormData || body instanceof ReadableStream
		const type: Record<string, string> = body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }
		const content = body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body), duplex: 'half' }
		const response = await app.yoga.fetch(
			new Request(`http://localhost/api${path}`, { method, headers: { ...type, ...headers }, ...content }),
		)
		const text = await response.text()
		return {
			status: response.status,
			code: response.headers.get('x-error-code'),
			headers: response.headers,
			body: text === '' ? undefined : JSON.parse(text),
		}
	}

	async function graphql(query: string, variables: Record<string, unknown> = {}) {
		const body = JSON.stringify({ query, variables })
		const response = await app.yoga.fetch(
			new Request('http://localhost/graphql', { method: 'POST', headers: { ...SIGNED_IN, 'content-type': 'application/json' }, body }),
		)
		// biome-ignore lint/suspicious/noExplicitAny: tests look at answers, not at types
		return (await response.json()) as any
	}

	return { ...app, rest, graphql }
}
