import { type Client, createClient } from 'graphql-ws'
import WebSocket from 'ws'

/** An answer of REST, its envelope taken apart. */
export interface RestReply<Data> {
	status: number
	headers: Headers
	/** All of the body. */
	envelope: { success: boolean; data: Data; error: string | null; message: string }
	data: Data
}

/** A client of a running server, over real sockets, signed in. */
export interface Session {
	readonly token: string
	/** The code that its WebSocket was closed with. */
	readonly closed: Promise<number>
	/** Any answer, whatever its status. A body that is no form goes as JSON. */
	ask<Data>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<RestReply<Data>>
	/** `data` of an answer of 2xx. @throws Error with what the server says otherwise. */
	rest<Data>(method: string, path: string, body?: unknown): Promise<Data>
	/** `data` of a GraphQL request over HTTP. @throws Error with its first error. */
	graphql<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>
	/** Uploads one file. */
	upload(
		slug: string,
		name: string,
		bytes: string | Uint8Array<ArrayBuffer>,
		signal?: AbortSignal,
	): Promise<RestReply<{ document: Uploaded }>>
	/** The results of a subscription, on a WebSocket that all of the session's subscriptions share. */
	subscribe<Data>(query: string, variables?: Record<string, unknown>): AsyncGenerator<Data, void, undefined>
	close(): Promise<void>
}

/** What an upload is answered with. */
export interface Uploaded {
	id: number
	filename: string
	originalName: string
	mimeType: string
	size: number
	processed: boolean
	status: string
}

/** Signs in at a server. The WebSocket opens with the first subscription; no call is repeated. */
export async function signIn(url: string, username: string, password: string): Promise<Session> {
	const { token } = await dataOf(ask<{ token: string }>(url, {}, 'POST', '/auth/login', { username, password }))
	const bearer = { authorization: `Bearer ${token}` }
	const { promise: closed, resolve: hasClosed } = Promise.withResolvers<number>()
	let client: Client | undefined

	function socket(): Client {
		client ??= createClient({
			url: `${url.replace('http', 'ws')}/graphql`,
			webSocketImpl: WebSocket,
			connectionParams: bearer,
			lazyCloseTimeout: 1_000,
			retryAttempts: 0,
			on: { closed: (event) => hasClosed((event as WebSocket.CloseEvent).code) },
		})
		return client
	}

	return {
		token,
		closed,
		ask: (method, path, body, headers) => ask(url, { ...bearer, ...headers }, method, path, body),
		rest: (method, path, body) => dataOf(ask(url, bearer, method, path, body)),
		async graphql<Data>(query: string, variables: Record<string, unknown> = {}) {
			const headers = { ...bearer, 'content-type': 'application/json' }
			const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
			return resultOf((await response.json()) as Result<Data>)
		},
		upload(slug, name, bytes, signal) {
			const form = new FormData()
			form.set('file', new File([bytes], name))
			return ask(url, bearer, 'POST', `/workspaces/${slug}/documents`, form, signal)
		},
		async *subscribe<Data>(query: string, variables: Record<string, unknown> = {}) {
			try {
				for await (const result of socket().iterate<Data>({ query, variables })) yield resultOf(result as Result<Data>)
			} catch (problem) {
				if (problem instanceof Error) throw problem
				if (Array.isArray(problem)) throw new Error(`refused: ${JSON.stringify(problem)}`)
				throw new Error(`the socket closed: ${(problem as Partial<WebSocket.CloseEvent>).code}`)
			}
		},
		async close() {
			await client?.dispose()
		},
	}
}

async function ask<Data>(
	url: string,
	headers: Readonly<Record<string, string>>,
	method: string,
	path: string,
	body?: unknown,
	signal?: AbortSignal,
): Promise<RestReply<Data>> {
	const isForm = body instanceof FormData
	const response = await fetch(`${url}/api${path}`, {
		method,
		headers: { ...(body !== undefined && !isForm && { 'content-type': 'application/json' }), ...headers },
		...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
		...(signal && { signal }),
	})
	const envelope = parsed(await response.text(), `${response.status} of ${method} ${path}`) as RestReply<Data>['envelope']
	return { status: response.status, headers: response.headers, envelope, data: envelope.data }
}

function parsed(text: string, what: string): unknown {
	try {
		return JSON.parse(text) as unknown
	} catch {
		throw new Error(`${what} is no JSON: "${text}"`)
	}
}

async function dataOf<Data>(reply: Promise<RestReply<Data>>): Promise<Data> {
	const { status, envelope, data } = await reply
	if (status >= 300) throw new Error(`${status}: ${envelope.error}`)
	return data
}

interface Result<Data> {
	data?: Data | null
	errors?: readonly { message: string }[]
}

function resultOf<Data>({ data, errors }: Result<Data>): Data {
	if (errors?.[0] || data == null) throw new Error(errors?.[0]?.message ?? 'an answer without data')
	return data
}
