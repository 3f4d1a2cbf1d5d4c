import type { GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context, Services } from '../context.ts'
import type { PrismaClient } from '../database/database.ts'
import { AppError } from '../errors.ts'
import type { Trust } from '../limits/addresses.ts'
import type { LimitClass, Limits, Standing } from '../limits/limits.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { refusalOf, scopesOf } from '../rights.ts'
import { DRAIN_LIMITS } from './body.ts'
import { callOf, type Incoming, tokenOf } from './calls.ts'
import { useCompression } from './compression.ts'
import { type Origins, useCors } from './cors.ts'
import { useDocumentLimits } from './document-limits.ts'
import { guarded, useArrival, useProbes, useSurfaces } from './edge.ts'
import { useFirstAnswers } from './first-answers.ts'
import { createGraphQL, type Server } from './graphql.ts'
import type { Checks } from './health.ts'
import { createListener, type Edge } from './http.ts'
import { useNoIntrospection } from './introspection.ts'
import { useKeptAnswers } from './kept-answers.ts'
import { spender, useLimits } from './limits.ts'
import { useMeasuring } from './measuring.ts'
import { usePages } from './pages.ts'
import { createProbes } from './probes.ts'
import type { OpenApiTexts } from './rest/openapi.ts'
import { createRest, type Rest } from './rest/rest.ts'
import { createSignedIn, MAX_CONNECTIONS_A_USER } from './signed-in.ts'
import { serveWebSockets } from './websocket.ts'

interface Options {
	schema: GraphQLSchema
	/** What the OpenAPI document says that the schema does not. */
	openApi: OpenApiTexts
	services: Services
	prisma: PrismaClient
	/** How many statements that may have changed something were sent so far; undefined where others write too. */
	writes?: (() => number) | undefined
	checks: Checks
	metrics: Metrics
	/** Bearer token of `/metrics`; without it `/metrics` answers this machine alone. */
	metricsToken?: string | undefined
	/** Of a file: a larger one is refused, and read to its end so that its sender sees why. */
	uploadMaxBytes: number
	/** Whether clients may read the schema. */
	introspection?: boolean
	/** Whether browsers get GraphiQL. */
	graphiql?: boolean
	limits: Limits
	/** Whose pages may call, beside ours. */
	corsOrigins?: Origins
	/** Whose word on where a request comes from is taken; without it nobody's. */
	trustProxy?: Trust | undefined
	log: Logger
}

/** How long the rest of a refused upload is read. */
const DRAIN_MS = 30_000

/** Everything that faces the network, over the services. */
export function createEdge(options: Options): Edge & { readonly openapi: object } {
	const { schema, openApi, services, prisma, writes, checks, metrics, metricsToken, uploadMaxBytes, limits, trustProxy, log } = options
	const { introspection = true, graphiql = true, corsOrigins = [] } = options
	const drain = { maxBytes: Math.max(DRAIN_LIMITS.maxBytes, 2 * uploadMaxBytes), timeoutMs: DRAIN_MS }
	const report = (cause: unknown, requestId: string) => log.error({ err: cause, requestId }, 'an unexpected error')
	const signedIn = createSignedIn({ auth: services.auth, report: (cause) => report(cause, '') })
	let rest: Rest<Incoming> | undefined
	const plugins = [
		useArrival((line) => log.debug(line, 'answered')),
		useCors(corsOrigins),
		useProbes(createProbes({ checks, metrics, metricsToken })),
		guarded(usePages({ graphiql }), report),
		guarded(useSurfaces(theRest), report),
		useMeasuring(metrics),
		useLimits(),
		useFirstAnswers(),
		useDocumentLimits({ schema, isTrusted: (text) => theRest().documents.has(text) }),
		...(introspection ? [] : [useNoIntrospection()]),
		...(writes ? [useKeptAnswers({ schema, writes })] : []),
		useCompression(),
	] as Plugin[]
	const server: Server = createGraphQL({
		schema,
		plugins,
		drain,
		report,
		async contextOf(request, { call: known, ...incoming }): Promise<Context & Pick<Incoming, 'touched'>> {
			const call = known ?? (await callOf(request, incoming, services.auth, trustProxy))
			const { viewer, idempotencyKey } = call
			const once = viewer && idempotencyKey !== null ? services.idempotency.of(viewer.id, idempotencyKey) : undefined
			const touched = new Map<LimitClass, Standing>()
			return { ...call, services, prisma, touched, spend: spender(limits, call, touched), once }
		},
	})

	function theRest(): Rest<Incoming> {
		rest ??= createRest<Incoming>({
			schema,
			yoga: server,
			base: '/api',
			drain,
			openApi,
			async refusal({ isPublic, isForAdmins }, request, incoming) {
				const call = await callOf(request, incoming, services.auth, trustProxy)
				const { user, admin } = scopesOf(call)
				return isPublic || (isForAdmins ? admin : user) ? undefined : refusalOf(call)
			},
			async follow(request, incoming, expel) {
				const token = tokenOf(request.headers.get('authorization'))
				const viewer = token === null ? null : await services.auth.authenticate(token)
				if (token === null || viewer === null) return () => undefined
				const following = { token, viewer, expel: () => expel(new AppError('badToken')) }
				if (!signedIn.enter(following)) throw new AppError('tooManyStreams', { max: MAX_CONNECTIONS_A_USER })
				incoming.req?.socket.setKeepAlive(true)
				return () => signedIn.leave(following)
			},
			cut: ({ res }) => res?.destroy(),
			matched(route, incoming) {
				incoming.route = route
			},
			report: (cause, { requestId }) => report(cause, requestId ?? ''),
		})
		return rest
	}

	const listener = createListener((request, response) => void server.handle(request, response, {}), metrics)
	const closeSockets = serveWebSockets({
		http: listener.http,
		server,
		auth: services.auth,
		signedIn,
		corsOrigins,
		trustProxy,
		metrics,
		report,
	})
	return {
		fetch: async (request) => server.fetch(request, {}),
		listen: listener.listen,
		close: listener.close,
		async closeSockets() {
			await closeSockets()
			signedIn.stop()
		},
		openapi: theRest().openapi,
	}
}
