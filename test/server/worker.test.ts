import { once } from 'node:events'
import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createWorkerEdge } from '../../src/server/worker.ts'
import { recordingLog } from '../support/log.ts'

const open = new Set<ReturnType<typeof createWorkerEdge>>()
afterEach(async () => {
	for (const edge of open) await edge.close(0)
	open.clear()
})

async function serve({ check = async () => {}, metricsToken }: { check?: () => Promise<void>; metricsToken?: string } = {}) {
	const edge = createWorkerEdge({
		checks: { database: check },
		metrics: createMetrics({ version: '1.2.3', role: 'worker' }),
		metricsToken,
		log: recordingLog().log,
	})
	open.add(edge)
	const url = `http://127.0.0.1:${await edge.listen(0, '127.0.0.1')}`
	return { edge, url }
}

describe('a worker’s edge', () => {
	it('tells of its health', async () => {
		const { url } = await serve()
		const response = await fetch(`${url}/health/ready`, { headers: { 'x-request-id': 'mine' } })
		expect([response.status, await response.json()]).toEqual([200, { status: 'ok', parts: { database: 'up' } }])
		expect(response.headers.get('x-request-id')).toBe('mine')
		expect(response.headers.get('x-content-type-options')).toBe('nosniff')
		expect((await fetch(`${url}/health/live?verbose`)).status).toBe(200)
	})

	it('is live when a part is down', async () => {
		const { url } = await serve({ check: () => Promise.reject(new Error('away')) })
		const ready = await fetch(`${url}/health/ready`)
		expect([ready.status, await ready.json()]).toEqual([503, { status: 'unavailable', parts: { database: 'down' } }])
		expect((await fetch(`${url}/health/live`)).status).toBe(200)
	})

	it('tells its figures, to this machine or to who has the token', async () => {
		const { url } = await serve()
		const text = await (await fetch(`${url}/metrics`)).text()
		expect(text).toContain('anythingllm_build_info{version="1.2.3",node=')
		expect(text).toContain('anythingllm_part_up{part="database"} 1')
		const guarded = await serve({ metricsToken: 'secret' })
		expect((await fetch(`${guarded.url}/metrics`)).status).toBe(401)
		expect((await fetch(`${guarded.url}/metrics`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
	})

	it.each([
		['GET', '/api/workspaces'],
		['POST', '/api/auth/login'],
		['POST', '/graphql'],
		['GET', '/'],
		['GET', '/health'],
	])('has nothing at %s %s', async (method, path) => {
		const { url } = await serve()
		const init = { method, headers: { 'accept-language': 'en' }, ...(method === 'POST' && { body: '{}' }) }
		const response = await fetch(url + path, init)
		expect([response.status, response.headers.get('x-error-code')]).toEqual([404, 'NOT_FOUND'])
		expect(await response.json()).toMatchObject({ success: false, data: null, error: expect.any(String), message: expect.any(String) })
	})

	it('answers HEAD without a body', async () => {
		const { url } = await serve()
		for (const path of ['/metrics', '/health/ready', '/nowhere']) {
			const response = await fetch(url + path, { method: 'HEAD' })
			expect([await response.text(), response.headers.has('content-type')], path).toEqual(['', true])
		}
	})

	it('opens no socket', async () => {
		const { url } = await serve()
		const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
		const [error] = (await once(socket, 'error')) as [Error]
		expect(error.message).toContain('404')
	})

	it('answers a proxy that sends the whole URL', async () => {
		const { url } = await serve()
		const { port } = new URL(url)
		const statusOf = async (path: string) => {
			const sent = request({ host: '127.0.0.1', port, path }).end()
			const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
			response.resume()
			return response.statusCode
		}
		expect(await statusOf(`${url}/health/live`)).toBe(200)
		expect(await statusOf('//health/live')).toBe(404)
	})

	it('is reached without a socket too, its figures with the token alone', async () => {
		const { edge } = await serve()
		expect((await edge.fetch(new Request('http://localhost/health/live'))).status).toBe(200)
		expect((await edge.fetch(new Request('http://localhost/metrics'))).status).toBe(403)
	})

	it('takes no more when it is closed', async () => {
		const { edge, url } = await serve()
		await edge.close(0)
		await expect(fetch(`${url}/health/live`)).rejects.toThrow()
		await edge.closeSockets()
	})
})
