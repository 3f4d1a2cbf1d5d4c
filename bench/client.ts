import { Readable } from 'node:stream'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { prose } from './text.ts'

/** What a benchmark asks of the product, signed in, as the admin unless it says otherwise. */
export interface Client {
	token: string
	headers: Record<string, string>
	get(path: string): Promise<Record<string, unknown>>
	post(path: string, body: unknown): Promise<Record<string, unknown>>
	put(path: string, body: unknown): Promise<Record<string, unknown>>
	delete(path: string): Promise<void>
	/** Uploads a file. @returns the id of the document. */
	send(slug: string, name: string, content: string | Buffer): Promise<number>
	/** Uploads so many bytes of text, made on the way. @returns the id of the document. */
	stream(slug: string, name: string, bytes: number, seed: number): Promise<number>
	/** Follows a document until it is there, or further. @throws Error when it failed. */
	reached(slug: string, id: number, status: Status): Promise<void>
	/** Uploads a text, and waits until it is processed. */
	upload(slug: string, name: string, text: string): Promise<void>
}

export async function signIn(url: string, username = 'admin'): Promise<Client> {
	const json = { 'content-type': 'application/json' }
	const ask = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
		const response = await fetch(`${url}/api${path}`, init)
		const { data, error } = (await response.json()) as { data: Record<string, unknown>; error: string | null }
		if (!response.ok) throw new Error(`${path}: ${response.status} ${error}`)
		return data
	}
	const { token } = await ask('/auth/login', {
		method: 'POST',
		headers: json,
		body: JSON.stringify({ username, password: 'password' }),
	})
	const headers = { authorization: `Bearer ${String(token)}` }
	const send = (method: string, path: string, body: unknown) =>
		ask(path, { method, headers: { ...headers, ...json }, body: JSON.stringify(body) })
	const post = async (slug: string, init: RequestInit): Promise<number> => {
		const { document } = await ask(`/workspaces/${slug}/documents`, { method: 'POST', ...init })
		return (document as { id: number }).id
	}
	const sendFile = (slug: string, name: string, content: string | Buffer): Promise<number> => {
		const body = new FormData()
		body.set('file', new File([typeof content === 'string' ? content : new Uint8Array(content)], name))
		return post(slug, { headers, body })
	}
	const reached = (slug: string, id: number, status: Status) => follow(url, headers, slug, id, status)
	return {
		token: String(token),
		headers,
		get: (path) => ask(path, { headers }),
		post: (path, body) => send('POST', path, body),
		put: (path, body) => send('PUT', path, body),
		delete: async (path) => void (await ask(path, { method: 'DELETE', headers })),
		send: sendFile,
		stream: (slug, name, bytes, seed) =>
			post(slug, {
				headers: { ...headers, 'content-type': 'multipart/form-data; boundary=b' },
				body: Readable.toWeb(Readable.from(form(name, bytes, seed))),
				duplex: 'half',
			} as RequestInit),
		reached,
		upload: async (slug, name, text) => reached(slug, await sendFile(slug, name, text), 'PROCESSED'),
	}
}

const STATUSES = ['UPLOADED', 'PARSING', 'CHUNKING', 'EMBEDDING', 'INDEXING', 'PROCESSED'] as const
type Status = (typeof STATUSES)[number]

const PIECE = Buffer.from(prose(600, 1))

async function* form(name: string, bytes: number, seed: number) {
	yield Buffer.from(`--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n${String(seed).padEnd(8)}\n`)
	for (let sent = 0; sent < bytes; sent += PIECE.length) yield PIECE.subarray(0, bytes - sent)
	yield Buffer.from('\r\n--b--\r\n')
}

async function follow(url: string, { authorization }: { authorization: string }, slug: string, id: number, wanted: Status): Promise<void> {
	const client = createClient({
		url: `${url.replace('http', 'ws')}/graphql`,
		webSocketImpl: WebSocket,
		connectionParams: { authorization },
	})
	const query =
		'subscription ($slug: String!, $id: ID!) { documentEvents(slug: $slug, documentId: $id) { ... on DocumentProgressed { status error { reason } } } }'
	const events = client.iterate<{ documentEvents: { status: string; error: { reason: string } | null } }>({
		query,
		variables: { slug, id },
	})
	const isThere = (status: string | undefined) => STATUSES.indexOf(status as Status) >= STATUSES.indexOf(wanted)
	let last: string | undefined
	for await (const { data, errors } of events) {
		if (errors) throw new Error(errors[0]?.message)
		last = data?.documentEvents.status
		if (isThere(last)) break
	}
	await client.dispose()
	if (!isThere(last)) throw new Error(`document ${id} ended ${last}`)
}
