import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RawServer, rawServer } from '../models/support.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { recordingLog } from '../support/log.ts'
import { createWorkspace, getSettings, search, sendMessage, testSettings, updateSettings, updateWorkspace } from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const KEY = 'sk-planted-reranking-000005555'

interface Asked {
	query: string
	documents: string[]
	model: string
}

/** What the reranker answers instead of an order, where something is set. */
let fault: ((response: ServerResponse) => void) | undefined
const asked: Asked[] = []
const keys = new Set<string | undefined>()
let provider: RawServer
const { log, lines } = recordingLog()
let app: TestApp
let admin: string
let slug: string
beforeAll(async () => {
	// finds whatever speaks of Tuesday better than all else
	provider = await rawServer((response, body, { headers }) => {
		const request = JSON.parse(body) as Asked
		asked.push(request)
		keys.add(headers.authorization?.replace('Bearer ', ''))
		if (fault) return fault(response)
		const results = request.documents.map((text, index) => ({
			index,
			relevance_score: /Tuesday|nine/.test(text) ? 0.95 : 0.05 / (index + 1),
		}))
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results: results.toReversed() }))
	})
	app = await bootApp({ log })
	admin = await app.tokenOf('admin')
	slug = (await rest(app, 'POST', '/workspaces', { name: 'Reranked', slug: 'reranked' }, admin)).data.workspace.slug
	for (const [name, text] of [
		['library.txt', 'The library opens on Monday. The library closes on Monday. The library and the library hours.'],
		['notes.txt', 'On Tuesday everything is open that is a library.'],
		['other.txt', 'A library of plants is called a herbarium.'],
	] as const)
		expect(await takeIn(app, slug, textFile(name, text), admin)).toMatchObject({ processed: true })
})
afterAll(() => Promise.all([app.end(), provider.stop()]))
afterEach(async () => {
	fault = undefined
	asked.length = 0
	keys.clear()
	await app.services.settings.update({ rerankingProvider: null })
	await app.prisma.workspace.updateMany({ data: { rerank: false } })
})

const remote = () => ({ rerankingProvider: 'jina', rerankingModel: 'orders', rerankingApiKey: KEY, rerankingBaseUrl: `${provider.url}/v1` })
const QUERY = 'library'

describe.each(surfaces)('reranking over $name', (surface) => {
	const update = (input: object) => surface.ask(app, updateSettings, { input }, admin)
	const turn = (rerank: unknown) => surface.ask(app, updateWorkspace, { slug, input: { rerank } }, admin)
	const find = async () => (await surface.ask(app, search, { slug, query: QUERY }, admin)).data.results
	const order = (results: { document: string }[]) => results.map(({ document }) => document)
	const calls = async (outcome: string): Promise<number> => {
		const text = await (await fetch(`${await app.url()}/metrics`)).text()
		return Number(new RegExp(`reranker_duration_seconds_count\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
	}

	it('is off: a workspace does not want it, and nobody is set', async () => {
		expect((await surface.ask(app, getSettings, {}, admin)).data.settings).toMatchObject({
			rerankingProvider: 'none',
			rerankingApiKey: null,
		})
		expect((await turn(true)).data.workspace).toMatchObject({ rerank: true })
		for (const result of await find()) expect(result.rerankScore).toBeNull()
		await turn(false)
		await update(remote())
		for (const result of await find()) expect(result.rerankScore).toBeNull()
		expect(asked).toEqual([])
	})

	it('is turned on by workspace, when it is made or later, and never to null', async () => {
		const input = { name: 'Another', slug: `another-${crypto.randomUUID()}`, rerank: true }
		expect((await surface.ask(app, createWorkspace, { input }, admin)).data.workspace).toMatchObject({ rerank: true })
		expect((await turn(null)).code).toBe('UNPROCESSABLE')
		expect((await turn('yes')).code).toBe('BAD_REQUEST')
		expect((await turn(true)).data.workspace.rerank).toBe(true)
	})

	it('puts what is found in another order, of searches and of chats; scores stay', async () => {
		const before = await find()
		expect(order(before)[0]).toBe('library.txt')
		await Promise.all([update(remote()), turn(true)])
		const after = await find()
		expect(after[0]).toMatchObject({ document: 'notes.txt', rerankScore: 0.95 })
		expect(order(after).toSorted()).toEqual(order(before).toSorted())
		const scores = (results: { document: string; score: number }[]) =>
			Object.fromEntries(results.map(({ document, score }) => [document, score]))
		expect(scores(after)).toEqual(scores(before))
		expect(asked).toMatchObject([{ query: QUERY, model: 'orders' }])
		expect([...keys]).toEqual([KEY])
		const chat = await surface.ask(app, sendMessage, { slug, input: { message: 'When is the library open?' } }, admin)
		expect(chat.data.sources[0]).toMatchObject({ document: 'notes.txt' })
	})

	it.each<[string, (response: ServerResponse) => void]>([
		['refuses the key', (response) => response.writeHead(401).end(`{"message":"not with ${KEY}"}`)],
		['is broken', (response) => response.writeHead(500).end()],
		['wants to be left alone', (response) => response.writeHead(429, { 'retry-after': '3600' }).end()],
		['answers no JSON', (response) => response.end('<html>')],
		['answers fewer rows', (response) => response.end('{"results":[{"index":0,"relevance_score":1}]}')],
		['hangs up', (response) => response.destroy()],
	])('that %s is done without, and that is told', async (_what, broken) => {
		const before = order(await find())
		await Promise.all([update({ ...remote(), rerankingModel: crypto.randomUUID() }), turn(true)])
		fault = broken
		const count = await calls('failed')
		const results = await find()
		expect(order(results)).toEqual(before)
		for (const result of results) expect(result.rerankScore).toBeNull()
		expect(await calls('failed')).toBe(count + 1)
		const chat = await surface.ask(app, sendMessage, { slug, input: { message: 'When is the library open?' } }, admin)
		expect(chat.data.sources).not.toEqual([])
		expect(JSON.stringify(lines)).toContain('not reranked')
		expect(JSON.stringify(lines)).not.toContain(KEY)
	})

	it('that never answers is not waited for long, and after three times not at all', { timeout: 60_000 }, async () => {
		await Promise.all([update({ ...remote(), rerankingModel: crypto.randomUUID() }), turn(true)])
		fault = () => undefined
		for (let time = 0; time < 3; time++) expect((await find())[0].rerankScore).toBeNull()
		expect(asked).toHaveLength(3)
		const skipped = await calls('skipped')
		expect((await find())[0].rerankScore).toBeNull()
		expect(asked).toHaveLength(3)
		expect(await calls('skipped')).toBe(skipped + 1)
	})

	it('is set with its key sealed and masked, and a key goes nowhere but where it was meant to go', async () => {
		const { data } = await update(remote())
		expect(data.settings).toMatchObject({ ...remote(), rerankingApiKey: '********5555' })
		expect((await app.prisma.settings.findFirstOrThrow()).rerankingApiKey).toMatch(/^v1\./)
		expect((await update({ rerankingApiKey: '********5555' })).data.settings.rerankingApiKey).toBe('********5555')
		expect((await update({ rerankingBaseUrl: 'http://elsewhere:1/v1' })).data.settings.rerankingApiKey).toBeNull()
		expect((await update({ rerankingProvider: 'cohere' })).code).toBe('UNPROCESSABLE')
		expect((await update({ rerankingProvider: 'none' })).data.settings).toMatchObject({ rerankingProvider: 'none', rerankingModel: null })
	})

	it.each([
		[{ rerankingProvider: 'nobody' }, 'nobody'],
		[{ rerankingProvider: 'constructor' }, 'constructor'],
		[{ rerankingProvider: 'cohere' }, 'rerankingApiKey'],
		[{ rerankingBaseUrl: 'localhost:1' }, 'rerankingBaseUrl'],
		[{ rerankingProvider: 'jina', rerankingBaseUrl: 'http://me:secret@localhost/v1' }, 'rerankingBaseUrl'],
	])('refuses %j', async (input, word) => {
		const reply = await update(input)
		expect(reply).toMatchObject({ code: 'UNPROCESSABLE', error: expect.stringContaining(word) })
	})

	it('is tried with the settings', async () => {
		await update(remote())
		const test = async () => (await surface.ask(app, testSettings, {}, admin, { 'accept-language': 'en' })).data
		expect(await test()).toEqual({ ok: true, detail: expect.stringContaining('"jina/orders" told a passage that answers') })
		fault = (response) => response.writeHead(403).end(`{"message":"not with ${KEY}"}`)
		const failed = await test()
		expect(failed).toEqual({ ok: false, detail: expect.stringContaining('rerankingApiKey') })
		expect(failed.detail).not.toContain(KEY)
	})
})

it('GraphQL says what became of the order', async () => {
	const query = 'query ($slug: String!, $query: String!) { search(slug: $slug, query: $query) { reranking } }'
	const reranking = async (asked = QUERY) => (await graphql(app, query, { slug, query: asked }, admin)).data.reranking
	expect([await reranking(), await reranking('😀')]).toEqual(['OFF', 'OFF'])
	await app.services.settings.update(remote())
	await app.prisma.workspace.updateMany({ data: { rerank: true } })
	expect(await reranking()).toBe('DONE')
	fault = (response) => response.writeHead(500).end()
	expect(await reranking()).toBe('FAILED')
})
