import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { type EmbeddingServer, embeddingServer } from '../support/embedding-server.ts'
import {
	cancelReindexing,
	getSettings,
	pauseReindexing,
	reindexing,
	reindexingEstimate,
	resumeReindexing,
	search,
	systemInfo,
	updateSettings,
} from '../support/operations.ts'
import { type Operation, rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const KEY = 'sk-planted-reindexing-000004444'
const LOCAL = { embeddingProvider: 'local', embeddingModel: null, embeddingBaseUrl: null, embeddingApiKey: null }
const TEXTS = ['The library is closed on Mondays.', 'The harbour freezes in January.', 'The mountain is high.']
/** Longer than any of these takes. */
const WAIT = { timeout: 60_000, interval: 50 }

let provider: EmbeddingServer
beforeAll(async () => {
	provider = await embeddingServer()
})
afterAll(() => provider.stop())
afterEach(() => {
	provider.fault = undefined
})

const remote = () => ({
	embeddingProvider: 'openai',
	embeddingModel: 'subjects',
	embeddingApiKey: KEY,
	embeddingBaseUrl: `${provider.url}/v1`,
})

/** Lets the provider answer texts like this only when it is opened. */
function gate(what: RegExp) {
	const { promise, resolve } = Promise.withResolvers<undefined>()
	const asked = Promise.withResolvers<void>()
	provider.fault = (texts) => {
		if (!texts.some((text) => what.test(text))) return undefined
		asked.resolve()
		return promise
	}
	return { asked: asked.promise, open: () => resolve(undefined) }
}

describe.each(surfaces)('another embedder where there are documents, over $name', { timeout: 120_000 }, (surface) => {
	let app: TestApp
	let admin: string
	const ids: number[] = []
	const ask = <Args extends Record<string, unknown>>(operation: Operation<Args>, args: Args) => surface.ask(app, operation, args, admin)
	const update = (input: object) => ask(updateSettings, { input })
	const status = async () => (await ask(reindexing, {})).data.reindexing
	const find = async (query: string) => (await ask(search, { slug, query })).data.results
	const take = async (name: string, text: string) => {
		const document = await takeIn(app, slug, textFile(name, text), admin)
		expect(document).toMatchObject({ processed: true })
		ids.push(document.id)
		return document
	}
	const serves = async () => (await ask(systemInfo, {})).data.embeddingProvider
	const complete = () => expect.poll(status, WAIT).toBeNull()

	beforeEach(async () => {
		app = await bootApp()
		admin = await app.tokenOf('admin')
		for (const [at, text] of TEXTS.entries()) await take(`${at}.txt`, text)
	})
	afterEach(async () => {
		provider.fault = undefined
		await app.end()
	})

	it('is indexed for while the old one serves, and then serves', async () => {
		const gated = gate(/harbour/)
		expect((await ask(reindexingEstimate, {})).data.estimate).toEqual({ documents: 3, chunks: 3, tokens: 22 })
		const set = await update(remote())
		expect(set.data.settings).toMatchObject({ embeddingProvider: 'openai', embeddingApiKey: '********4444' })
		await gated.asked
		expect(await serves()).toBe('local')
		expect(await status()).toMatchObject({ embedder: 'openai/subjects', done: 0, total: 3, tokens: 22, error: null })
		expect((await find('library'))[0]).toMatchObject({ chunk: TEXTS[0], denseScore: expect.any(Number) })
		const river = await take('river.txt', 'The river is deep.')
		expect((await find('river'))[0]).toMatchObject({ chunk: 'The river is deep.' })
		expect((await rest(app, 'DELETE', `/workspaces/${slug}/documents/${ids[2]}`, undefined, admin)).error).toBeNull()
		gated.open()
		await complete()
		expect(await serves()).toBe('openai')
		const [best] = await find('图书馆')
		expect(best).toMatchObject({ chunk: TEXTS[0] })
		expect(best.denseScore).toBeGreaterThan(0.9)
		expect((await find('河'))[0]).toMatchObject({ document: river.filename, denseScore: expect.any(Number) })
		expect((await find('山')).map(({ chunk }: { chunk: string }) => chunk)).not.toContain(TEXTS[2])
		const later = await take('late.txt', 'Another mountain, seen from the harbour.')
		expect((await find('山'))[0]).toMatchObject({ document: later.filename })
	})

	it('takes over without a search that fails or finds nothing', async () => {
		let isOver = false
		const searches = (async () => {
			let count = 0
			for (; !isOver; count++) expect((await find('library'))[0]).toMatchObject({ chunk: TEXTS[0], denseScore: expect.any(Number) })
			return count
		})()
		await update(remote())
		await complete()
		isOver = true
		expect(await searches).toBeGreaterThan(0)
		expect(await find('library')).not.toEqual([])
	})

	it('can be paused, resumed and cancelled', async () => {
		const gated = gate(/harbour/)
		await update(remote())
		await gated.asked
		expect((await ask(pauseReindexing, {})).data.reindexing).toMatchObject({ status: expect.stringMatching(/paused/i), secondsLeft: null })
		gated.open()
		expect((await ask(pauseReindexing, {})).data.reindexing).toMatchObject({ done: 0 })
		expect(await serves()).toBe('local')
		expect((await ask(cancelReindexing, {})).data).toEqual({ embedder: 'openai/subjects' })
		expect(await status()).toBeNull()
		expect((await ask(getSettings, {})).data.settings).toMatchObject({ embeddingProvider: 'local', embeddingApiKey: null })
		for (const operation of [pauseReindexing, resumeReindexing]) expect((await ask(operation, {})).data).toEqual({ reindexing: null })
		expect((await ask(cancelReindexing, {})).data).toEqual({ embedder: null })
		await update(remote())
		await ask(pauseReindexing, {})
		await ask(resumeReindexing, {})
		await complete()
		expect(await serves()).toBe('openai')
	})

	it('is given up when the one that serves is set again, or a third one', async () => {
		const gated = gate(/harbour/)
		await update(remote())
		await gated.asked
		await update(LOCAL)
		expect(await status()).toBeNull()
		await update(remote())
		expect((await update({ embeddingModel: 'others' })).data.settings).toMatchObject({
			embeddingProvider: 'openai',
			embeddingModel: 'others',
		})
		expect(await status()).toMatchObject({ embedder: 'openai/others' })
		gated.open()
		await complete()
		expect((await ask(systemInfo, {})).data.embeddingModel).toBe('openai/others')
	})

	it('fails with words, and goes on when what was wrong is mended', async () => {
		provider.fault = () => ({ status: 401, body: { error: { message: `The key ${KEY} did it.` } } })
		await update({ ...remote(), embeddingApiKey: 'sk-wrong-key-of-a-length' })
		await expect.poll(async () => (await status()).status.toLowerCase(), WAIT).toBe('failed')
		const { error } = await status()
		expect(error.reason).toContain('embeddingApiKey')
		expect(JSON.stringify(error)).not.toContain(KEY)
		expect(await find('library')).not.toEqual([])
		provider.fault = undefined
		await update({ embeddingApiKey: KEY })
		await complete()
		expect(await serves()).toBe('openai')
	})

	it('goes on after a restart, and embeds nothing twice', async () => {
		for (let at = 0; at < 40; at++) await take(`library-${at}.txt`, `The library has book number ${at}.`)
		const gated = gate(/number 39/)
		const before = provider.bodies.length
		await update(remote())
		await gated.asked
		const { done } = await status()
		expect(done).toBe(32)
		const stopped = app.stop()
		gated.open()
		await stopped
		app = await bootApp({ place: app.place })
		await app.prisma.keptVector.deleteMany() // what is embedded again is asked for again
		admin = await app.tokenOf('admin')
		await complete()
		expect(await serves()).toBe('openai')
		const texts = provider.bodies.slice(before).flatMap((body) => (JSON.parse(body) as { input: string[] }).input)
		expect(texts.filter((text) => text.includes('number 5.'))).toHaveLength(1)
		expect((await find('图书馆')).length).toBeGreaterThan(0)
	})

	it('embeds a document that was under way when another one took over', async () => {
		await update(remote())
		await complete()
		const gated = gate(/river/)
		const taking = take('river.txt', 'The river is deep.')
		await gated.asked
		await update({ embeddingModel: 'others' })
		await complete()
		expect((await ask(systemInfo, {})).data.embeddingModel).toBe('openai/others')
		gated.open()
		const { filename } = await taking
		expect((await find('河'))[0]).toMatchObject({ document: filename, denseScore: expect.any(Number) })
		const models = provider.bodies.map((body) => JSON.parse(body) as { input: string[]; model: string })
		expect(models.filter(({ input }) => input.some((text) => /river/.test(text))).map(({ model }) => model)).toEqual(
			expect.arrayContaining(['subjects', 'others']),
		)
	})

	it('embeds a document anew that waited with vectors of the old one', async () => {
		const gated = gate(/harbour/)
		await update(remote())
		await gated.asked
		await app.prisma.generation.updateMany({ where: { status: 'active' }, data: { status: 'closing' } })
		const taking = take('river.txt', 'The river is deep.')
		const waiting = () => app.prisma.document.count({ where: { status: 'indexing' } })
		await expect.poll(waiting, WAIT).toBe(1)
		gated.open()
		await complete()
		const { filename } = await taking
		expect((await find('河'))[0]).toMatchObject({ document: filename, denseScore: expect.any(Number) })
	})

	it('is for admins', async () => {
		const user = await app.tokenOf('somebody')
		for (const operation of [reindexing, reindexingEstimate, pauseReindexing, resumeReindexing, cancelReindexing])
			expect((await surface.ask(app, operation, {}, user)).code).toBe('FORBIDDEN')
	})
})
