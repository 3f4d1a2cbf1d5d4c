import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { type EmbeddingServer, embeddingServer, vectors } from '../support/embedding-server.ts'
import { getSettings, reindexing, search, systemInfo, testSettings, updateSettings } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const refusal = (status: number) => ({ status, body: { error: { message: `The key ${KEY} did it.`, type: 'error' } } })
const slug = 'default-workspace'
const KEY = 'sk-planted-embedding-0000004444'
const LOCAL = { embeddingProvider: 'local', embeddingModel: null, embeddingBaseUrl: null, embeddingApiKey: null }

let provider: EmbeddingServer
beforeAll(async () => {
	provider = await embeddingServer()
})
afterAll(() => provider.stop())
afterEach(() => {
	provider.fault = undefined
	provider.keys.clear()
})

const remote = () => ({
	embeddingProvider: 'openai',
	embeddingModel: 'subjects',
	embeddingApiKey: KEY,
	embeddingBaseUrl: `${provider.url}/v1`,
})

describe.each(surfaces)('another embedder, set over $name', (surface) => {
	let app: TestApp
	let admin: string
	beforeAll(async () => {
		app = await bootApp()
		admin = await app.tokenOf('admin')
	})
	afterAll(() => app.end())
	const update = (input: object) => surface.ask(app, updateSettings, { input }, admin)
	const find = async (query: string) => (await surface.ask(app, search, { slug, query }, admin)).data.results
	const take = (name: string, text: string) => takeIn(app, slug, textFile(name, text), admin)
	const documents: number[] = []

	async function removeAll(): Promise<void> {
		for (const id of documents.splice(0))
			expect((await rest(app, 'DELETE', `/workspaces/${slug}/documents/${id}`, undefined, admin)).error).toBeNull()
	}

	it('is taken while there are no documents, without asking it', async () => {
		const { data } = await update(remote())
		expect(data.settings).toMatchObject({ embeddingProvider: 'openai', embeddingModel: 'subjects', embeddingApiKey: '********4444' })
		expect((await surface.ask(app, systemInfo, {}, admin)).data).toMatchObject({ embeddingProvider: 'openai' })
		expect(await find('anything')).toEqual([])
		expect(provider.keys.size).toBe(0)
	})

	it('makes the vectors of what comes then, and finds by meaning across languages', async () => {
		for (const [name, text] of [
			['harbour.txt', 'The harbour freezes in January.'],
			['library.txt', 'The library is closed on Mondays.'],
		] as const) {
			const document = await take(name, text)
			expect(document).toMatchObject({ processed: true, error: null })
			documents.push(document.id)
		}
		expect([...provider.keys]).toEqual([KEY])
		const [best] = await find('图书馆')
		expect(best).toMatchObject({ document: 'library.txt', denseScore: expect.any(Number) })
		expect(best.denseScore).toBeGreaterThan(0.9)
	})

	it('is not asked again for a text that it has embedded, even when its document is gone', async () => {
		const text = `The library of the harbour has a text of its own. ${surface.name}`
		const first = await take('first.txt', text)
		const asked = provider.bodies.length
		expect((await rest(app, 'DELETE', `/workspaces/${slug}/documents/${first.id}`, undefined, admin)).error).toBeNull()
		const again = await take('again.txt', text)
		expect(again).toMatchObject({ processed: true })
		expect(provider.bodies).toHaveLength(asked)
		expect((await rest(app, 'DELETE', `/workspaces/${slug}/documents/${again.id}`, undefined, admin)).error).toBeNull()
	})

	it('takes another key and address as it is', async () => {
		expect((await update({ embeddingApiKey: KEY, embeddingBaseUrl: `${provider.url}/v1/` })).code).toBeUndefined()
		expect((await surface.ask(app, getSettings, {}, admin)).data.settings.embeddingProvider).toBe('openai')
		expect((await surface.ask(app, reindexing, {}, admin)).data).toMatchObject({ reindexing: null })
	})

	it('is done without in a search while it does not answer', async () => {
		provider.fault = () => refusal(401)
		expect((await find('Mondays in the library'))[0]).toMatchObject({ document: 'library.txt', denseScore: null })
	})

	it.each([
		['refuses the key', () => refusal(401), 'embeddingApiKey'],
		['answers too few vectors', () => ({ body: vectors([]) }), '向量'],
		['answers no numbers', (texts: string[]) => ({ body: vectors(texts.map(() => ['NaN'])) }), '向量'],
		['answers nothing but zeros', (texts: string[]) => ({ body: vectors(texts.map(() => [0, 0, 0, 0, 0])) }), '向量'],
		['answers vectors of another length', (texts: string[]) => ({ body: vectors(texts.map(() => [1, 2])) }), '2'],
	])('lets a document fail with words when it %s', async (_what, fault, words) => {
		provider.fault = fault
		const document = await take('mountain.txt', `The mountain is high. ${_what} ${surface.name}`)
		expect(document).toMatchObject({ processed: false, error: { reason: expect.stringContaining(words) } })
		expect(JSON.stringify(document)).not.toContain(KEY)
		expect((await rest(app, 'DELETE', `/workspaces/${slug}/documents/${document.id}`, undefined, admin)).error).toBeNull()
	})

	it('is waited for when it asks for patience', { timeout: 90_000 }, async () => {
		let refused = 0
		provider.fault = () => (++refused <= 4 ? refusal(429) : undefined)
		const document = await take('river.txt', `The river is deep. ${surface.name}`)
		expect(document).toMatchObject({ processed: true })
		documents.push(document.id)
		expect((await find('河'))[0]).toMatchObject({ document: 'river.txt' })
	})

	it('is tried with the settings', async () => {
		const tried = (await surface.ask(app, testSettings, {}, admin, { 'accept-language': 'en' })).data
		expect(tried).toEqual({ ok: true, detail: expect.stringContaining('"openai/subjects" answered a vector of 5 numbers') })
		provider.fault = () => refusal(403)
		const failed = (await surface.ask(app, testSettings, {}, admin)).data
		expect(failed).toEqual({ ok: false, detail: expect.stringContaining('embeddingApiKey') })
		expect(failed.detail).not.toContain(KEY)
	})

	it('gives way to another when the last document is gone', async () => {
		await removeAll()
		expect((await update(LOCAL)).code).toBeUndefined()
		const document = await take('library.txt', 'The library opens on Tuesday.')
		documents.push(document.id)
		expect(await find('library')).toMatchObject([{ documentId: expect.anything(), denseScore: expect.any(Number) }])
		expect(provider.keys.size).toBe(0)
		await removeAll()
		expect((await update(remote())).code).toBeUndefined()
		documents.push((await take('河.txt', '河水很深。')).id)
		expect((await find('river'))[0]).toMatchObject({ chunk: '河水很深。' })
		await removeAll()
	})
})

describe('another embedder in the environment', () => {
	const environment = () => ({
		EMBEDDING_PROVIDER: 'openai',
		EMBEDDING_MODEL: 'subjects',
		EMBEDDING_API_KEY: KEY,
		EMBEDDING_BASE_URL: `${provider.url}/v1`,
	})

	it('embeds from the first start on; with documents of another the start is refused with words', { timeout: 90_000 }, async () => {
		const app = await bootApp({ environment: environment() })
		const admin = await app.tokenOf('admin')
		expect(await takeIn(app, slug, textFile('mountain.txt', '山很高。'), admin)).toMatchObject({ processed: true })
		expect([...provider.keys]).toEqual([KEY])
		await app.stop()
		const refused = await bootApp({ place: app.place }).catch((error: unknown) => error)
		expect(refused).toBeInstanceOf(ConfigError)
		expect(String(refused)).toMatch(/EMBEDDING_PROVIDER.*openai\/subjects/)
		const again = await bootApp({ place: app.place, environment: environment() })
		const { data } = await rest(again, 'GET', `/workspaces/${slug}/search?query=mountain`, undefined, await again.tokenOf('admin'))
		expect(data.results).toMatchObject([{ chunk: '山很高。' }])
		await again.end()
	})
})
