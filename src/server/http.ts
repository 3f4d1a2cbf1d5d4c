import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Server } from './graphql.ts'

/** A whole request may take so long to arrive: a large file over a slow line. Its headers may not. */
const REQUEST_TIMEOUT_MS = 30 * 60_000
const HEADERS_TIMEOUT_MS = 15_000
const KEEP_ALIVE_MS = 65_000

export interface Listener {
	readonly http: HttpServer
	/** @returns the port. */
	listen(port: number, host: string): Promise<number>
	/** Takes no more, and resolves when what runs is answered, or cut off after `timeoutMs`. */
	close(timeoutMs: number): Promise<void>
}

/** Node's HTTP server around Yoga, which answers everything. */
export function createListener(server: Server): Listener {
	const http = createServer(
		{ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
		(request, response) => {
			void server.handle(request, response, {})
		},
	)
	return {
		http,
		listen: (port, host) =>
			new Promise((resolve, reject) => {
				http.once('error', reject)
				http.listen(port, host, () => {
					http.off('error', reject)
					resolve((http.address() as AddressInfo).port)
				})
			}),
		async close(timeoutMs) {
			if (!http.listening) return
			const timer = setTimeout(() => http.closeAllConnections(), timeoutMs)
			await new Promise((resolve) => {
				http.close(resolve)
				http.closeIdleConnections()
			})
			clearTimeout(timer)
		},
	}
}
