import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'

/** A line to a server, that can be cut. */
export interface Line {
	/** Like the server's own, through the line. */
	readonly url: string
	/** Nobody is there: what is open breaks, what comes is refused. */
	cut(): void
	/** What is open stays so, and nothing passes. */
	freeze(): void
	mend(): void
	end(): Promise<void>
}

export async function lineTo(server: string): Promise<Line> {
	const { hostname, port } = new URL(server)
	let state: 'open' | 'cut' | 'frozen' = 'open'
	const sockets = new Set<Socket>()
	const listener = createServer((near) => {
		if (state === 'cut') return void near.destroy()
		const far = dial(Number(port), hostname)
		for (const [one, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(one)
			one
				.on('error', () => other.destroy())
				.on('close', () => {
					sockets.delete(one)
					other.destroy()
				})
			one.pipe(other)
			if (state === 'frozen') one.unpipe(other)
		}
	}).listen(0, '127.0.0.1')
	await once(listener, 'listening')
	const address = listener.address()
	if (typeof address !== 'object' || address === null) throw new Error('no port')
	const breakAll = () => {
		for (const socket of sockets) socket.destroy()
	}
	return {
		url: `http://127.0.0.1:${address.port}`,
		cut() {
			state = 'cut'
			breakAll()
		},
		freeze() {
			state = 'frozen'
			for (const socket of sockets) socket.unpipe().pause()
		},
		mend() {
			if (state === 'frozen') breakAll()
			state = 'open'
		},
		async end() {
			const closed = once(listener, 'close')
			listener.close()
			breakAll()
			await closed
		},
	}
}
