import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import { rest } from '../support/surfaces.ts'

const slug = 'default-workspace'
const DAY_MS = 24 * 3_600_000

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

let last = 0
/** A document with words that no other has. @returns its id and how to ask for it. */
async function aDocument(sentences = 1) {
	const word = `quokka${'abcdefghijklmnopqrstuvwxyz'[++last]}`
	const text = Array.from(
		{ length: sentences },
		(_, at) => `The ${word} was seen on day ${at} near the old lighthouse by the northern shore.`,
	)
	const document = await takeIn(app, slug, textFile(`${word}.txt`, text.join('\n\n')), admin)
	expect(document.status).toBe('processed')
	const find = async (): Promise<{ documentId: number; denseScore: number | null }[]> => {
		const { data } = await rest(app, 'GET', `/workspaces/${slug}/search?query=${word}&limit=50`, undefined, admin)
		return data.results.filter((result: { documentId: number }) => result.documentId === document.id)
	}
	const show = async () => (await rest(app, 'GET', `/workspaces/${slug}/documents/${document.id}`, undefined, admin)).data.document
	return { id: document.id as number, chunks: document.chunks as number, find, show }
}

const row = (id: number) => app.prisma.document.findUniqueOrThrow({ where: { id } })
const fileOf = async (id: number) => path.join(app.directory, 'files', (await row(id)).storageKey)
/** Files are left alone for a day, as they may belong to an upload. */
const reconcile = () => app.reconcile(Date.now() - DAY_MS)

/** As a lost service, or one that somebody has emptied. */
async function loseIndex(): Promise<void> {
	const address = app.place.environment['MILVUS_ADDRESS']
	if (!address)
		return void (await app.prisma.$transaction(
			['g1', 'states'].map((table) => app.prisma.$executeRawUnsafe(`DELETE FROM chunk_index.${table}`)),
		))
	const client = new MilvusClient({ address, telemetry: { enabled: false } })
	await client.dropCollection({ collection_name: `${app.place.overrides.prefix}g1` })
	await client.closeConnection()
}

describe('the reconciler', () => {
	it('finds nothing where all agrees, also while documents are taken in, changed and deleted', async () => {
		expect(await reconcile()).toEqual({})
		const isDone = Promise.all(
			Array.from({ length: 6 }, async (_, at) => {
				const { id } = await takeIn(app, slug, textFile(`busy-${at}.txt`, `Number ${at} is busy with the harvest of apples.`), admin)
				if (at % 2 === 0) await rest(app, 'DELETE', `/workspaces/${slug}/documents/${id}`, undefined, admin)
			}),
		)
		let isRunning = true
		void isDone.finally(() => {
			isRunning = false
		})
		while (isRunning) {
			const { vector_without_chunk, ...others } = await reconcile() // of a deleted document: the job that removes it may be a moment away
			expect(others).toEqual({})
			expect(vector_without_chunk ?? 0).toBeLessThanOrEqual(3)
		}
		await isDone
		await reconcile()
		expect(await reconcile()).toEqual({})
	})

	it('fills an index that was lost, while its documents stay processed', async () => {
		const [first, second] = [await aDocument(), await aDocument(60)]
		expect(second.chunks).toBeGreaterThan(2)
		const before = [await first.find(), await second.find()]
		await loseIndex()
		expect([await first.find(), await second.find()]).toEqual([[], []])
		const { chunk_without_vector, ...others } = await reconcile()
		expect(others).toEqual({})
		expect(chunk_without_vector ?? 0).toBeLessThanOrEqual(await app.prisma.chunk.count())
		await expect
			.poll(async () => [await first.find(), await second.find()].map((found) => found.length))
			.toEqual(before.map((found) => found.length))
		expect((await first.find())[0]?.denseScore).toBeCloseTo(before[0]?.[0]?.denseScore ?? 0, 2)
		expect([(await first.show()).status, (await second.show()).status]).toEqual(['processed', 'processed'])
		expect(await reconcile()).toEqual({})
	})

	it('removes entries of the index and files that no row knows', async () => {
		const { id, chunks, find } = await aDocument()
		const file = await fileOf(id)
		await app.prisma.document.delete({ where: { id } })
		expect(await find()).toEqual([])
		expect(await reconcile()).toEqual({ vector_without_chunk: chunks })
		expect(await app.reconcile(Date.now() + DAY_MS)).toEqual({ file_without_row: 1 })
		await expect(rm(file)).rejects.toMatchObject({ code: 'ENOENT' })
		expect(await app.reconcile(Date.now() + DAY_MS)).toEqual({})
	})

	it('tells of a file that is missing, and leaves its document to be found', async () => {
		const { id, find, show } = await aDocument()
		await rm(await fileOf(id))
		expect(await reconcile()).toEqual({ row_without_file: 1 })
		expect(await find()).toHaveLength(1)
		expect(await show()).toMatchObject({ status: 'processed', error: null })
		await app.prisma.document.delete({ where: { id } })
		await reconcile()
	})

	it('makes lost chunks again from the text, or from the file; or says that there is neither', async () => {
		const [fromText, fromFile, fromNothing] = [await aDocument(), await aDocument(), await aDocument()]
		const ids = [fromText.id, fromFile.id, fromNothing.id]
		await app.prisma.chunk.deleteMany({ where: { documentId: { in: ids } } })
		await app.prisma.documentText.deleteMany({ where: { documentId: { in: [fromFile.id, fromNothing.id] } } })
		await rm(await fileOf(fromNothing.id))
		expect(await reconcile()).toEqual({ document_incomplete: 3, row_without_file: 1, vector_without_chunk: 3 })
		for (const id of ids) await ended(app, slug, id)
		for (const document of [fromText, fromFile]) {
			const { stages, ...shown } = await document.show()
			expect(shown).toMatchObject({ status: 'processed', chunks: document.chunks })
			expect(stages.map(({ stage }: { stage: string }) => stage).at(-1)).toBe('indexing')
			expect(stages.every(({ endedAt }: { endedAt: string | null }) => endedAt !== null)).toBe(true)
			expect(await document.find()).toHaveLength(1)
		}
		expect(await fromNothing.show()).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND', reason: expect.stringMatching(/\S/) } })
		expect(await reconcile()).toEqual({})
	})

	it('queues a document that nobody works on', async () => {
		const { id, find, show } = await aDocument()
		await app.prisma.document.update({ where: { id }, data: { status: 'indexing', stageDone: 0 } })
		expect(await find()).toEqual([])
		expect(await reconcile()).toEqual({ document_without_job: 1 })
		await ended(app, slug, id)
		expect(await show()).toMatchObject({ status: 'processed' })
		expect(await find()).toHaveLength(1)
		expect(await reconcile()).toEqual({})
	})

	it('leaves a new version alone that is under way, and its file', async () => {
		const { id, find, show } = await aDocument()
		const body = new FormData()
		body.set(
			'file',
			textFile('next.txt', Array.from({ length: 300 }, (_, at) => `Numbat ${at} walks along the dry river bed.`).join('\n\n')),
		)
		expect((await rest(app, 'PUT', `/workspaces/${slug}/documents/${id}`, body, admin)).status).toBe(200)
		let isRunning = true
		const isDone = ended(app, slug, id).finally(() => {
			isRunning = false
		})
		let seen = 0
		do {
			const draft = await app.prisma.document.findUnique({ where: { replacesId: id } })
			const { vector_without_chunk, file_without_row, ...others } = await app.reconcile(Date.now() + DAY_MS)
			expect(others).toEqual({})
			const found = await find()
			if ((await app.prisma.document.count({ where: { replacesId: id } })) === 0) continue // what is left of the old version: its removal may be a moment away
			expect({ vector_without_chunk, file_without_row, found: found.length }).toEqual({ found: 1 })
			if (draft) seen++
		} while (isRunning)
		await isDone
		expect(seen).toBeGreaterThan(0)
		expect(await show()).toMatchObject({ status: 'processed', version: 2, pendingVersion: null })
		expect((await rest(app, 'GET', `/workspaces/${slug}/search?query=numbat&limit=1`, undefined, admin)).data.results).toMatchObject([
			{ documentId: id },
		])
		await app.reconcile(Date.now() + DAY_MS)
		expect(await app.reconcile(Date.now() + DAY_MS)).toEqual({})
	})

	it.each(['uploaded', 'chunking'] as const)('queues a new version that nobody works on (%s)', async (status) => {
		const { id, show } = await aDocument()
		const { workspaceId, storageKey, format, mimeType } = await row(id)
		const text = `A stranded version, in the stage ${status}, waits on the quay.`
		const ownKey = path.join(path.dirname(storageKey), `stranded-${status}`)
		await writeFile(path.join(app.directory, 'files', ownKey), text)
		const draft = {
			originalName: 'next.txt',
			filename: `#${id}`,
			size: text.length,
			hash: status,
			storageKey: ownKey,
			version: 2,
			replacesId: id,
		}
		const { id: draftId } = await app.prisma.document.create({ data: { ...draft, workspaceId, format, mimeType, status } })
		if (status === 'chunking') await app.prisma.documentText.create({ data: { documentId: draftId, text, pages: [], headings: [] } })
		expect(await app.reconcile(Date.now() + DAY_MS)).toEqual({ document_without_job: 1 })
		await ended(app, slug, id)
		expect(await show()).toMatchObject({ status: 'processed', version: 2, originalName: 'next.txt' })
		const found = await rest(app, 'GET', `/workspaces/${slug}/search?query=stranded+${status}&limit=1`, undefined, admin)
		expect(found.data.results).toMatchObject([{ documentId: id, chunk: text }])
		await app.reconcile(Date.now() + DAY_MS)
		expect(await app.reconcile(Date.now() + DAY_MS)).toEqual({})
	})

	it('removes what the stages of a document have left', async () => {
		const [processed, failed] = [await aDocument(), await aDocument()]
		const chunk = await app.prisma.chunk.findFirstOrThrow({ where: { documentId: processed.id } })
		await app.prisma.chunkVector.create({ data: { chunkId: chunk.id, vector: Buffer.alloc(16) } })
		await app.prisma.document.update({ where: { id: failed.id }, data: { status: 'failed' } })
		expect(await reconcile()).toEqual({ vector_left: 1, chunk_left: failed.chunks, vector_without_chunk: failed.chunks })
		expect(await processed.find()).toHaveLength(1)
		expect(await reconcile()).toEqual({})
	})

	it('counts what it finds', async () => {
		const { text } = await fetch(`${await app.url()}/metrics`).then(async (answer) => ({ text: await answer.text() }))
		expect(text).toMatch(/anythingllm_reconciler_findings_total\{finding="document_incomplete"\} 3/)
		expect(text).toMatch(/anythingllm_reconciler_ended_timestamp_seconds 1\d{9}/)
	})
})
