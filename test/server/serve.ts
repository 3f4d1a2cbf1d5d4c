import { once } from 'node:events'
import { Agent, type ClientRequest, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createExample, type ExampleOptions } from './example/app.ts'

export const BOUNDARY = 'x-boundary-x'

/** The parts of a form as they stand on the wire; a file's bytes may follow later. */
export const wire = {
	text: (name: string, value: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	file: (filename: string, bytes = '', { name = 'file', type = 'text/plain' } = {}) =>
		`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\ncontent-type: ${type}\r\n\r\n${bytes}`,
	end: `\r\n--${BOUNDARY}--\r\n`,
}

export interface Answer {
	readonly status: number
	// biome-ignore lint/suspicious/noExplicitAny: tests look at answers, not at types
	readonly body: any
}

/** The example behind a real server, and a client that keeps its one connection as long as the server does. */
export async function serve(options?: ExampleOptions) {
	const app = createExample(options)
	const agent = new Agent({ keepAlive: true, maxSockets: 1 })
	const server = createServer(app.yoga).listen(0, '127.0.0.1')
	await once(server, 'listening')
	const connections: Socket[] = []
	server.on('connection', (socket) => connections.push(socket))
	onTestFinished(() => {
		agent.destroy()
		server.closeAllConnections()
		server.close()
	})
	const { port } = server.address() as AddressInfo

	/** Begins a request, whose body the test writes as it likes. */
	function begin(path: string, headers: Record<string, string | number> = {}, method = 'POST'): ClientRequest {
		const common = { authorization: 'Bearer 1', 'accept-language': 'en', 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
		return request({ agent, host: '127.0.0.1', port, path, method, headers: { ...common, ...headers } })
	}

	async function send(path: string, body: string | Buffer, headers?: Record<string, string | number>): Promise<Answer> {
		const sent = begin(path, { 'content-length': Buffer.byteLength(body), ...headers })
		sent.end(body)
		return answerOf(sent)
	}

	return { ...app, connections, begin, send }
}

export async function answerOf(sent: ClientRequest): Promise<Answer> {
	const [response] = (await once(sent, 'response')) as [IncomingMessage]
	const chunks: Buffer[] = []
	for await (const chunk of response) chunks.push(chunk as Buffer)
	return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }
}
