import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RawServer, rawServer } from '../models/support.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import { uploadDocument } from '../support/operations.ts'
import { type Operation, type Surface, surfaces } from '../support/surfaces.ts'
import { transports } from '../support/transports.ts'

const slug = 'default-workspace'
const KEY = 'sk-planted-stages-0000001111'
const ADMIN = { id: 1, username: 'admin', role: 'admin', sessionId: '' } as const
const STAGES = ['uploaded', 'parsing', 'chunking', 'embedding', 'indexing']

const getStages: Operation<{ documentId: number }> = {
	rest: ({ documentId }) => ({ method: 'GET', path: `/workspaces/${slug}/documents/${documentId}` }),
	graphql: {
		query: `query ($documentId: ID!) { document: workspaceDocument(slug: "${slug}", documentId: $documentId) {
			status createdAt error { code reason } progress { stage done total secondsLeft }
			stages { stage startedAt endedAt duration } processingTime
		} }`,
		key: 'document',
	},
}

/** Speaks OpenAI's embeddings, and counts the texts that it has answered. */
interface Provider extends RawServer {
	answered: Map<string, number>
	/** How it answers instead: a status, or not until that is over. */
	fault: ((texts: string[]) => number | Promise<unknown> | undefined) | undefined
}

async function startProvider(): Promise<Provider> {
	const answered = new Map<string, number>()
	const self: Pick<Provider, 'fault'> = { fault: undefined }
	const server = await rawServer(async (response, body) => {
		const { input } = JSON.parse(body) as { input: string[] }
		const fault = self.fault?.(input)
		if (typeof fault === 'number') {
			response.writeHead(fault, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: `no ${KEY}` } }))
			return
		}
		await fault
		for (const text of input) answered.set(text, (answered.get(text) ?? 0) + 1)
		const data = input.map((_, index) => ({ object: 'embedding', index, embedding: [3, 4] }))
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }))
	})
	return Object.assign(self, server, { answered })
}

let app: TestApp
let admin: string
let provider: Provider

async function restart(): Promise<void> {
	await app.stop()
	app = await bootApp({ environment: environment(), place: app.place })
	admin = await app.tokenOf('admin')
}

const environment = () => ({
	EMBEDDING_PROVIDER: 'openai',
	EMBEDDING_MODEL: 'counting',
	EMBEDDING_API_KEY: KEY,
	EMBEDDING_BASE_URL: `${provider.url}/v1`,
})
beforeAll(async () => {
	provider = await startProvider()
	app = await bootApp({ environment: environment() })
	admin = await app.tokenOf('admin')
})
afterAll(async () => {
	await app.end()
	await provider.stop()
})
afterEach(() => {
	provider.fault = undefined
	provider.answered.clear()
})

/** Some 110 chunks: four batches of the embedder. */
const long = (name: string): File =>
	textFile(
		`${name}.md`,
		Array.from({ length: 110 }, (_, at) => `# ${name} ${at}\n\n${`In part ${at} of ${name} it goes on. `.repeat(40)}`).join('\n\n'),
	)

async function upload(surface: Surface, file: File): Promise<number> {
	const { data } = await surface.ask(app, uploadDocument, { slug, input: { file } }, admin)
	return Number(data.document.id)
}

/** Waits until so many chunks are embedded, or the document has ended. */
async function embedded(documentId: number, count: number): Promise<void> {
	for await (const event of await app.services.documents.events(ADMIN, slug, documentId, AbortSignal.timeout(60_000)))
		if (event.type === 'state' && event.document.status === 'embedding' && event.document.stageDone >= count) return
}

describe.each(surfaces)('the stages of a document over $name', (surface) => {
	const detail = async (documentId: number) => (await surface.ask(app, getStages, { documentId }, admin)).data.document
	const inLowerCase = (stages: { stage: string }[]) => stages.map(({ stage }) => stage.toLowerCase())

	it('are told with their times, one after the other, and what they took together', async () => {
		const { id } = await takeIn(app, slug, textFile('timed.txt', `Timed over ${surface.name}.`), admin)
		const { stages, processingTime, createdAt, progress } = await detail(id)
		expect(inLowerCase(stages)).toEqual(STAGES)
		let at = Date.parse(createdAt)
		for (const { startedAt, endedAt, duration } of stages) {
			expect(Date.parse(startedAt)).toBe(at)
			at = Date.parse(endedAt)
			expect(duration).toBe(at - Date.parse(startedAt))
		}
		expect(processingTime).toBe(at - Date.parse(createdAt))
		expect(progress.secondsLeft).toBe(0)
	})

	it('end where it failed', async () => {
		const { id } = await takeIn(app, slug, new File([`%PDF-1.4\nno PDF ${surface.name}`], 'broken.pdf'), admin)
		const { stages, processingTime, progress } = await detail(id)
		expect(inLowerCase(stages)).toEqual(['uploaded', 'parsing'])
		expect(stages[1].endedAt).not.toBeNull()
		expect({ processingTime, secondsLeft: progress.secondsLeft }).toEqual({ processingTime: null, secondsLeft: null })
	})

	it('tell the time that is left once there is something to reckon it from', async () => {
		const gate = Promise.withResolvers<void>()
		let asked = 0
		provider.fault = () => (asked++ === 0 ? undefined : gate.promise)
		const id = await upload(surface, long(`left-${surface.name}`))
		await embedded(id, 1)
		const { progress, stages, processingTime } = await detail(id)
		expect(progress).toMatchObject({ done: 32, secondsLeft: expect.any(Number) })
		expect(progress.secondsLeft).toBeGreaterThan(0)
		expect(stages.at(-1)).toMatchObject({ endedAt: null, duration: null })
		expect(processingTime).toBeNull()
		gate.resolve()
		await ended(app, slug, id)
	})

	it('wait for an embedder that is overloaded or broken for a while', { timeout: 120_000 }, async () => {
		let asked = 0
		provider.fault = () => [429, 500, 503, 429, 500][asked++]
		const document = await takeIn(app, slug, textFile('patient.txt', `Patient over ${surface.name}.`), admin)
		expect(document).toMatchObject({ status: 'processed', error: null })
		expect(asked).toBeGreaterThan(5)
	})

	it.each([
		['refuses the key', 401, 'embeddingApiKey'],
		['refuses the text', 400, '400'],
	])('end with words at once when the embedder %s', async (_what, status, words) => {
		let asked = 0
		provider.fault = () => (++asked > 0 ? status : undefined)
		const document = await takeIn(app, slug, textFile('refused.txt', `Refused over ${surface.name}: ${status}.`), admin)
		expect(document).toMatchObject({ status: 'failed', error: { reason: expect.any(String) } })
		expect(document.error.reason).toContain(words === '400' ? 'openai' : words)
		expect(JSON.stringify(document)).not.toContain(KEY)
		expect(asked).toBe(1)
		await expect.poll(() => app.prisma.chunk.count({ where: { documentId: document.id } })).toBe(0)
	})

	it('go on after a restart from the last batch, and embed nothing twice', { timeout: 120_000 }, async () => {
		const never = new Promise<void>(() => undefined)
		let asked = 0
		provider.fault = () => (++asked > 2 ? never : undefined)
		const id = await upload(surface, long(`resumed-${surface.name}`))
		await embedded(id, 64)
		provider.fault = (texts) => (texts.some((text) => provider.answered.has(text)) ? 400 : undefined)
		await restart()
		await ended(app, slug, id)
		const { status, stages } = await detail(id)
		expect([status.toLowerCase(), inLowerCase(stages)]).toEqual(['processed', STAGES])
		const { chunkCount } = await app.prisma.document.findUniqueOrThrow({ where: { id } })
		expect(chunkCount).toBeGreaterThan(96)
		expect([provider.answered.size, Math.max(...provider.answered.values())]).toEqual([chunkCount, 1])
	})

	it('count an attempt whose process died, and end with words after many', { timeout: 120_000 }, async () => {
		const never = new Promise<void>(() => undefined)
		provider.fault = () => never
		const id = await upload(surface, textFile('dying.txt', `Dying over ${surface.name}.`))
		const attempts = async () => (await app.prisma.document.findUniqueOrThrow({ where: { id } })).attempts
		await embedded(id, 0)
		await expect.poll(attempts).toBe(1)
		await restart()
		await expect.poll(attempts).toBe(2)
		await app.prisma.document.update({ where: { id }, data: { attempts: 30 } })
		await restart()
		await ended(app, slug, id)
		expect((await detail(id)).error).toEqual({ code: 'INTERNAL', reason: expect.stringContaining('处理') })
	})
})

describe('a document whose file cannot be read for now', () => {
	/** Where files are laid before those that read them: nothing can be laid there until it is let. */
	async function blockReading(): Promise<() => Promise<void>> {
		await takeIn(app, slug, textFile('before.txt', `Read before ${Math.random()}.`), admin)
		const work = path.join(app.directory, 'parsing')
		const inboxes = (await readdir(work)).map((name) => path.join(work, name, 'in'))
		for (const inbox of inboxes) {
			await rm(inbox, { recursive: true })
			await writeFile(inbox, 'no folder')
		}
		return async () => {
			for (const inbox of inboxes) await rm(inbox)
		}
	}

	const tried = (id: number, times: number) =>
		expect
			.poll(async () => (await app.prisma.document.findUniqueOrThrow({ where: { id } })).attempts, { timeout: 60_000 })
			.toBeGreaterThanOrEqual(times)

	it('is read when it can be', { timeout: 120_000 }, async () => {
		const [surface] = surfaces as [Surface]
		const unblock = await blockReading()
		const id = await upload(surface, textFile('later.txt', 'Read later.'))
		await tried(id, 2)
		await unblock()
		await ended(app, slug, id)
		expect(await app.prisma.document.findUnique({ where: { id } })).toMatchObject({ status: 'processed' })
	})

	it('fails with words once the file is gone', { timeout: 120_000 }, async () => {
		const [surface] = surfaces as [Surface]
		const unblock = await blockReading()
		const id = await upload(surface, textFile('lost.txt', 'Lost before it was read.'))
		await tried(id, 1)
		const { storageKey } = await app.prisma.document.findUniqueOrThrow({ where: { id } })
		await rm(path.join(app.directory, 'files', storageKey))
		await unblock()
		await ended(app, slug, id)
		const { data } = await surface.ask(app, getStages, { documentId: id }, admin)
		expect(data.document).toMatchObject({ error: { code: 'NOT_FOUND', reason: expect.stringMatching(/\S/) } })
	})
})

describe.each(transports)('following a document over $name', (transport) => {
	it('tells the time that is left: not known, then reckoned, then none', async () => {
		const [surface] = surfaces as [Surface]
		const gate = Promise.withResolvers<void>()
		provider.fault = () => gate.promise
		const documentId = await upload(surface, long(`followed-${transport.name}`))
		const query = `subscription ($documentId: ID!) { documentEvents(slug: "${slug}", documentId: $documentId) {
			... on DocumentProgressed { status progress { done secondsLeft } } } }`
		const told: { status: string; progress: { done: number; secondsLeft: number | null } }[] = []
		for await (const { data } of transport.follow(app, query, { documentId }, admin)) {
			told.push(data.documentEvents)
			gate.resolve()
		}
		expect(told[0]?.progress.secondsLeft).toBeNull()
		expect(told.at(-1)).toMatchObject({ status: 'PROCESSED', progress: { secondsLeft: 0 } })
		const reckoned = told.filter(({ status, progress }) => status === 'EMBEDDING' && progress.done > 0)
		for (const { progress } of reckoned) expect(progress.secondsLeft).toEqual(expect.any(Number))
	})
})
