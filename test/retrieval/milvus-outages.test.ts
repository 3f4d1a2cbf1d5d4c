import { once } from 'node:events'
import { createServer, type Http2Server } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { publicError } from '../../src/errors.ts'
import type { IndexedChunk } from '../../src/retrieval/chunk-index.ts'
import { UnusableServer } from '../../src/retrieval/milvus/failures.ts'
import { createMilvusIndex, type MilvusIndex } from '../../src/retrieval/milvus/milvus-index.ts'
import { ownMilvus } from '../support/milvus.ts'

const program = process.env['TEST_MILVUS_BIN'] ?? ''
const GENERATION = { id: 1, embedder: 'test', dimensions: 4 }
/** For a server that is known not to answer. */
const SHORT = { searchMs: 300, writeMs: 400, removeMs: 500, openMs: 300 }

describe.skipIf(!program)('Milvus that fails (TEST_MILVUS_BIN)', () => {
	const cleanups: (() => Promise<void>)[] = []
	afterEach(async () => {
		for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
	})

	async function setUp() {
		const server = await ownMilvus(program)
		cleanups.push(server.end)
		const reports: string[] = []
		const open = (limits = {}) => {
			const index = createMilvusIndex({ address: server.address, report: (problem) => reports.push(problem), limits })
			cleanups.push(index.close)
			return index
		}
		return { server, index: open(), open, reports }
	}

	it('lets a start go on without it, makes every call fail with `milvus`, and serves as soon as it is there', async () => {
		const { server, index, reports } = await setUp()
		await index.create(GENERATION)
		for (const call of [index.ping, () => search(index), () => index.upsert(1, [chunk(1)]), () => index.removeDocument(1)])
			expect(publicError(await failureOf(call()))).toMatchObject({ code: 'UNAVAILABLE', params: [{ part: 'milvus' }] })
		expect(reports).toEqual([expect.stringContaining('does not answer')])
		const recovered = new Promise<void>((resolve) => index.onRecovery(resolve))
		await server.start()
		await recovered
		await index.upsert(1, [chunk(1)])
		expect(await search(index)).toEqual([1])
		await index.ping()
		expect(reports.slice(1)).toEqual(['Milvus answers again'])
	})

	it('keeps what it acknowledged when it is killed, and is searched again after its restart', async ({ signal }) => {
		const { server, index } = await setUp()
		await server.start()
		await index.create(GENERATION)
		const acknowledged = new Set<number>()
		let isOver = false
		signal.addEventListener('abort', () => (isOver = true))
		const writing = (async () => {
			for (let id = 1; !isOver; id++) {
				const failure = await failureOf(index.upsert(1, [chunk(id)]))
				if (failure === undefined) acknowledged.add(id)
				else await sleep(5)
			}
		})()
		for (let kills = 0; kills < 3; kills++) {
			const enough = acknowledged.size + 10
			await until(signal, () => acknowledged.size > enough)
			await server.kill()
			await server.start()
		}
		const before = acknowledged.size
		await until(signal, () => acknowledged.size > before)
		isOver = true
		await writing
		const found = new Set(await search(index, 1_000))
		expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
		await index.removeDocument(7)
		expect(await search(index, 1_000)).not.toContain(7)
	})

	it('ends every call at its limit while it is frozen, and goes on when it thaws', async ({ signal }) => {
		const { server, index, open } = await setUp()
		await server.start()
		await index.create(GENERATION)
		await index.upsert(1, [chunk(1)])
		const hasty = open(SHORT)
		await until(signal, async () => (await failureOf(hasty.create(GENERATION))) === undefined)
		await until(signal, async () => (await failureOf(search(hasty))) === undefined)
		server.freeze()
		const late = open({ startMs: 100 })
		await late.create(GENERATION)
		const calls = [
			...Array.from({ length: 100 }, () => search(hasty)),
			...Array.from({ length: 20 }, (_, at) => hasty.upsert(1, [chunk(at + 1)])),
			hasty.removeDocument(1),
			hasty.removeWorkspace(2),
			hasty.ping(),
		]
		for (const result of await Promise.allSettled(calls))
			expect(result.status === 'rejected' && publicError(result.reason).code).toBe('UNAVAILABLE')
		server.thaw()
		for (const one of [index, late]) {
			await until(signal, async () => (await failureOf(one.ping())) === undefined)
			await one.upsert(1, [chunk(2)])
			expect(await search(one)).toContain(2)
		}
	})

	it('does not keep a stop waiting while it is frozen', async () => {
		const { server, index } = await setUp()
		await server.start()
		await index.create(GENERATION)
		server.freeze()
		const searching = failureOf(search(index))
		await index.close()
		expect(await searching).toBeInstanceOf(Error)
		await expect(search(index)).rejects.toThrow(/closed/)
	})

	it('makes the collection anew when the server lost it, and says so', async () => {
		const { server, index, reports } = await setUp()
		await server.start()
		await index.create(GENERATION)
		const other = createMilvusIndex({ address: server.address, report: () => undefined })
		await other.drop(1)
		await other.close()
		await index.upsert(1, [chunk(1)])
		expect(await search(index)).toEqual([1])
		expect(reports).toEqual([expect.stringContaining('has lost anythingllm_g1')])
	})

	it('refuses a server that made the collection without BM25, as those before 2.5 do', async () => {
		const { server, index } = await setUp()
		await server.start()
		const { MilvusClient, DataType } = await import('@zilliz/milvus2-sdk-node')
		const client = new MilvusClient({ address: server.address, logLevel: 'error', telemetry: { enabled: false } })
		await client.createCollection({
			collection_name: 'anythingllm_g1',
			fields: [
				{ name: 'chunk_id', data_type: DataType.Int64, is_primary_key: true },
				{ name: 'dense', data_type: DataType.FloatVector, dim: 4 },
			],
		})
		await client.closeConnection()
		await expect(index.create(GENERATION)).rejects.toThrow(UnusableServer)
		await expect(index.create(GENERATION)).rejects.toThrow(/too old/)
	})

	it.each([
		['that does not accept the token', '16', /MILVUS_TOKEN/],
		['that is no Milvus', '12', /MILVUS_ADDRESS/],
	])('refuses a server %s', async (_, status, message) => {
		const server = createServer((_request, response) => {
			response.stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status }, { endStream: true })
		})
		cleanups.push(() => ended(server))
		const address = await listening(server)
		const reports: string[] = []
		const index = createMilvusIndex({ address, token: 'root:topsecret', report: (problem) => reports.push(problem) })
		cleanups.push(index.close)
		const failure = await failureOf(index.create(GENERATION))
		expect(failure).toBeInstanceOf(UnusableServer)
		expect(String(failure)).toMatch(message)
		expect(publicError(await failureOf(search(index))).code).toBe('UNAVAILABLE')
		expect(`${failure} ${reports}`).not.toContain('topsecret')
	})
})

const chunk = (chunkId: number): IndexedChunk => ({
	...{ chunkId, documentId: chunkId, workspaceId: 1, text: 'the same words', vector: Float32Array.of(1, 0, 0, 0) },
})

async function search(index: MilvusIndex, limit = 50): Promise<number[]> {
	const { lexical } = await index.search(1, {
		workspaceIds: [1],
		documentIds: null,
		text: 'same words',
		vector: Float32Array.of(1, 0, 0, 0),
		limit,
	})
	return lexical.map(({ chunkId }) => chunkId)
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
	call.then(
		() => undefined,
		(error: unknown) => error,
	)

/** Of what nobody tells when it happens. */
async function until(signal: AbortSignal, isSo: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await isSo())) await sleep(20, undefined, { signal })
}

async function listening(server: Http2Server): Promise<string> {
	server.listen(0, '127.0.0.1')
	await once(server, 'listening')
	const address = server.address()
	return typeof address === 'object' ? `127.0.0.1:${address?.port}` : ''
}

const ended = (server: Http2Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
