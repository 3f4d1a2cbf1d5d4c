import type { App } from '../../src/app.ts'
import type { TestApp } from './app.ts'

/** What a surface answered, in one form for both. */
export interface Reply {
	/** The machine-readable code; undefined when it went well. */
	code: string | undefined
	/** The words of the error. */
	error: string | null
	/** What REST shows as `data`; of GraphQL, what the operation's field gave. */
	// biome-ignore lint/suspicious/noExplicitAny: tests read answers as they are documented
	data: any
	/** Of HTTP. */
	status: number
	headers: Headers
}

type Json = Record<string, unknown>

/** One operation as each surface asks for it. */
export interface Operation<Args extends Json = Json> {
	rest(args: Args): { method: string; path: string; body?: unknown }
	graphql: {
		query: string
		variables?(args: Args): Json
		/** REST wraps what the field gives in an object with this key, of a connection its nodes. */
		key?: string
	}
}

export interface Surface {
	name: 'REST' | 'GraphQL'
	ask<Args extends Json>(
		app: Pick<App, 'fetch'>,
		operation: Operation<Args>,
		args: Args,
		token?: string | null,
		headers?: Record<string, string>,
	): Promise<Reply>
}

const bearer = (token: string | null | undefined): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {})

/** Any REST request; a body that is no string and no form goes as JSON. */
export async function rest(
	app: Pick<App, 'fetch'>,
	method: string,
	path: string,
	body?: unknown,
	token?: string | null,
	headers: Record<string, string> = {},
): Promise<Reply> {
	const isRaw = typeof body === 'string' || body instanceof FormData
	const type: Record<string, string> = body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }
	const init = {
		method,
		headers: { ...type, ...bearer(token), ...headers },
		...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
	}
	const response = await app.fetch(new Request(`http://localhost/api${path}`, init))
	const text = await response.text()
	const json = (text ? JSON.parse(text) : {}) as { data?: unknown; error?: string | null }
	return {
		code: response.headers.get('x-error-code') ?? undefined,
		error: json.error ?? null,
		data: json.data,
		status: response.status,
		headers: response.headers,
	}
}

/** Any GraphQL request over HTTP. `data` is the first field's value. */
export async function graphql(
	app: Pick<App, 'fetch'>,
	query: string,
	variables: Json = {},
	token?: string | null,
	headers: Record<string, string> = {},
): Promise<Reply> {
	const init =
		filesIn(variables).length > 0
			? { body: multipart(JSON.stringify({ query, variables: withoutFiles(variables) }), filesIn(variables)), headers: {} }
			: { body: JSON.stringify({ query, variables }), headers: { 'content-type': 'application/json' } }
	const response = await app.fetch(
		new Request('http://localhost/graphql', {
			method: 'POST',
			body: init.body,
			headers: { ...init.headers, ...bearer(token), ...headers },
		}),
	)
	const result = (await response.json()) as {
		data?: Json | null
		errors?: { message: string; extensions?: { code?: string } }[]
		error?: string
	}
	const [error] = result.errors ?? []
	const code = error ? (error.extensions?.code ?? 'none') : (response.headers.get('x-error-code') ?? undefined)
	return {
		code,
		error: error?.message ?? result.error ?? null,
		data: Object.values(result.data ?? {})[0],
		status: response.status,
		headers: response.headers,
	}
}

/** The GraphQL multipart request of files, by their paths below the variables. */
export function multipart(operations: string, files: readonly [path: string, file: Blob][]): FormData {
	const body = new FormData()
	body.set('operations', operations)
	body.set('map', JSON.stringify(Object.fromEntries(files.map(([path], index) => [index, [`variables${path}`]]))))
	for (const [index, [, file]] of files.entries()) body.set(String(index), file)
	return body
}

/** The files of variables, each with its path: `.input.files.0`. */
export function filesIn(value: unknown, path = ''): [path: string, file: Blob][] {
	if (value instanceof Blob) return [[path, value]]
	if (typeof value !== 'object' || value === null) return []
	return Object.entries(value).flatMap(([name, inner]) => filesIn(inner, `${path}.${name}`))
}

/** The same with null where a file was. */
export const withoutFiles = (variables: Readonly<Json>): Json =>
	JSON.parse(JSON.stringify(variables, (_name, value: unknown) => (value instanceof Blob ? null : value))) as Json

export const surfaces: Surface[] = [
	{
		name: 'REST',
		ask(app, operation, args, token, headers) {
			const { method, path, body } = operation.rest(args)
			return rest(app, method, path, body, token, headers)
		},
	},
	{
		name: 'GraphQL',
		async ask(app, { graphql: { query, variables, key } }, args, token, headers) {
			const reply = await graphql(app, query, variables ? variables(args) : args, token, headers)
			if (!key || reply.code !== undefined) return reply
			const nodes = reply.data?.edges?.map(({ node }: { node: unknown }) => node)
			return { ...reply, data: { [key]: nodes ?? reply.data } }
		},
	},
]

/** The two ways to a server: without a socket, and over one, as the world comes. */
export const ways: { name: string; to(app: TestApp): Pick<App, 'fetch'> }[] = [
	{ name: 'in the process', to: (app) => app },
	{
		name: 'over a socket',
		to: (app) => ({
			fetch: async (request) => fetch(new Request(request.url.replace('http://localhost', await app.url()), request)),
		}),
	},
]

/** A body whose length nobody knows beforehand. */
export const streamOf = (...parts: string[]): ReadableStream<Uint8Array> =>
	new ReadableStream({
		start(controller) {
			for (const part of parts) controller.enqueue(Buffer.from(part))
			controller.close()
		},
	})
