import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isAlive, type ServerProcess } from '../support/process.ts'
import type { Session } from '../support/session.ts'
import { type Inventory, type StoredChunk, takeInventory } from './crash-database.ts'
import {
	atAnyMoment,
	halfUploaded,
	inStage,
	inStageOfVersion,
	type Ledger,
	type Moment,
	onceAcknowledged,
	onceDeleted,
	sha256,
	supersede,
	whileReplacing,
	whileUploading,
} from './crash-moments.ts'
import { type CrashPlace, embeddedPlace, servicesPlace } from './crash-places.ts'
import { oneOf, randomFrom, shuffled } from './crash-random.ts'
import { createSupply, type Sample } from './crash-samples.ts'
import { documentEvents, serve, signInAsAdmin } from './support.ts'

/** `npm run chaos` sets both. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 20)
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000)
/** For a loaded machine; one that has nothing else to do takes two. */
const MS_A_KILL = 30_000
const { TEST_DATABASE_URL, TEST_MILVUS_ADDRESS } = process.env

/** Each round has all of them, in an order of its own. */
const MOMENTS: Moment[] = [
	inStage('PARSING', 'next'),
	whileUploading,
	atAnyMoment,
	inStage('EMBEDDING', 'longEnglish'),
	inStage('CHUNKING', 'longChinese'),
	halfUploaded,
	inStage('INDEXING', 'longChinese'),
	onceAcknowledged,
	inStage('EMBEDDING', 'longEnglish', true),
	onceDeleted,
	whileReplacing,
	atAnyMoment,
	whileReplacing,
	inStageOfVersion('PARSING', 'longEnglish'),
	inStageOfVersion('CHUNKING', 'longChinese'),
	inStageOfVersion('EMBEDDING', 'longEnglish'),
	inStageOfVersion('INDEXING', 'longChinese'),
]

describe('on the embedded database', () => {
	it(
		`keeps and ends everything that it acknowledged through ${KILLS} kills in every stage`,
		() => survive(embeddedPlace, KILLS),
		limitOf(KILLS),
	)
})

/** What a killed process had goes on elsewhere half a minute later: fewer are enough where nobody asks for more. */
const SERVICES_KILLS = process.env['CHAOS_KILLS'] === undefined ? KILLS / 2 : KILLS
describe.skipIf(!TEST_DATABASE_URL || !TEST_MILVUS_ADDRESS)('on PostgreSQL and Milvus (TEST_DATABASE_URL, TEST_MILVUS_ADDRESS)', () => {
	let place: CrashPlace | undefined
	afterAll(() => place?.remove())
	const open = async () => {
		place = await servicesPlace(TEST_DATABASE_URL ?? '', TEST_MILVUS_ADDRESS ?? '')
		return place
	}
	it(
		`keeps and ends everything that it acknowledged through ${SERVICES_KILLS} kills in every stage`,
		() => survive(open, SERVICES_KILLS),
		limitOf(SERVICES_KILLS),
	)
})

function limitOf(kills: number): number {
	return 300_000 + kills * MS_A_KILL
}

async function survive(open: () => Promise<CrashPlace>, kills: number): Promise<void> {
	console.log(`CHAOS_SEED=${SEED}`)
	const random = randomFrom(SEED)
	const place = await open()
	const { directory, environment } = place
	const ledger: Ledger = {
		acknowledged: new Map(),
		deleted: new Map(),
		doubtful: new Map(),
		perhaps: new Map(),
		unheard: new Set(),
		replaced: [],
		killedIn: [],
	}
	const supply = await createSupply()
	let round: Moment[] = []
	for (let kill = 1; kill <= kills; kill++) {
		if (round.length === 0) round = shuffled(MOMENTS, random)
		const moment = round.pop() ?? whileUploading
		const server = await serve(directory, environment)
		const session = await signInAsAdmin(server)
		const family = await moment({ directory, server, session, supply, ledger, random })
		expect((await server.ended).signal).toBe('SIGKILL')
		await session.close()
		for (const pid of family) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
		if (round.length > 0 && kill < kills) continue
		// 30 starts in vain fail a document
		await calm(place, async (session, server) => {
			await expectEnds(session, ledger)
			await expect.poll(() => openJobs(server), { timeout: 120_000, interval: 500 }).toEqual([])
		})
		await expectOrder(place, ledger)
		console.log(`${kill} kills: ${told(ledger)}`)
	}
	if (kills >= MOMENTS.length)
		expect(ledger.killedIn).toEqual(expect.arrayContaining(['PARSING', 'CHUNKING', 'EMBEDDING', 'INDEXING', 'version INDEXING']))

	const { chunks, files } = await expectOrder(place, ledger)
	expect(chunks.length).toBeGreaterThan(kills)
	await calm(place, async (session) => {
		await expectFound(session, chunks)
		await expectForgotten(session, ledger)
	})
	console.log(
		`${kills} kills: ${told(ledger)}, ${chunks.length} chunks, ${files.length} files; in ${JSON.stringify(countsOf(ledger.killedIn))}`,
	)
}

/** Nothing is lost, half done or left over. */
async function expectOrder(place: CrashPlace, { unheard }: Ledger): Promise<Inventory> {
	const inventory = await takeInventory(place)
	const { leftovers, jobs, files, storageKeys } = inventory
	expect(leftovers).toEqual(Object.fromEntries(Object.keys(leftovers).map((name) => [name, 0])))
	const withoutRow = files.filter((key) => !storageKeys.includes(key))
	expect(files.filter((key) => !withoutRow.includes(key))).toEqual(storageKeys)
	if (place.environment['DATABASE_URL']) {
		// what a dead process of several left is removed a day later: nothing that anybody was told of
		const hashes = await Promise.all(withoutRow.map(async (key) => sha256(await readFile(join(place.directory, 'files', key)))))
		expect(hashes.filter((hash) => !unheard.has(hash))).toEqual([])
	} else expect(withoutRow).toEqual([])
	expect(jobs).toEqual([])
	return inventory
}

const told = ({ acknowledged, deleted, doubtful }: Ledger): string =>
	`${acknowledged.size} documents kept, ${deleted.size} deleted, ${doubtful.size} perhaps deleted`

function countsOf(names: readonly string[]): Record<string, number> {
	const counts: Record<string, number> = {}
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1
	return counts
}

/** A server that nothing happens to, and that ends well. */
async function calm(
	{ directory, environment }: CrashPlace,
	use: (session: Session, server: ServerProcess) => Promise<void>,
): Promise<void> {
	const server = await serve(directory, environment)
	const session = await signInAsAdmin(server)
	await use(session, server)
	await session.close()
	expect((await server.end()).code).toBe(0)
}

/** The queues that have jobs, as the metrics say. */
async function openJobs({ url }: ServerProcess): Promise<string[]> {
	const text = await (await fetch(`${url}/metrics`)).text()
	return text.match(/^anythingllm_queue_jobs\{.*\} [1-9]\d*$/gm) ?? []
}

/** Less than what one socket may follow. */
const FOLLOWED_AT_ONCE = 50

interface Shown {
	id: number
	status: string
	error: { code: string; reason: string } | null
}

/** Every document ends by itself, and says what its file says; of those that were deleted there is none. */
async function expectEnds(session: Session, ledger: Ledger): Promise<void> {
	const { acknowledged, deleted, doubtful, perhaps } = ledger
	const path = '/workspaces/default-workspace/documents'
	const listed: number[] = []
	for (let page = 1; ; page++) {
		const { documents } = await session.rest<{ documents: Shown[] }>('GET', `${path}?page=${page}&limit=100`)
		if (documents.length === 0) break
		listed.push(...documents.map(({ id }) => id))
	}
	for (const [id, sample] of doubtful) {
		;(listed.includes(id) ? acknowledged : deleted).set(id, sample)
		doubtful.delete(id)
	}
	expect(listed).toEqual(expect.arrayContaining([...acknowledged.keys()]))
	expect(listed.filter((id) => deleted.has(id))).toEqual([])

	const end = async (id: number) => [id, (await Array.fromAsync(documentEvents(session, id))).at(-1)] as const
	const ends: Awaited<ReturnType<typeof end>>[] = []
	for (let at = 0; at < listed.length; at += FOLLOWED_AT_ONCE)
		ends.push(...(await Promise.all(listed.slice(at, at + FOLLOWED_AT_ONCE).map(end))))
	for (const [id, end] of ends) {
		const sample = acknowledged.get(id)
		if (!sample) expect(end?.status).toMatch(/PROCESSED|FAILED/)
		else if (sample.isReadable) expect({ name: sample.name, ...end }).toMatchObject({ name: sample.name, status: 'PROCESSED', error: null })
		else expect(end).toMatchObject({ status: 'FAILED', error: { code: expect.any(String), reason: expect.stringMatching(/\S/) } })
	}
	for (const [id, sample] of perhaps) {
		perhaps.delete(id)
		if (deleted.has(id)) {
			ledger.replaced.push(sample)
			continue
		}
		const { text } = await session.rest<{ text: string }>('GET', `${path}/${id}/text`)
		const [first = ''] = sample.own
		if (text.normalize('NFKC').includes(first)) supersede(ledger, id, sample)
		else ledger.replaced.push(sample)
	}
	for (const [id, sample] of acknowledged) if (sample.isReadable) expectText(sample, await session.rest('GET', `${path}/${id}/text`))
}

function expectText({ name, says }: Sample, { text }: { text: string }): void {
	const plain = text.normalize('NFKC')
	const missing = says.filter((sentence) => !plain.includes(sentence))
	expect({ name, missing, length: text.length > 0 }).toEqual({ name, missing: [], length: true })
}

interface Result {
	chunkId: number
	documentId: number
	chunk: string
}

async function search(session: Session, text: string, filter: Record<string, string> = {}): Promise<Result[]> {
	const query = new URLSearchParams({ query: text.slice(0, 200), limit: '50', join: 'false', fold: 'false', ...filter })
	return (await session.rest<{ results: Result[] }>('GET', `/workspaces/default-workspace/search?${query}`)).results
}

/**
 * Each chunk is found in its document by the words of its longest line. In all of them at once, milvus-lite, which counts words in each of its
 * segments by itself, may put 50 chunks of a like document before it.
 */
async function expectFound(session: Session, chunks: readonly StoredChunk[]): Promise<void> {
	const lost: StoredChunk[] = []
	await sideBySide(chunks, async (chunk) => {
		const [line = ''] = chunk.text.split('\n').toSorted((a, b) => b.length - a.length)
		const results = await search(session, line, { documentIds: `${chunk.documentId}` })
		if (!results.some(({ chunkId }) => chunkId === chunk.id)) lost.push(chunk)
	})
	expect(lost).toEqual([])
}

/** What only deleted files and old versions said is not found, by the words of it. */
async function expectForgotten(session: Session, { deleted, replaced }: Ledger): Promise<void> {
	const remembered: string[] = []
	const sentences = [...deleted.values(), ...replaced]
		.flatMap(({ own }) => [own[0], oneOf(own, () => 0.5), own.at(-1)])
		.filter((sentence) => sentence !== undefined)
	await sideBySide(sentences, async (sentence) => {
		const results = await search(session, sentence)
		if (results.some(({ chunk, documentId }) => deleted.has(Number(documentId)) || chunk.normalize('NFKC').includes(sentence)))
			remembered.push(sentence)
	})
	expect(remembered).toEqual([])
}

async function sideBySide<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
	const waiting = items.values()
	const worker = async () => {
		for (const item of waiting) await work(item)
	}
	await Promise.all([worker(), worker(), worker(), worker()])
}
