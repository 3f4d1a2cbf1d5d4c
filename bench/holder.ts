/**
 * Holds many WebSockets open, in a process of its own. They come from several addresses of this machine, as the ports of one could run out.
 * It tells what it has reached: all are open, all follow something.
 */
import { WebSocket } from 'ws'
import { repeat } from './measure.ts'

/** Sockets at `/graphql`, `each` of them with each of the tokens. */
export interface Held {
	url: string
	tokens: string[]
	each: number
}
/** `subscribe`: each socket follows the documents of the default workspace. */
export type Order = 'subscribe'
export type Reached = 'open' | 'subscribed'

const ADDRESSES = 8
const AT_ONCE = 50
const QUERY = 'subscription { documentEvents(slug: "default-workspace") { __typename } }'

const { url, tokens, each } = JSON.parse(process.argv[2] ?? '') as Held
const sockets: WebSocket[] = []
await repeat(tokens.length * each, AT_ONCE, async (at) => sockets.push(await open(at)))
tell('open')
process.on('message', (order: Order) => {
	if (order === 'subscribe') void repeat(sockets.length, AT_ONCE, subscribe).then(() => tell('subscribed'))
})
process.on('disconnect', () => process.exit(0))

function tell(reached: Reached): void {
	process.send?.(reached)
}

async function open(at: number): Promise<WebSocket> {
	const localAddress = `127.0.0.${1 + (at % ADDRESSES)}`
	const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { localAddress, perMessageDeflate: false })
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
	socket.on('close', (code) => {
		throw new Error(`a socket was closed: ${code}`)
	})
	await answered(socket, { type: 'connection_init', payload: { token: tokens[at % tokens.length] } }, 'connection_ack')
	return socket
}

/** What is asked for afterwards is answered when the subscription stands. */
async function subscribe(at: number): Promise<void> {
	const socket = sockets[at]
	if (!socket) return
	socket.send(JSON.stringify({ type: 'subscribe', id: 'documents', payload: { query: QUERY } }))
	await answered(socket, { type: 'subscribe', id: 'verify', payload: { query: '{ verify { valid } }' } }, 'complete')
}

async function answered(socket: WebSocket, message: object, type: string): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>()
	const hear = (data: unknown) => {
		const answer = JSON.parse(String(data)) as { type: string }
		if (answer.type === type) resolve()
		else if (answer.type === 'error') reject(new Error(String(data)))
	}
	socket.on('message', hear).send(JSON.stringify(message))
	await promise
	socket.off('message', hear)
}
