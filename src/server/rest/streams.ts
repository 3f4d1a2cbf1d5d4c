import type { ExecutionResult } from 'graphql'
import type { FetchAPI } from 'graphql-yoga'
import type { Download } from '../../downloads.ts'
import type { AppError, Language } from '../../errors.ts'
import { fileAnswer, filePieces } from './bytes.ts'
import type { Operation, ShownEvent } from './projection.ts'
import { eventPieces, HEARTBEAT_MS, SSE_HEADERS, SSE_TYPE } from './sse.ts'
import { type Pieces, streamed } from './streamed.ts'

export interface StreamOptions<ServerContext> {
	/** A silence in a stream of events is broken so often. */
	readonly heartbeatMs?: number
	/**
	 * Somebody begins to follow something: `expel` ends it. @returns what says that they have left.
	 * @throws AppError when they follow too much.
	 */
	follow?(request: Request, serverContext: ServerContext, expel: (why: AppError) => void): Promise<() => void>
	/** A body that was begun is cut off. */
	cut?(serverContext: ServerContext): void
	/** Gets every error whose cause the caller does not see. */
	report(error: unknown, serverContext: ServerContext): void
}

interface Asked<ServerContext> {
	readonly request: Request
	readonly serverContext: ServerContext
	readonly language: Language
}

/** Answers that are no JSON text: they are made while they are read. */
export function createStreams<ServerContext>({ Response }: Pick<FetchAPI, 'Response'>, options: StreamOptions<ServerContext>) {
	const { heartbeatMs = HEARTBEAT_MS, follow, cut, report } = options

	/** Null for HEAD: what it would be is known. */
	function bodyOf(pieces: Pieces, { request: { method, signal }, serverContext }: Asked<ServerContext>): ReadableStream<Uint8Array> | null {
		if (method === 'HEAD') {
			pieces.leave()
			return null
		}
		return streamed(pieces, {
			signal,
			broken(cause) {
				report(cause, serverContext)
				cut?.(serverContext)
			},
		})
	}

	return {
		/** What a subscription tells. @throws AppError when the caller follows too much. */
		async events(operation: Operation, results: AsyncIterator<ExecutionResult>, asked: Asked<ServerContext>): Promise<Response> {
			const { request, serverContext, language } = asked
			const expelled = Promise.withResolvers<AppError>()
			const pieces = eventPieces({
				results,
				show: ({ data }) => operation.project(data?.[operation.name]) as ShownEvent,
				language,
				heartbeatMs,
				expelled: expelled.promise,
				report: (cause) => report(cause, serverContext),
			})
			let left: (() => void) | undefined
			try {
				left = await follow?.(request, serverContext, expelled.resolve)
			} catch (error) {
				pieces.leave()
				throw error
			}
			const leave = () => {
				left?.()
				pieces.leave()
			}
			const body = bodyOf({ next: pieces.next, leave }, asked)
			return new Response(body, { status: 200, headers: { ...SSE_HEADERS, 'content-type': SSE_TYPE } })
		},

		/** The bytes of a file, or some of them. @throws AppError where there are none. */
		async file(download: Download, asked: Asked<ServerContext>): Promise<Response> {
			const { status, headers, part } = fileAnswer(download, asked.request)
			const body = part ? bodyOf(filePieces(await download.source.open(part)), asked) : null
			return new Response(body, { status, headers })
		},
	}
}
