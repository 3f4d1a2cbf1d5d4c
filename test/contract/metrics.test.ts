import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { bootApp, type TestApp } from '../support/app.ts'
import { createDictatedModel } from '../support/model.ts'
import { graphql, rest } from '../support/surfaces.ts'
import { type Told, transports } from '../support/transports.ts'

const SLUG = 'default-workspace'
const model = createDictatedModel()

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ model })
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

type Labels = Readonly<Record<string, string>>

/** The figures of one name by their labels, as text; and one of them as a number. */
async function scrape(of: TestApp = app, headers: Record<string, string> = {}) {
	const response = await fetch(`${await of.url()}/metrics`, { headers })
	const text = await response.text()
	const samples = [...text.matchAll(/^([a-z_\d]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
		name,
		labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])) as Labels,
		value: Number(value),
	}))
	const fits = (labels: Labels, asked: Labels) => Object.entries(asked).every(([key, value]) => labels[key] === value)
	return {
		status: response.status,
		headers: response.headers,
		text,
		samples,
		/** The sum of those that fit; undefined when none does. */
		value(name: string, asked: Labels = {}): number | undefined {
			const found = samples.filter((sample) => sample.name === `anythingllm_${name}` && fits(sample.labels, asked))
			return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
		},
	}
}

/** How much a figure grows while something is done. */
async function growth(name: string, labels: Labels, act: () => Promise<unknown>): Promise<number> {
	const before = (await scrape()).value(name, labels) ?? 0
	await act()
	return ((await scrape()).value(name, labels) ?? 0) - before
}

describe('/metrics', () => {
	it('answers this machine in the format of Prometheus', async () => {
		const { status, headers, text } = await scrape()
		expect(status).toBe(200)
		expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
		expect(headers.get('cache-control')).toBe('no-store')
		expect(headers.get('x-request-id')).toBeTruthy()
		for (const line of text.split('\n').filter(Boolean))
			expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_\d]+(\{.*\})? (-?[\d.e+-]+|\+?Inf|NaN))$/i)
	})

	it('is only read', async () => {
		const url = `${await app.url()}/metrics`
		const head = await fetch(url, { method: 'HEAD' })
		expect([head.status, await head.text()]).toEqual([200, ''])
		for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
			const { status, headers } = await fetch(url, { method })
			expect([status, headers.get('allow')], method).toEqual([405, 'GET, HEAD'])
		}
		expect((await fetch(`${url}/more`)).status).toBe(404)
	})

	it('answers nobody without a socket of this machine, whatever the headers say', async () => {
		const headers = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1', 'x-real-ip': '::1' }
		const response = await app.fetch(new Request('http://localhost/metrics', { headers }))
		expect([response.status, response.headers.get('content-type')]).toEqual([403, 'text/plain; charset=utf-8'])
		expect(await response.text()).toContain('METRICS_TOKEN')
	})

	it('tells of the process, the parts and the queues', async () => {
		const { value, samples } = await scrape()
		expect(value('build_info', { role: 'all', node: process.version })).toBe(1)
		expect(value('part_up', { part: 'database' })).toBe(1)
		for (const queue of ['process-document', 'remove-document', 'remove-workspace'])
			for (const state of ['waiting', 'active']) expect(value('queue_jobs', { queue, state }), `${queue} ${state}`).toBe(0)
		expect(value('queue_oldest_seconds', { queue: 'process-document' })).toBe(0)
		for (const name of [
			'process_cpu_seconds_total',
			'process_resident_memory_bytes',
			'process_start_time_seconds',
			'nodejs_heap_size_used_bytes',
		])
			expect(samples.find((sample) => sample.name === name)?.value, name).toBeGreaterThan(0)
		expect(samples.some(({ name }) => name === 'nodejs_eventloop_lag_p99_seconds')).toBe(true)
	})
})

describe('/metrics with METRICS_TOKEN', () => {
	const METRICS_TOKEN = 'a token, with odd characters = and more'
	let guarded: TestApp
	beforeAll(async () => {
		guarded = await bootApp({ environment: { METRICS_TOKEN } })
	})
	afterAll(() => guarded.end())

	it('answers whoever sends it', async () => {
		for (const authorization of [`Bearer ${METRICS_TOKEN}`, `bearer  ${METRICS_TOKEN} `])
			expect((await scrape(guarded, { authorization })).status, authorization).toBe(200)
		const without = new Request('http://localhost/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
		expect((await guarded.fetch(without)).status).toBe(200)
	})

	it.each(['', 'Bearer', 'Bearer wrong', METRICS_TOKEN, `Basic ${METRICS_TOKEN}`, `Bearer ${METRICS_TOKEN}x`])(
		'refuses this machine too, with "%s"',
		async (authorization) => {
			const { status, headers, text } = await scrape(guarded, { authorization })
			expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
			expect(text).not.toContain(METRICS_TOKEN)
		},
	)

	it('is no token of the API, and a token of the API is none of the metrics', async () => {
		expect((await scrape(guarded, { authorization: `Bearer ${await guarded.tokenOf('admin')}` })).status).toBe(401)
		expect((await rest(guarded, 'GET', '/workspaces', undefined, METRICS_TOKEN)).status).toBe(401)
	})
})

describe('requests', () => {
	const count = (labels: Labels, act: () => Promise<unknown>) => growth('requests_total', labels, act)

	it('over REST count by route and status', async () => {
		const route = { surface: 'rest', operation: 'GET /workspaces/:slug' }
		expect(await count({ ...route, status: '200' }, () => rest(app, 'GET', `/workspaces/${SLUG}`, undefined, admin))).toBe(1)
		expect(await count({ ...route, status: '404' }, () => rest(app, 'GET', '/workspaces/missing', undefined, admin))).toBe(1)
		expect(await count({ ...route, status: '401' }, () => rest(app, 'GET', `/workspaces/${SLUG}`))).toBe(1)
		const { value } = await scrape()
		expect(value('request_duration_seconds_count', route)).toBe(3)
	})

	it('over REST that fit no route, or cannot be read, count too', async () => {
		expect(await count({ surface: 'rest', operation: 'none', status: '404' }, () => rest(app, 'GET', '/nowhere/at/all'))).toBe(1)
		expect(await count({ surface: 'rest', operation: 'none', status: '405' }, () => rest(app, 'PATCH', '/workspaces'))).toBe(1)
		const login = { surface: 'rest', operation: 'POST /auth/login', status: '400' }
		expect(await count(login, () => rest(app, 'POST', '/auth/login', '{'))).toBe(1)
	})

	it('over GraphQL count by root field and code, once a field', async () => {
		const query = `query Mine { a: workspace(slug: "${SLUG}") { id } b: workspace(slug: "${SLUG}") { id } ...more } fragment more on Query { verify { user { id } } }`
		const field = (operation: string, status = 'OK') => ({ surface: 'graphql', operation, status })
		expect(await count(field('workspace'), () => graphql(app, query, {}, admin))).toBe(1)
		expect(await count(field('verify'), () => graphql(app, query, {}, admin))).toBe(1)
		const half = `{ a: workspace(slug: "${SLUG}") { id } b: workspace(slug: "missing") { id } verify { user { id } } }`
		expect(await count(field('workspace', 'NOT_FOUND'), () => graphql(app, half, {}, admin))).toBe(1)
		expect(await count(field('workspace', 'UNAUTHENTICATED'), () => graphql(app, `{ workspace(slug: "${SLUG}") { id } }`))).toBe(1)
	})

	it('over GraphQL that cannot be read count without a field', async () => {
		const none = (status: string) => ({ surface: 'graphql', operation: 'none', status })
		expect(await count(none('BAD_REQUEST'), () => graphql(app, '{ nothing }'))).toBe(1)
		expect(await count(none('BAD_REQUEST'), () => graphql(app, '{'))).toBe(1)
		const text = new Request('http://localhost/graphql', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } })
		expect(await count(none('UNSUPPORTED_MEDIA_TYPE'), () => app.fetch(text))).toBe(1)
		const variables = { surface: 'graphql', operation: 'workspace', status: 'BAD_REQUEST' }
		expect(await count(variables, () => graphql(app, 'query ($slug: String!) { workspace(slug: $slug) { id } }'))).toBe(1)
	})

	it('never put what a client makes up into a label', async () => {
		await graphql(app, 'query MadeUpByTheClient { alias123: verify { user { id } } }', {}, admin)
		await rest(app, 'GET', '/workspaces/slug-of-a-client', undefined, admin)
		await rest(app, 'GET', '/path-of-a-client', undefined, admin)
		const { text } = await scrape()
		for (const word of ['MadeUpByTheClient', 'alias123', 'slug-of-a-client', 'path-of-a-client']) expect(text).not.toContain(word)
	})

	it('for health, metrics and pages do not count', async () => {
		expect(await count({}, () => Promise.all(['/health/live', '/health/ready', '/metrics', '/api/docs'].map((path) => ask(path))))).toBe(0)
	})

	const ask = async (path: string) => (await fetch((await app.url()) + path)).text()
})

describe.each(transports)('subscriptions over $name', ({ name, follow }) => {
	const CHAT = 'subscription ($slug: String!, $input: ChatInput!) { chat(slug: $slug, input: $input) { __typename } }'
	const surface = name === 'WebSocket' ? 'websocket' : 'graphql'

	async function running(): Promise<number> {
		return (await scrape()).value('subscriptions', { surface, operation: 'chat' }) ?? 0
	}

	it('count while they are followed, to their end', async () => {
		const asked = { surface, operation: 'chat', status: 'OK' }
		const before = (await scrape()).value('requests_total', asked) ?? 0
		const stream = follow(app, CHAT, { slug: SLUG, input: { message: 'What is new?' } }, admin)
		await stream.next()
		const { value } = await scrape()
		expect(value('subscriptions', { surface, operation: 'chat' })).toBe(1)
		expect(value('requests_total', asked)).toBe(before + 1)
		if (name === 'WebSocket') expect(value('sockets')).toBe(1)
		model.say('Nothing.')
		model.finish()
		await Array.fromAsync(stream)
		await expect.poll(running).toBe(0)
	})

	it('count no more when the client goes away', async () => {
		const stream: AsyncGenerator<Told> = follow(app, CHAT, { slug: SLUG, input: { message: 'What is old?' } }, admin)
		await stream.next()
		expect(await running()).toBe(1)
		await stream.return(undefined)
		await expect.poll(running).toBe(0)
		model.say('Everything.')
		model.finish()
	})

	it('that are refused are counted as refused', async () => {
		const refused = { surface, operation: 'chat', status: 'NOT_FOUND' }
		const act = () => Array.fromAsync(follow(app, CHAT, { slug: 'missing', input: { message: 'Hello?' } }, admin))
		expect(await growth('requests_total', refused, act)).toBe(1)
		expect(await running()).toBe(0)
	})
})

describe('a socket', () => {
	it('that asks what cannot be read counts without a field', async () => {
		const [socket] = transports
		const act = () => Array.fromAsync(socket?.follow(app, 'subscription { nothing }', {}, admin) ?? [])
		expect(await growth('requests_total', { surface: 'websocket', operation: 'none', status: 'BAD_REQUEST' }, act)).toBe(1)
	})

	it('counts while it is open', async () => {
		const socket = new WebSocket(`${(await app.url()).replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
		await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
		const sockets = async () => (await scrape()).value('sockets')
		await expect.poll(sockets).toBe(1)
		socket.close()
		await expect.poll(sockets).toBe(0)
	})
})

describe('the parts', () => {
	it('tell what a document and an answer took', async () => {
		const form = new FormData()
		form.set('file', new File(['The heron nests in reeds beside the river.'], 'heron.txt'))
		await rest(app, 'POST', `/workspaces/${SLUG}/documents`, form, admin)
		const processed = async () => (await scrape()).value('documents_ended_total', { outcome: 'processed' })
		await expect.poll(processed, { timeout: 20_000 }).toBe(1)
		model.say('In reeds.')
		model.finish()
		await rest(app, 'POST', `/workspaces/${SLUG}/chat`, { message: 'Where does the heron nest?' }, admin)
		const { value } = await scrape()
		for (const stage of ['parsing', 'chunking', 'embedding', 'indexing'])
			expect(value('document_stage_duration_seconds_count', { stage, outcome: 'done' }), stage).toBe(1)
		expect(value('document_bytes_total', { outcome: 'processed' })).toBe('The heron nests in reeds beside the river.'.length)
		expect(value('document_duration_seconds_count')).toBe(1)
		for (const operation of ['upsert', 'search'])
			expect(value('index_duration_seconds_count', { operation, outcome: 'ok' }), operation).toBeGreaterThan(0)
		for (const kind of ['passage', 'query']) {
			expect(value('embedder_duration_seconds_count', { kind, outcome: 'ok' }), kind).toBeGreaterThan(0)
			expect(value('embedder_texts_total', { kind }), kind).toBeGreaterThan(0)
		}
		const dictated = { provider: 'dictated', model: 'dictated' }
		expect(value('model_first_token_seconds_count', dictated)).toBeGreaterThan(0)
		expect(value('model_duration_seconds_count', { ...dictated, outcome: 'ok' })).toBeGreaterThan(0)
		expect(value('model_tokens_total', { ...dictated, kind: 'completion' })).toBeGreaterThanOrEqual(7)
	})

	it('tell of what failed', async () => {
		const form = new FormData()
		form.set('file', new File(['   \n  '], 'blank.txt'))
		await rest(app, 'POST', `/workspaces/${SLUG}/documents`, form, admin)
		const failed = async () => (await scrape()).value('documents_ended_total', { outcome: 'failed' })
		await expect.poll(failed, { timeout: 20_000 }).toBe(1)
		expect((await scrape()).value('document_stage_duration_seconds_count', { outcome: 'failed' })).toBe(1)
	})
})
