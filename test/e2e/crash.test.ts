import { expect, it } from 'vitest'
import { isAlive } from '../support/process.ts'
import type { Session } from '../support/session.ts'
import { type StoredChunk, takeInventory } from './crash-database.ts'
import { halfUploaded, inStage, type Ledger, type Moment, onceAcknowledged, onceDeleted, whileUploading } from './crash-moments.ts'
import { createSupply, type Sample } from './crash-samples.ts'
import { documentEvents, serve, signInAsAdmin, startedDirectory } from './support.ts'

const KILLS = Number(process.env['CRASH_KILLS'] ?? 20)
/** For a loaded machine; one that has nothing else to do takes two. */
const MS_A_KILL = 30_000

const MOMENTS: Moment[] = [
	inStage('PARSING', 'next'),
	whileUploading,
	inStage('EMBEDDING', 'longEnglish'),
	inStage('CHUNKING', 'longChinese'),
	halfUploaded,
	inStage('INDEXING', 'longChinese'),
	onceAcknowledged,
	inStage('EMBEDDING', 'longEnglish', true),
	onceDeleted,
	whileUploading,
]

it(
	`keeps and ends everything that it acknowledged through ${KILLS} kills in every stage`,
	async () => {
		const directory = await startedDirectory()
		const ledger: Ledger = { acknowledged: new Map(), deleted: new Set(), killedIn: [] }
		const supply = await createSupply()
		for (let kill = 0; kill < KILLS; kill++) {
			const server = await serve(directory)
			const session = await signInAsAdmin(server)
			const moment = MOMENTS[kill % MOMENTS.length] ?? whileUploading
			const family = await moment({ directory, server, session, supply, ledger })
			expect((await server.ended).signal).toBe('SIGKILL')
			await session.close()
			for (const pid of family) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
			if ((kill + 1) % MOMENTS.length === 0) await calm(directory, (session) => expectEnds(session, ledger)) // 30 starts in vain fail a document
		}
		if (KILLS >= MOMENTS.length) expect(ledger.killedIn).toEqual(expect.arrayContaining(['PARSING', 'CHUNKING', 'EMBEDDING', 'INDEXING']))
		if (KILLS % MOMENTS.length > 0) await calm(directory, (session) => expectEnds(session, ledger))

		const { leftovers, chunks, jobs, files, storageKeys } = await takeInventory(directory)
		expect(leftovers).toEqual(Object.fromEntries(Object.keys(leftovers).map((name) => [name, 0])))
		expect(files).toEqual(storageKeys)
		expect(jobs).toEqual([])

		expect(chunks.length).toBeGreaterThan(KILLS)
		await calm(directory, (session) => expectFound(session, chunks))
	},
	300_000 + KILLS * MS_A_KILL,
)

/** A server that nothing happens to, and that ends well. */
async function calm(directory: string, use: (session: Session) => Promise<void>): Promise<void> {
	const server = await serve(directory)
	const session = await signInAsAdmin(server)
	await use(session)
	await session.close()
	expect((await server.end()).code).toBe(0)
}

interface Shown {
	id: number
	status: string
	error: { code: string; reason: string } | null
}

/** Every document ends by itself, and says what its file says; of those that were deleted there is none. */
async function expectEnds(session: Session, { acknowledged, deleted }: Ledger): Promise<void> {
	const path = '/workspaces/default-workspace/documents'
	const listed: number[] = []
	for (let page = 1; ; page++) {
		const { documents } = await session.rest<{ documents: Shown[] }>('GET', `${path}?page=${page}&limit=100`)
		if (documents.length === 0) break
		listed.push(...documents.map(({ id }) => id))
	}
	expect(listed).toEqual(expect.arrayContaining([...acknowledged.keys()]))
	expect(listed.filter((id) => deleted.has(id))).toEqual([])

	const ends = listed.map(async (id) => [id, (await Array.fromAsync(documentEvents(session, id))).at(-1)] as const)
	for (const [id, end] of await Promise.all(ends)) {
		const sample = acknowledged.get(id)
		if (!sample) expect(end?.status).toMatch(/PROCESSED|FAILED/)
		else if (sample.isReadable) expect({ name: sample.name, ...end }).toMatchObject({ name: sample.name, status: 'PROCESSED', error: null })
		else expect(end).toMatchObject({ status: 'FAILED', error: { code: expect.any(String), reason: expect.stringMatching(/\S/) } })
	}
	for (const [id, sample] of acknowledged) if (sample.isReadable) expectText(sample, await session.rest('GET', `${path}/${id}/text`))
}

function expectText({ name, says }: Sample, { text }: { text: string }): void {
	const plain = text.normalize('NFKC')
	const missing = says.filter((sentence) => !plain.includes(sentence))
	expect({ name, missing, length: text.length > 0 }).toEqual({ name, missing: [], length: true })
}

/** Each chunk is found by the words of its longest line. */
async function expectFound(session: Session, chunks: readonly StoredChunk[]): Promise<void> {
	const lost: StoredChunk[] = []
	const waiting = chunks.values()
	const search = async () => {
		for (const chunk of waiting) {
			const [line = ''] = chunk.text.split('\n').toSorted((a, b) => b.length - a.length)
			const query = new URLSearchParams({ query: line.slice(0, 200), limit: '50' })
			const { results } = await session.rest<{ results: { chunkId: number }[] }>('GET', `/workspaces/default-workspace/search?${query}`)
			if (!results.some(({ chunkId }) => chunkId === chunk.id)) lost.push(chunk)
		}
	}
	await Promise.all([search(), search(), search(), search()])
	expect(lost).toEqual([])
}
