import { afterAll, expect, it } from 'vitest'
import { type RawServer, rawServer } from '../models/support.ts'
import { documentEvents, serve, signInAsAdmin, startedDirectory } from './support.ts'

const BATCH = 32
/** Some 120 chunks: four batches. */
const text = Array.from({ length: 120 }, (_, at) => `# Part ${at}\n\n${`In part ${at} it goes on and on. `.repeat(50)}`).join('\n\n')

/** How often each text was asked for. */
const asked = new Map<string, number>()
/** It answers so many requests, and leaves the others waiting. */
let answers = 2

const providers: RawServer[] = []
afterAll(() => Promise.all(providers.map((provider) => provider.stop())))

async function startProvider(): Promise<RawServer> {
	const provider = await rawServer((response, body) => {
		const { input } = JSON.parse(body) as { input: string[] }
		for (const text of input) asked.set(text, (asked.get(text) ?? 0) + 1)
		if (answers-- <= 0) return
		const data = input.map((_, index) => ({ object: 'embedding', index, embedding: [3, 4] }))
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }))
	})
	providers.push(provider)
	return provider
}

it('a server that is killed while it embeds goes on from the last batch when it starts again', async () => {
	const provider = await startProvider()
	const directory = await startedDirectory()
	const environment = {
		EMBEDDING_PROVIDER: 'openai',
		EMBEDDING_MODEL: 'counting',
		EMBEDDING_API_KEY: 'sk-of-a-test-00000000',
		EMBEDDING_BASE_URL: `${provider.url}/v1`,
	}
	const killed = await serve(directory, environment)
	const before = await signInAsAdmin(killed)
	const { data } = await before.upload('default-workspace', 'long.md', text)
	const { id } = data.document
	for await (const { status, progress } of documentEvents(before, id)) if (status === 'EMBEDDING' && progress.done === 2 * BATCH) break
	await expect.poll(() => asked.size).toBe(3 * BATCH) // the third batch is on its way
	expect((await killed.end('SIGKILL')).signal).toBe('SIGKILL')
	await before.close()
	const done = new Set([...asked.keys()].slice(0, 2 * BATCH))
	const interrupted = new Set([...asked.keys()].slice(2 * BATCH))

	answers = Number.POSITIVE_INFINITY
	const server = await serve(directory, environment)
	const session = await signInAsAdmin(server)
	const events = await Array.fromAsync(documentEvents(session, id))
	expect(events.at(-1)).toMatchObject({ status: 'PROCESSED', error: null })
	const { document } = await session.rest<{ document: { chunks: number } }>('GET', `/workspaces/default-workspace/documents/${id}`)
	expect(document.chunks).toBeGreaterThan(3 * BATCH)
	expect(asked.size).toBe(document.chunks)
	for (const [text, times] of asked) expect([text, times]).toEqual([text, interrupted.has(text) ? 2 : 1])
	expect([done.size, interrupted.size]).toEqual([2 * BATCH, BATCH])
	await session.close()
	await server.end()
})

it('a server that is killed while the index is made anew goes on with it, and serves meanwhile', async () => {
	const provider = await startProvider()
	const directory = await startedDirectory()
	const killed = await serve(directory)
	const before = await signInAsAdmin(killed)
	const { data } = await before.upload('default-workspace', 'long.md', text.replaceAll('goes', 'went'))
	for await (const { status } of documentEvents(before, data.document.id)) if (status === 'PROCESSED') break
	answers = 3 // the first tells the length of its vectors
	asked.clear()
	await before.rest('PUT', '/system/settings', {
		embeddingProvider: 'openai',
		embeddingModel: 'counting',
		embeddingApiKey: 'sk-of-a-test-00000000',
		embeddingBaseUrl: `${provider.url}/v1`,
	})
	await expect.poll(() => asked.size, { timeout: 20_000 }).toBe(3 * BATCH + 1)
	expect((await killed.end('SIGKILL')).signal).toBe('SIGKILL')
	await before.close()
	const interrupted = new Set([...asked.keys()].slice(2 * BATCH + 1))

	answers = Number.POSITIVE_INFINITY
	const server = await serve(directory)
	const session = await signInAsAdmin(server)
	const found = await session.rest<{ results: unknown[] }>('GET', '/workspaces/default-workspace/search?query=part')
	expect(found.results.length).toBeGreaterThan(0)
	const state = () => session.rest<{ reindexing: unknown }>('GET', '/system/reindexing')
	await expect.poll(async () => (await state()).reindexing, { timeout: 60_000 }).toBeNull()
	const { document } = await session.rest<{ document: { chunks: number } }>(
		'GET',
		`/workspaces/default-workspace/documents/${data.document.id}`,
	)
	const embedded = [...asked].filter(([text]) => text.includes('went'))
	expect(embedded).toHaveLength(document.chunks)
	for (const [text, times] of embedded) expect(times).toBeLessThanOrEqual(interrupted.has(text) ? 3 : 1)
	expect(await session.rest('GET', '/system/info')).toMatchObject({ embeddingProvider: 'openai' })
	await session.close()
	await server.end()
})
