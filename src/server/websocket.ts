import type { Server as HttpServer } from 'node:http'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { CloseCode } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Auth } from '../auth/auth.ts'
import type { Context } from '../context.ts'
import { AppError, type Language } from '../errors.ts'
import { clientOf, type Trust } from '../limits/addresses.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { requestIdOf, tokenOf } from './calls.ts'
import { isWelcome, type Origins } from './cors.ts'
import type { Server } from './graphql.ts'
import { presented, presentedError } from './graphql-errors.ts'
import { languageOf } from './language.ts'
import { codeOf, NO_OPERATION } from './measuring.ts'
import type { Signed, SignedIn } from './signed-in.ts'

interface Options {
	http: HttpServer
	server: Server
	auth: Auth
	signedIn: SignedIn
	corsOrigins: Origins
	trustProxy: Trust | undefined
	metrics: Metrics
	report: (cause: unknown, requestId: string) => void
}

const TOO_MANY_SOCKETS = 4_429
/** Operations that run on one socket at once: what is followed there weighs kilobytes each. */
const MAX_OPERATIONS = 100
/** What is followed and has ended has so long to reach its socket when all are closed. */
const LAST_WORDS_MS = 1_000

/** What a socket is known by. */
interface Socket extends Extra {
	/** None: it came without a token. */
	signed: Signed
	abort: AbortController
}

/**
 * graphql-ws at `/graphql`. The token comes in `connectionParams`, as `authorization: "Bearer …"` or `token`; a wrong one closes the socket
 * with 4403, and so does the end of its session.
 * @returns what closes all sockets with 1001.
 */
export function serveWebSockets({ http, server, auth, signedIn, corsOrigins, trustProxy, metrics, report }: Options): () => Promise<void> {
	const sockets = new WebSocketServer({
		...{ server: http, path: '/graphql', perMessageDeflate: false, maxPayload: 1_048_576 },
		verifyClient: ({ req: { headers } }, answer) =>
			answer(isWelcome(headers.origin, headers.host, corsOrigins), 403, 'Pages of this origin may not connect: it is not in CORS_ORIGINS.'),
	})
	metrics.reportSockets(() => sockets.clients.size)
	const streams = createStreams()

	const { dispose } = useServer<Record<string, unknown>, Partial<Socket>>(
		{
			isProd: true, // else the cause of a failure would be told as the reason of the closing
			async onConnect({ connectionParams, extra }) {
				const token = tokenIn(connectionParams)
				extra.abort = new AbortController()
				if (token === null) return true
				const viewer = await auth.authenticate(token).catch((error: unknown) => {
					report(error, '')
					extra.socket?.close(CloseCode.InternalServerError, 'Internal server error')
					return null
				})
				if (!viewer || extra.socket?.readyState !== WebSocket.OPEN) return false
				const signed = { token, viewer, expel: () => extra.socket?.close(CloseCode.Forbidden, 'Forbidden') }
				if (!signedIn.enter(signed)) {
					extra.socket.close(TOO_MANY_SOCKETS, 'Too many sockets')
					return false
				}
				extra.signed = signed
				return true
			},
			onClose({ extra }) {
				if (extra.signed) signedIn.leave(extra.signed)
				extra.abort?.abort()
			},
			async onSubscribe({ extra, subscriptions }, _id, { query, operationName, variables }) {
				const startedAt = performance.now()
				const call = {
					viewer: extra.signed?.viewer ?? null,
					hasToken: extra.signed !== undefined,
					language: languageIn(extra),
					requestId: requestIdOf(undefined),
					address: clientOf(extra.request?.socket.remoteAddress, extra.request?.headers['x-forwarded-for']?.toString(), trustProxy),
					idempotencyKey: null,
					signal: extra.abort?.signal ?? AbortSignal.abort(),
				}
				const { schema, execute, subscribe, contextFactory, parse, validate } = server.getEnveloped({
					call,
					startedAt,
					surface: 'websocket',
				})
				const refused = (errors: readonly GraphQLError[]) => {
					const seconds = (performance.now() - startedAt) / 1_000
					for (const error of errors.slice(0, 1))
						metrics.request({ surface: 'websocket', operation: NO_OPERATION, status: codeOf(error), seconds })
					return errors
				}
				try {
					if (Object.keys(subscriptions).length > MAX_OPERATIONS) throw new AppError('tooManyOperations', { max: MAX_OPERATIONS })
					const document = parse(query)
					const errors = validate(schema, document)
					if (errors.length > 0) return refused(errors)
					const contextValue = await contextFactory()
					return {
						schema,
						document,
						operationName: operationName ?? null,
						variableValues: variables ?? null,
						contextValue,
						rootValue: { execute, subscribe },
					}
				} catch (error) {
					// of the parser, or what nobody expected; onError finds the words
					return refused([error instanceof GraphQLError ? error : new GraphQLError('unexpected', { originalError: asError(error) })])
				}
			},
			execute: (args: ExecutionArgs) => (args.rootValue as Root).execute(args),
			subscribe: async (args: ExecutionArgs) => streams.watched(endingWithItsError(await (args.rootValue as Root).subscribe(args))),
			onNext(_context, _id, _payload, args, result) {
				const { language, requestId } = args.contextValue as Context
				const { errors } = presented(result as ExecutionResult, language, (cause) => report(cause, requestId))
				if (!errors) return undefined
				return { data: result.data ?? null, errors: errors.map((error) => error.toJSON()) }
			},
			onError: ({ extra }, _id, _payload, errors) =>
				errors.map((error) => presentedError(error, languageIn(extra), (cause) => report(cause, '')).toJSON()),
		},
		sockets,
		12_000,
	)
	// graphql-ws would write to the console of every client that breaks the protocol of sockets; ws closes such a socket by itself
	sockets.on('connection', (socket) => {
		socket.removeAllListeners('error').on('error', () => {})
		ignoreLost(socket)
		refuseServersMessages(socket)
	})

	return async () => {
		await streams.ended(LAST_WORDS_MS)
		await dispose()
	}
}

const SERVERS_MESSAGE = /"(next|error|connection_ack)"/

/** What only a server may say closes a client's socket with 4400, as the protocol wants: graphql-ws would take it for a failure of its own. */
function refuseServersMessages(socket: WebSocket): void {
	const hearers = socket.listeners('message') as ((data: RawData, isBinary: boolean) => void)[]
	socket.removeAllListeners('message').on('message', (data, isBinary) => {
		if (isServersMessage(String(data))) socket.close(CloseCode.BadRequest, 'Invalid message received')
		else for (const hear of hearers) hear.call(socket, data, isBinary)
	})
}

function isServersMessage(text: string): boolean {
	if (!SERVERS_MESSAGE.test(text)) return false
	try {
		return SERVERS_MESSAGE.test(JSON.stringify((JSON.parse(text) as { type?: unknown } | null)?.type ?? null))
	} catch {
		return false // graphql-ws says what is no JSON
	}
}

/** What cannot be written is lost with its socket, which closes by itself: graphql-ws would write each such message to the console. */
function ignoreLost(socket: WebSocket): void {
	const send = socket.send.bind(socket) as (data: string, done: () => void) => void
	socket.send = (data: unknown, ...more: unknown[]) => {
		const done = more.findLast((argument) => typeof argument === 'function')
		send(String(data), () => done?.())
	}
}

/** Yoga's own, with all its plugins. */
interface Root {
	execute(args: ExecutionArgs): Promise<ExecutionResult>
	subscribe(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>
}

type Results = AsyncIterableIterator<ExecutionResult> | ExecutionResult

/** Knows which subscriptions are being followed. */
function createStreams() {
	const open = new Set<object>()
	let quiet: (() => void) | undefined
	return {
		watched(result: Results): Results {
			if (!(Symbol.asyncIterator in result)) return result
			const left = () => {
				open.delete(stream)
				if (open.size === 0) quiet?.()
			}
			const stream: AsyncIterableIterator<ExecutionResult> = {
				async next() {
					const step = await result.next()
					if (step.done) left()
					return step
				},
				async return() {
					left()
					return (await result.return?.()) ?? { done: true, value: undefined }
				},
				[Symbol.asyncIterator]: () => stream,
			}
			open.add(stream)
			return stream
		},
		/** Resolves when all have ended and what they said is written, or after `withinMs`. */
		async ended(withinMs: number): Promise<void> {
			const { promise, resolve } = Promise.withResolvers<void>()
			quiet = resolve
			if (open.size === 0) resolve()
			const timer = setTimeout(resolve, withinMs)
			await promise
			clearTimeout(timer)
			await new Promise((resolve) => setImmediate(resolve))
		},
	}
}

const languageIn = ({ request }: Partial<Socket>): Language => languageOf(request?.headers['accept-language'] ?? null)

/** A stream that breaks ends with an error of its own, and leaves the socket and its other subscriptions alone. */
function endingWithItsError(result: Results): Results {
	if (!(Symbol.asyncIterator in result)) return result
	let isBroken = false
	const guarded: AsyncIterableIterator<ExecutionResult> = {
		async next() {
			if (isBroken) return { done: true, value: undefined }
			try {
				return await result.next()
			} catch (error) {
				isBroken = true
				return { value: { errors: [new GraphQLError('unexpected', { originalError: asError(error) })] } }
			}
		},
		return: async () => (await result.return?.()) ?? { done: true, value: undefined },
		[Symbol.asyncIterator]: () => guarded,
	}
	return guarded
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

function tokenIn(params: Record<string, unknown> | undefined): string | null {
	const { authorization = params?.['Authorization'], token } = params ?? {}
	if (typeof authorization === 'string') return tokenOf(authorization) ?? ''
	return typeof token === 'string' ? token : null
}
