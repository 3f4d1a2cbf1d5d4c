import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../schema/index.ts'
import { createLimits } from '../../src/limits/limits.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createEdge } from '../../src/server/server.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { recordingLog } from '../support/log.ts'
import { ways } from '../support/surfaces.ts'

let app: TestApp
beforeAll(async () => {
	app = await bootApp()
})
afterAll(() => app.end())

describe.each(ways)('what serves people and machines $name', (way) => {
	const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
		const response = await way.to(app).fetch(new Request(`http://localhost${path}`, { headers, method, redirect: 'manual' }))
		return { status: response.status, headers: response.headers, text: await response.text() }
	}

	it('/health/live tells that the process runs', async () => {
		const { status, text, headers } = await get('/health/live')
		expect(status).toBe(200)
		expect(JSON.parse(text)).toMatchObject({ status: 'ok' })
		expect(headers.get('cache-control')).toBe('no-store')
	})

	it('/health/ready tells of each part that it is there', async () => {
		const { status, text } = await get('/health/ready')
		expect(status).toBe(200)
		const services = app.place.environment['MILVUS_ADDRESS'] ? { milvus: 'up', redis: 'up' } : {}
		expect(JSON.parse(text)).toEqual({ status: 'ok', parts: { database: 'up', ...services } })
		expect(await get('/health/ready', {}, 'HEAD')).toMatchObject({ status: 200 })
	})

	it('/health/nothing is a 404', async () => {
		expect((await get('/health/nothing')).status).toBe(404)
		expect((await get('/health')).status).toBe(404)
	})

	it('/graphql is GraphiQL to a browser, all of it our own', async () => {
		const { status, text, headers } = await get('/graphql', { accept: 'text/html,application/xhtml+xml' })
		expect(status).toBe(200)
		expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
		expect(text).toContain('GraphiQL')
		expectOwn(text, headers)
	})

	it('/graphql is no page to a program', async () => {
		expect((await get('/graphql', { accept: 'application/json' })).headers.get('content-type')).not.toContain('html')
		const { status, text } = await get('/graphql?query=%7B__typename%7D', { accept: '*/*' })
		expect([status, JSON.parse(text)]).toEqual([200, { data: { __typename: 'Query' } }])
	})

	it('/api/docs is the documentation of REST, all of it our own', async () => {
		for (const path of ['/api/docs', '/api/docs/']) {
			const { status, text, headers } = await get(path)
			expect(status).toBe(200)
			expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
			expectOwn(text, headers)
			for (const [, asset] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
				expect(asset).toMatch(/^\/api\/docs\//)
				const { status, headers } = await get(asset ?? '')
				expect(status, asset).toBe(200)
				expect(headers.get('content-type')).not.toContain('html')
			}
		}
		expect((await get('/api/docs/start.js')).text).toContain('/api/openapi.json')
	})

	it('/api/docs shows no other file', async () => {
		for (const name of ['package.json', '..%2fpackage.json', '%2e%2e/%2e%2e/package.json', 'constructor', 'index.js'])
			expect((await get(`/api/docs/${name}`)).status, name).toBe(404)
	})

	it('/ leads to the documentation', async () => {
		const { status, headers } = await get('/')
		expect([status, headers.get('location')]).toEqual([302, '/api/docs'])
	})

	it('another path is a 404 with a code', async () => {
		for (const path of ['/nowhere', '/graphql/more', '/apis', '/.env', '/favicon.ico']) {
			const { status, headers } = await get(path)
			expect([status, headers.get('x-error-code')], path).toEqual([404, 'NOT_FOUND'])
		}
	})
})

describe('/health/ready', () => {
	const edgeWith = (check: () => Promise<void>) =>
		createEdge({
			schema,
			services: app.services,
			prisma: app.prisma,
			checks: { database: check, cache: async () => {} },
			metrics: createMetrics({ version: '0', role: 'all' }),
			openApi: { info: { title: 'anythingllm-api', version: '0.0.0' } },
			uploadMaxBytes: 1,
			limits: createLimits({ perMinute: { auth: 0, chat: 0, upload: 0, default: 0 }, report: () => {} }),
			log: recordingLog().log,
		})

	it('is a 503 that names what is down, without its cause; /health/live goes on', async () => {
		const edge = edgeWith(() => Promise.reject(new Error('postgresql://user:hunter2@host')))
		const response = await edge.fetch(new Request('http://localhost/health/ready'))
		expect(response.status).toBe(503)
		const text = await response.text()
		expect(JSON.parse(text)).toEqual({ status: 'unavailable', parts: { database: 'down', cache: 'up' } })
		expect(text).not.toContain('hunter2')
		expect((await edge.fetch(new Request('http://localhost/health/live'))).status).toBe(200)
	})

	it('waits for no check without a limit', async () => {
		const edge = edgeWith(() => new Promise(() => {}))
		expect((await edge.fetch(new Request('http://localhost/health/ready'))).status).toBe(503)
	})
})

/** Nothing of a page comes from another host, and the browser is told so. */
function expectOwn(html: string, headers: Headers): void {
	expect(html).not.toMatch(/<(script|link|img|iframe)[^>]*(src|href)="?(https?:)?\/\//i)
	const policy = headers.get('content-security-policy') ?? ''
	expect(policy).toContain("default-src 'none'")
	expect(policy).toContain("frame-ancestors 'none'")
	expect(policy).not.toMatch(/https?:|\*/)
	expect(policy).toContain("script-src 'self';")
	expect(html).not.toMatch(/<script>|<style>| on\w+=/)
}
