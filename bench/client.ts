import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** What a benchmark asks of the product, signed in, as the admin unless it says otherwise. */
export interface Client {
	token: string
	headers: Record<string, string>
	get(path: string): Promise<Record<string, unknown>>
	post(path: string, body: unknown): Promise<Record<string, unknown>>
	/** Uploads a text. @returns the id of the document. */
	send(slug: string, name: string, text: string): Promise<number>
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
	const send = async (slug: string, name: string, text: string): Promise<number> => {
		const body = new FormData()
		body.set('file', new File([text], name))
		const { document } = await ask(`/workspaces/${slug}/documents`, { method: 'POST', headers, body })
		return (document as { id: number }).id
	}
	return {
		token: String(token),
		headers,
		get: (path) => ask(path, { headers }),
		post: (path, body) => ask(path, { method: 'POST', headers: { ...headers, ...json }, body: JSON.stringify(body) }),
		send,
		upload: async (slug, name, text) => processed(url, headers, slug, await send(slug, name, text)),
	}
}

/** Follows a document to its end. @throws Error when it failed. */
async function processed(url: string, { authorization }: { authorization: string }, slug: string, id: number): Promise<void> {
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
	let last: string | undefined
	for await (const { data, errors } of events) {
		if (errors) throw new Error(errors[0]?.message)
		last = data?.documentEvents.status
	}
	await client.dispose()
	if (last !== 'PROCESSED') throw new Error(`document ${id} ended ${last}`)
}
