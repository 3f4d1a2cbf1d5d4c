import { afterAll, beforeAll, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import { rest } from '../support/surfaces.ts'

const slug = 'default-workspace'
/** Goes to the database in two pieces, with characters of 3 and 4 bytes about the cut. */
const text = Array.from({ length: 25_000 }, (_, at) => `第${at}行写着灯塔与海浪😀的故事。`).join('\n')

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

const chunksOf = (documentId: number) =>
	app.prisma.chunk.findMany({
		where: { documentId },
		orderBy: { ordinal: 'asc' },
		select: { ordinal: true, start: true, end: true, text: true },
	})

it('a long text is stored whole, and cut again from what is stored as it was cut at first', { timeout: 120_000 }, async () => {
	expect(Buffer.byteLength(text)).toBeGreaterThan(1_100_000)
	const { id, status } = await takeIn(app, slug, textFile('lighthouse.txt', text), admin)
	expect(status).toBe('processed')
	const { data } = await rest(app, 'GET', `/workspaces/${slug}/documents/${id}/text`, undefined, admin)
	expect(data.text === text).toBe(true)
	const chunks = await chunksOf(id)
	expect(chunks.length).toBeGreaterThan(100)
	expect(chunks.every(({ start, end, text: chunk }) => text.slice(start, end) === chunk)).toBe(true)

	await app.prisma.chunk.deleteMany({ where: { documentId: id } })
	expect(await app.reconcile(0)).toMatchObject({ document_incomplete: 1 })
	await ended(app, slug, id)
	expect(await chunksOf(id)).toEqual(chunks)
})
