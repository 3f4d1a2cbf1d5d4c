import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import type { TestApp } from './app.ts'

interface Problem {
	message: string
	path?: readonly (string | number)[]
	extensions?: { code?: string }
}

/** What a subscription gave once. */
export interface Told {
	// biome-ignore lint/suspicious/noExplicitAny: tests read answers as they are documented
	data?: any
	errors?: readonly Problem[]
}

/** A way to follow a subscription, over real sockets. Leaving the iteration closes the connection. */
export interface Transport {
	name: 'WebSocket' | 'SSE'
	follow(app: TestApp, query: string, variables: object, token?: string | null): AsyncGenerator<Told, void, undefined>
}

/** All that a subscription gave, and the error that it ended with. */
export async function heard(stream: AsyncIterable<Told>) {
	const results = await Array.fromAsync(stream)
	const problem = results.flatMap(({ errors }) => errors ?? [])[0]
	return {
		/** The value of the field, each time. */
		events: results.flatMap(({ data }) => (data ? Object.values(data) : [])) as Told['data'][],
		code: problem?.extensions?.code,
		error: problem?.message,
	}
}

export const transports: Transport[] = [
	{
		name: 'WebSocket',
		async *follow(app, query, variables, token) {
			const client = createClient({
				url: `${(await app.url()).replace('http', 'ws')}/graphql`,
				webSocketImpl: WebSocket,
				connectionParams: token ? { authorization: `Bearer ${token}` } : {},
				retryAttempts: 0,
			})
			try {
				for await (const result of client.iterate({ query, variables: { ...variables } })) yield result as Told
			} catch (error) {
				if (!Array.isArray(error)) throw new Error(`the socket closed with ${(error as CloseEvent).code}`)
				yield { errors: error as Problem[] }
			} finally {
				await client.dispose()
			}
		},
	},
	{
		name: 'SSE',
		async *follow(app, query, variables, token) {
			const left = new AbortController()
			const response = await fetch(`${await app.url()}/graphql`, {
				method: 'POST',
				headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
				body: JSON.stringify({ query, variables }),
				signal: left.signal,
			})
			try {
				for await (const { event, data } of serverSentEvents(response)) {
					if (event === 'complete') return
					if (event === 'next') yield JSON.parse(data) as Told
				}
				throw new Error('the stream was cut off')
			} finally {
				left.abort()
			}
		},
	},
]

async function* serverSentEvents({ body }: Response): AsyncGenerator<{ event: string; data: string }, void, undefined> {
	let text = ''
	for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
		text += piece
		const blocks = text.split('\n\n')
		text = blocks.pop() ?? ''
		for (const block of blocks) {
			const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? ''
			yield { event: field('event'), data: field('data') }
		}
	}
}
