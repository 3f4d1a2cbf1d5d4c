import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Viewer } from '../../src/auth/auth.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import {
	deleteDocument,
	getDocument,
	getDocumentText,
	listDocuments,
	replaceDocument,
	reprocessDocument,
	search,
	uploadDocument,
} from '../support/operations.ts'
import { surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const viewer: Viewer = { id: 1, username: 'admin', role: 'admin', sessionId: '' }

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

const keysOf = async () => (await app.prisma.document.findMany({ select: { storageKey: true } })).map(({ storageKey }) => storageKey)

/** Waits until nothing is under way in the background, as a start of the reconciler would find it. */
async function quiet(): Promise<void> {
	const pending = () =>
		app.prisma.$queryRaw<unknown[]>`SELECT FROM pgboss.job WHERE state < 'completed' AND name IN ('remove-document', 'process-document')`
	for (const end = performance.now() + 20_000; (await pending()).length > 0 && performance.now() < end; ) await new Promise(setImmediate)
}

/** The chunks that the index holds of a document, and those that the database has. */
async function filesOnDisk(): Promise<string[]> {
	const entries = await readdir(path.join(app.directory, 'files'), { recursive: true, withFileTypes: true })
	return entries
		.filter((entry) => entry.isFile() && !entry.name.endsWith('.key'))
		.map((entry) => path.relative(path.join(app.directory, 'files'), path.join(entry.parentPath, entry.name)))
}

describe.each(surfaces)('a new version of a document over $name', (surface) => {
	const replace = (documentId: number, file: unknown, metadata?: unknown) =>
		surface.ask(app, replaceDocument, { slug, documentId, input: { ...(metadata !== undefined && { metadata }), file } }, admin)
	const get = async (documentId: number) => (await surface.ask(app, getDocument, { slug, documentId }, admin)).data.document
	/** The chunks of this surface's documents that have a word. */
	const found = async (word: string): Promise<string[]> => {
		const { data } = await surface.ask(app, search, { slug, query: `${word} ${surface.name}`, limit: 50 }, admin)
		const chunks: string[] = data.results.map(({ chunk }: { chunk: string }) => chunk)
		return chunks.filter((chunk) => chunk.includes(word) && chunk.includes(surface.name))
	}
	const make = async (text: string): Promise<number> => Number((await takeIn(app, slug, textFile('report.txt', text), admin)).id)

	it('takes its place when it is processed: the id and the file name stay', async () => {
		const id = await make(`The ferry over ${surface.name} leaves at seven.`)
		const before = await get(id)
		const { data, code } = await replace(id, textFile('report 2.md', `# Times\n\nThe hydrofoil over ${surface.name} leaves at nine.`))
		expect(code).toBeUndefined()
		expect(data.document).toMatchObject({ id: before.id, version: 1, processed: true, originalName: 'report.txt' })
		expect(data.document.pendingVersion).toMatchObject({ version: 2, originalName: 'report 2.md', mimeType: 'text/markdown', error: null })
		await ended(app, slug, id)
		const after = await get(id)
		expect(after).toMatchObject({
			...{ id: before.id, filename: before.filename, createdAt: before.createdAt, metadata: {} },
			...{
				originalName: 'report 2.md',
				mimeType: 'text/markdown',
				version: 2,
				pendingVersion: null,
				processed: true,
				error: null,
				chunks: 1,
			},
		})
		expect((await surface.ask(app, getDocumentText, { slug, documentId: id }, admin)).data.text).toContain('hydrofoil')
		expect([(await found('hydrofoil')).length, (await found('ferry')).length]).toEqual([1, 0])
		await quiet()
		expect((await filesOnDisk()).sort()).toEqual((await keysOf()).sort())
	})

	it('is in no list, and no document by itself', async () => {
		const id = await make(`Lists over ${surface.name}.`)
		const count = async () => (await surface.ask(app, listDocuments, { slug, limit: 100 }, admin)).data.pagination.total
		const before = await count()
		await replace(id, textFile('other.txt', `Other lists over ${surface.name}.`))
		expect(await count()).toBe(before)
		const draft = await app.prisma.document.findUnique({ where: { replacesId: id } })
		if (draft) expect((await surface.ask(app, getDocument, { slug, documentId: draft.id }, admin)).code).toBe('NOT_FOUND')
		await ended(app, slug, id)
		expect(await count()).toBe(before)
	})

	it('that fails leaves the document as it is, and shows why', async () => {
		const id = await make(`The original over ${surface.name} stays.`)
		await replace(id, new File([`%PDF-1.7\nnothing of a PDF ${surface.name}`], 'broken.pdf'))
		await ended(app, slug, id)
		const document = await get(id)
		expect(document).toMatchObject({ version: 1, processed: true, error: null, originalName: 'report.txt' })
		expect(document.pendingVersion).toMatchObject({ originalName: 'broken.pdf', status: expect.stringMatching(/failed/i) })
		expect(document.pendingVersion.error.reason).not.toBe('')
		expect(await found('original')).toHaveLength(1)
		expect((await replace(id, textFile('good.txt', `The second over ${surface.name} works.`))).code).toBeUndefined()
		await ended(app, slug, id)
		expect(await get(id)).toMatchObject({ version: 2, pendingVersion: null })
	})

	it('keeps the metadata, unless it brings its own', async () => {
		const body = { metadata: { of: surface.name }, file: textFile('meta.txt', `Metadata over ${surface.name}`) }
		const id = Number((await surface.ask(app, uploadDocument, { slug, input: body }, admin)).data.document.id)
		await ended(app, slug, id)
		await replace(id, textFile('meta.txt', `Metadata kept over ${surface.name}`))
		await ended(app, slug, id)
		expect((await get(id)).metadata).toEqual({ of: surface.name })
		await replace(id, textFile('meta.txt', `Metadata changed over ${surface.name}`), { now: 'other' })
		await ended(app, slug, id)
		expect((await get(id)).metadata).toEqual({ now: 'other' })
	})

	it('with the bytes that the document, or another one, has is a conflict', async () => {
		const [one, other] = [`One of two over ${surface.name}`, `The other over ${surface.name}`]
		const [id, otherId] = [await make(one), await make(other)]
		const same = await replace(id, textFile('a.txt', one))
		expect([same.code, same.error]).toEqual(['CONFLICT', expect.stringContaining(String(id))])
		const others = await replace(id, textFile('a.txt', other))
		expect([others.code, others.error]).toEqual(['CONFLICT', expect.stringContaining(String(otherId))])
		expect(await get(id)).toMatchObject({ version: 1, pendingVersion: null })
	})

	it('takes the place of one that is in the making', async () => {
		const id = await make(`Draft zero over ${surface.name}`)
		const replies = []
		for (const number of [1, 2, 3]) replies.push(await replace(id, textFile('d.txt', `Draft ${number} marmalade over ${surface.name}`)))
		expect(replies.map(({ code }) => code)).toEqual([undefined, undefined, undefined])
		await ended(app, slug, id)
		const { text } = (await surface.ask(app, getDocumentText, { slug, documentId: id }, admin)).data
		expect(text).toBe(`Draft 3 marmalade over ${surface.name}`)
		expect(await found('marmalade')).toEqual([text])
	})

	it.each<[string, number | 'one', () => unknown, string]>([
		['an empty file', 'one', () => textFile('a.txt', ''), 'UNPROCESSABLE'],
		['a file of no supported type', 'one', () => new File([Buffer.from([0, 1, 2, 3, 0, 255, 254, 0])], 'a.bin'), 'UNPROCESSABLE'],
		['no file', 'one', () => 'text', 'BAD_REQUEST'],
		['a document that is not there', 999_999, () => textFile('a.txt', 'x'), 'NOT_FOUND'],
	])('refuses %s', async (_what, which, file, code) => {
		const id = which === 'one' ? await make(`Refusing ${_what} over ${surface.name}`) : which
		const count = await app.prisma.document.count()
		expect((await replace(id, file())).code).toBe(code)
		expect(await app.prisma.document.count()).toBe(count)
	})

	it('goes with the document when that is deleted: nothing is left of either', async () => {
		const id = await make(`The velodrome over ${surface.name} was old.`)
		await replace(id, textFile('v.txt', `The velodrome over ${surface.name} is new.`))
		expect((await surface.ask(app, deleteDocument, { slug, documentId: id }, admin)).code).toBeUndefined()
		await quiet()
		expect(await found('velodrome')).toEqual([])
		expect(await app.prisma.document.count({ where: { OR: [{ id }, { replacesId: id }] } })).toBe(0)
		expect(await app.prisma.chunk.count({ where: { text: { contains: `velodrome over ${surface.name}` } } })).toBe(0)
		expect((await filesOnDisk()).sort()).toEqual((await keysOf()).sort())
	})

	it('is told of to who follows the document', async () => {
		const id = await make(`Followed over ${surface.name}`)
		await replace(id, textFile('f.txt', `Followed again over ${surface.name}`))
		const seen: string[] = []
		for await (const event of await app.services.documents.events(viewer, slug, id, AbortSignal.timeout(20_000))) {
			if (event.type === 'state') seen.push(`${event.document.version} ${event.document.status}`)
			if (event.type === 'version') seen.push(`new ${event.version.version}`)
		}
		expect(seen[0]).toMatch(/processed$/)
		expect(seen.at(-1)).toBe('2 processed')
	})

	describe('processing a document again', () => {
		const again = (documentId: number) => surface.ask(app, reprocessDocument, { slug, documentId }, admin)

		it('begins a failed one anew, in its place', async () => {
			const id = Number((await takeIn(app, slug, new File([`%PDF-1.7\nagain ${surface.name}`], 'broken.pdf'), admin)).id)
			const { data, code } = await again(id)
			expect(code).toBeUndefined()
			expect(data.document).toMatchObject({ processed: false, error: null, version: 1, pendingVersion: null })
			await ended(app, slug, id)
			expect(await get(id)).toMatchObject({ status: expect.stringMatching(/failed/i), version: 1 })
		})

		it('makes a new version of the same bytes of one that is processed, which is found meanwhile', async () => {
			const id = await make(`The aqueduct over ${surface.name}.`)
			const { data } = await again(id)
			expect(data.document).toMatchObject({ processed: true, version: 1 })
			expect(data.document.pendingVersion).toMatchObject({ version: 2, originalName: 'report.txt' })
			expect((await found('aqueduct')).length).toBe(1)
			await ended(app, slug, id)
			expect(await get(id)).toMatchObject({ version: 2, pendingVersion: null, processed: true })
			expect((await found('aqueduct')).length).toBe(1)
			await quiet()
			expect((await filesOnDisk()).sort()).toEqual((await keysOf()).sort())
			expect((await again(id)).code).toBeUndefined()
			await ended(app, slug, id)
			expect((await get(id)).version).toBe(3)
		})

		it('leaves one that is under way alone', async () => {
			const { data } = await surface.ask(
				app,
				uploadDocument,
				{ slug, input: { file: textFile('u.txt', `Under way ${surface.name}`) } },
				admin,
			)
			const id = Number(data.document.id)
			expect((await again(id)).code).toBeUndefined()
			await ended(app, slug, id)
			await again(id)
			await again(id)
			await ended(app, slug, id)
			expect((await get(id)).version).toBe(2)
		})

		it('needs a document that is there', async () => {
			expect((await again(999_999)).code).toBe('NOT_FOUND')
		})
	})
})

it('is for editors', async () => {
	const { id } = await takeIn(app, slug, textFile('rights.txt', 'Rights of versions'), admin)
	const token = await app.tokenOf('onlooker')
	await app.join('onlooker', slug, 'viewer')
	for (const surface of surfaces) {
		const input = { file: textFile('a.txt', 'Not allowed') }
		expect((await surface.ask(app, replaceDocument, { slug, documentId: id, input }, token)).code).toBe('FORBIDDEN')
		expect((await surface.ask(app, reprocessDocument, { slug, documentId: id }, token)).code).toBe('FORBIDDEN')
	}
})
