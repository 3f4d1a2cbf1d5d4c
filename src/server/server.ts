import type { GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context, Services } from '../context.ts'
import type { PrismaClient } from '../database/database.ts'
import type { Logger } from '../log.ts'
import { DRAIN_LIMITS } from './body.ts'
import { callOf, type Incoming } from './calls.ts'
import { useEdge } from './edge.ts'
import { createGraphQL, type Server } from './graphql.ts'
import { type Checks, useHealth } from './health.ts'
import { createListener } from './http.ts'
import { usePages } from './pages.ts'
import { createRest, type Rest } from './rest/rest.ts'
import { serveWebSockets } from './websocket.ts'

interface Options {
	schema: GraphQLSchema
	services: Services
	prisma: PrismaClient
	checks: Checks
	version: string
	/** Of a file: a larger one is refused, and read to its end so that its sender sees why. */
	uploadMaxBytes: number
	log: Logger
}

/** How long the rest of a refused upload is read. */
const DRAIN_MS = 30_000

export interface Edge {
	/** Answers a request without a socket. */
	fetch(request: Request): Promise<Response>
	/** @returns the port. */
	listen(port: number, host: string): Promise<number>
	/** Takes no more requests; what runs has `timeoutMs`. Sockets stay until {@link closeSockets}. */
	close(timeoutMs: number): Promise<void>
	closeSockets(): Promise<void>
	readonly openapi: object
}

/** What the OpenAPI document says of itself. */
export const openApiInfo = (version: string) => ({ title: 'anythingllm-api', version })

/** Everything that faces the network, over the services. */
export function createEdge({ schema, services, prisma, checks, version, uploadMaxBytes, log }: Options): Edge {
	const drain = { maxBytes: Math.max(DRAIN_LIMITS.maxBytes, 2 * uploadMaxBytes), timeoutMs: DRAIN_MS }
	const report = (cause: unknown, requestId: string) => log.error({ err: cause, requestId }, 'an unexpected error')
	let rest: Rest<Incoming> | undefined
	const plugins = [useHealth(checks), usePages(), useEdge({ rest: theRest, answered: (line) => log.debug(line, 'answered') })] as Plugin[]
	const server: Server = createGraphQL({
		schema,
		plugins,
		drain,
		report,
		contextOf: async (request, { call, ...incoming }): Promise<Context> => ({
			...(call ?? (await callOf(request, incoming, services.auth))),
			services,
			prisma,
		}),
	})

	function theRest(): Rest<Incoming> {
		rest ??= createRest<Incoming>({
			schema,
			yoga: server,
			base: '/api',
			drain,
			openApiInfo: openApiInfo(version),
			report: (cause, { requestId }) => report(cause, requestId ?? ''),
		})
		return rest
	}

	const listener = createListener(server)
	const closeSockets = serveWebSockets({ http: listener.http, server, auth: services.auth, report })
	return {
		fetch: async (request) => server.fetch(request, {}),
		listen: listener.listen,
		close: listener.close,
		closeSockets,
		openapi: theRest().openapi,
	}
}
