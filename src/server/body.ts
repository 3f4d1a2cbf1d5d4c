import { IncomingMessage } from 'node:http'
import { finished, Readable } from 'node:stream'
import { AppError } from '../errors.ts'

/** How much of a body that nobody wants is read to its end, so that the client gets to see the answer. */
export interface DrainLimits {
	readonly maxBytes: number
	readonly timeoutMs: number
}

export const DRAIN_LIMITS: DrainLimits = { maxBytes: 16 * 1024 * 1024, timeoutMs: 10_000 }

/** How long a client may take to send what is read before anybody asks who it is: a JSON body, or a form up to its first file. */
export const ARRIVAL_TIMEOUT_MS = 30_000

/** Waits for a part of a body. @throws AppError BAD_REQUEST when it takes longer than `timeoutMs`. */
export async function inTime<Arrived>(arrival: Promise<Arrived>, timeoutMs: number): Promise<Arrived> {
	const late = Promise.withResolvers<never>()
	const timer = setTimeout(() => late.reject(new AppError('slowBody', { seconds: timeoutMs / 1000 })), timeoutMs)
	try {
		return await Promise.race([arrival, late.promise])
	} finally {
		clearTimeout(timer)
	}
}

/** The body of a request, unread; null when it has none. Node's own stream where the request came from Node, as it costs least. */
export function bodyOf(request: Request, serverContext: object): Readable | null {
	const incoming = 'req' in serverContext ? serverContext.req : undefined
	if (incoming instanceof IncomingMessage) {
		const { 'content-length': length = '0', 'transfer-encoding': encoding } = incoming.headers
		return length === '0' && encoding === undefined ? null : incoming
	}
	if (request.method === 'GET' || request.method === 'HEAD' || request.body === null) return null
	return Readable.from(request.body, { objectMode: false })
}

/** @throws AppError PAYLOAD_TOO_LARGE as soon as there is one byte too many, BAD_REQUEST when the body is cut off. */
export function readAll(body: Readable, maxBytes: number): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = []
		let bytes = 0
		const take = (chunk: Buffer) => {
			bytes += chunk.length
			chunks.push(chunk)
			if (bytes <= maxBytes) return
			stop()
			body.off('data', take).pause()
			reject(new AppError('bodyTooLarge', { maxBytes }))
		}
		const stop = finished(body, { writable: false }, (error) => {
			if (error) reject(new AppError('badJson'))
			else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
		})
		body.on('data', take)
	})
}

/**
 * Throws away what is left of a body. A server that answers and closes while the client is still sending makes the client see a reset
 * connection instead of the answer. Past the limits the connection is closed all the same.
 */
export function drain(body: Readable, { maxBytes, timeoutMs }: DrainLimits): void {
	if (body.readableEnded || body.destroyed) return
	const timer = setTimeout(() => body.destroy(), timeoutMs).unref()
	let bytes = 0
	body.on('data', (chunk: Buffer) => {
		bytes += chunk.length
		if (bytes > maxBytes) body.destroy()
	})
	finished(body, { writable: false }, () => clearTimeout(timer))
	body.resume()
}
