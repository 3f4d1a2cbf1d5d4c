import { once } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { bootApp } from '../support/app.ts'

afterEach(() => {
	vi.restoreAllMocks()
})

it('a socket that asks a lot and goes before it is answered leaves no line on the console', async () => {
	const error = vi.spyOn(console, 'error')
	const app = await bootApp()
	try {
		const socket = new WebSocket(`${(await app.url()).replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
		await once(socket, 'open')
		socket.send('{"type":"connection_init"}')
		await once(socket, 'message')
		for (let count = 0; count < 20_000; count++) socket.send('{"type":"ping"}')
		await once(socket, 'message')
		socket.terminate()
		await once(socket, 'close')
	} finally {
		await app.end()
	}
	expect(error).not.toHaveBeenCalled()
})
