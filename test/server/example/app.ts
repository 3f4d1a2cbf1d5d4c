import type { IncomingMessage } from 'node:http'
import { createYoga } from 'graphql-yoga'
import type { DrainLimits } from '../../../src/server/body.ts'
import { useGraphQLMultipart } from '../../../src/server/graphql-multipart.ts'
import { createRest, type Rest } from '../../../src/server/rest/rest.ts'
import type { Upload } from '../../../src/uploads.ts'
import { builder, type Context } from './builder.ts'
import './mutations.ts'
import './queries.ts'
import { createStore } from './store.ts'

export const schema = builder.toSchema({ sortSchema: false })

export interface ServerContext {
	req?: IncomingMessage
}

export interface ExampleOptions {
	receive?: Context['receive']
	maxBodyBytes?: number
	arrivalTimeoutMs?: number
	drain?: DrainLimits
}

/** A small application with both surfaces, and what it reported of itself. */
export function createExample({ receive = readAll, maxBodyBytes = 1024, arrivalTimeoutMs = 30_000, drain }: ExampleOptions = {}) {
	const store = createStore()
	const reported: unknown[] = []
	const yoga = createYoga<ServerContext, Context>({
		schema,
		logging: false,
		multipart: false,
		maskedErrors: false,
		maxRequestBodySize: false,
		plugins: [
			useGraphQLMultipart(drain),
			{
				onRequest: ({ request, url, serverContext, endResponse }) =>
					url.pathname.startsWith('/api/')
						? rest.handle(request, url.pathname.slice('/api'.length), serverContext as ServerContext).then(endResponse)
						: undefined,
			},
		],
		context: ({ request }) => ({
			store,
			receive,
			viewer: store.users.find(({ id }) => request.headers.get('authorization') === `Bearer ${id}`),
		}),
	})
	const rest: Rest<ServerContext> = createRest<ServerContext>({
		schema,
		yoga,
		base: '/api',
		openApi: { info: { title: 'example', version: '1.0.0' } },
		maxBodyBytes,
		arrivalTimeoutMs,
		...(drain && { drain }),
		report: (error) => reported.push(error),
	})

	return { store, reported, yoga, rest }
}

/** Reads an upload as a service does: the file, then what comes after it. */
export async function readAll(upload: Upload) {
	let size = 0
	for await (const chunk of upload.open()) size += (chunk as Buffer).length
	return { size, trailing: await upload.trailing() }
}
