import { createServer, type Server as HttpServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Metrics } from '../metrics/metrics.ts'
import { isRouted, isWebSocket, malformed, written } from './wire.ts'

/** A whole request may take so long to arrive: a large file over a slow line. Its headers may not. */
const REQUEST_TIMEOUT_MS = 30 * 60_000
const HEADERS_TIMEOUT_MS = 15_000
const KEEP_ALIVE_MS = 65_000

/** What faces the network. */
export interface Edge {
	/** Answers a request without a socket. */
	fetch(request: Request): Promise<Response>
	/** @returns the port. */
	listen(port: number, host: string): Promise<number>
	/** Takes no more requests, and resolves when what runs is answered, or cut off after `timeoutMs`. Sockets stay until {@link closeSockets}. */
	close(timeoutMs: number): Promise<void>
	closeSockets(): Promise<void>
}

interface Listener extends Pick<Edge, 'listen' | 'close'> {
	readonly http: HttpServer
}

/** Node's HTTP server around what answers everything that can be read. From listening to closing the metrics watch the process. */
export function createListener(answer: RequestListener, metrics: Pick<Metrics, 'start' | 'stop'>): Listener {
	const answering = new WeakMap<Duplex, ServerResponse>()
	const options = {
		...{ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
		requireHostHeader: false, // isRouted looks
		shouldUpgradeCallback: (request: IncomingMessage): boolean => http.listenerCount('upgrade') > 0 && isWebSocket(request),
	}
	const http = createServer(options, (request, response) => {
		answering.set(request.socket, response)
		if (isRouted(request)) return answer(request, response)
		const { status, headers, body } = malformed(undefined, request.headers['accept-language'])
		response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
	})
	http.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
		const begun = answering.get(socket)
		if (!socket.writable || (begun?.headersSent && !begun.writableFinished)) socket.destroy()
		else socket.end(written(malformed(error.code)), () => socket.destroy())
	})
	return {
		http,
		listen: (port, host) =>
			new Promise((resolve, reject) => {
				http.once('error', reject)
				http.listen(port, host, () => {
					http.off('error', reject)
					metrics.start()
					resolve((http.address() as AddressInfo).port)
				})
			}),
		async close(timeoutMs) {
			if (!http.listening) return
			metrics.stop()
			const timer = setTimeout(() => http.closeAllConnections(), timeoutMs)
			await new Promise((resolve) => {
				http.close(resolve)
				http.closeIdleConnections()
			})
			clearTimeout(timer)
		},
	}
}
