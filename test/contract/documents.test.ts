import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import {
	createWorkspace,
	deleteDocument,
	getDocument,
	getDocumentText,
	listDocuments,
	search,
	uploadDocument,
} from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const adminViewer = { id: 1, username: 'admin', role: 'admin', sessionId: '' } as const

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await rest(app, 'POST', '/workspaces', { name: 'Elsewhere', slug: 'elsewhere' }, admin)
})
afterAll(() => app.end())

const fileOf = async (id: number) => {
	const { storageKey } = await app.prisma.document.findUniqueOrThrow({ where: { id } })
	return path.join(app.directory, 'files', storageKey)
}

describe.each(surfaces)('a document over $name', (surface) => {
	const ask = { of: (documentId: number, in_ = slug) => ({ slug: in_, documentId }) }

	it('is seen in its workspace only', async () => {
		const { id } = await takeIn(app, slug, textFile('seen.txt', `Seen over ${surface.name}`), admin)
		const { data } = await surface.ask(app, getDocument, ask.of(id), admin)
		expect(data.document).toMatchObject({ originalName: 'seen.txt', processed: true, chunks: 1 })
		for (const operation of [getDocument, getDocumentText, deleteDocument])
			expect((await surface.ask(app, operation, ask.of(id, 'elsewhere'), admin)).code).toBe('NOT_FOUND')
		expect((await surface.ask(app, getDocument, ask.of(id), admin)).code).toBeUndefined()
	})

	it('gives its text with its headings, each at its place', async () => {
		const markdown = `# Field notes ${surface.name}\n\nAn opening.\n\n## 鸟类观察\n\n清晨看到了十七只海鸥。\n`
		const { id, filename } = await takeIn(app, slug, textFile('notes.md', markdown), admin)
		const { data } = await surface.ask(app, getDocumentText, ask.of(id), admin)
		expect(data).toMatchObject({ filename, pages: [], text: markdown.trim() })
		expect(Number(data.documentId)).toBe(id)
		expect(data.headings).toEqual([
			{ level: 1, start: data.text.indexOf('# Field notes'), title: `Field notes ${surface.name}` },
			{ level: 2, start: data.text.indexOf('## 鸟类观察'), title: '鸟类观察' },
		])
	})

	it('that failed has no text: 409 CONFLICT', async () => {
		const { id } = await takeIn(app, slug, new File([`%PDF-1.4\nno PDF ${surface.name}`], 'broken.pdf'), admin)
		expect(await surface.ask(app, getDocumentText, ask.of(id), admin)).toMatchObject({
			code: 'CONFLICT',
			error: '文档尚未处理完成，还没有文本。',
		})
	})

	it('leaves nothing behind when it is deleted', async () => {
		const sentence = `The walrus ${surface.name} sings at dusk.`
		const { id } = await takeIn(app, slug, textFile('walrus.txt', sentence), admin)
		const file = await fileOf(id)
		expect(existsSync(file)).toBe(true)
		const find = async () => (await surface.ask(app, search, { slug, query: `walrus ${surface.name}` }, admin)).data.results
		expect((await find())[0]?.chunk).toBe(sentence)

		const { code, data } = await surface.ask(app, deleteDocument, ask.of(id), admin)
		expect(code).toBeUndefined()
		expect(data).toEqual(surface.name === 'REST' ? {} : { documentId: String(id) })
		expect((await find()).filter((result: { documentId: unknown }) => Number(result.documentId) === id)).toEqual([])
		for (const operation of [getDocument, getDocumentText, deleteDocument])
			expect((await surface.ask(app, operation, ask.of(id), admin)).code).toBe('NOT_FOUND')
		const listed = await surface.ask(app, listDocuments, { slug, search: 'walrus' }, admin)
		expect(listed.data.documents).toEqual([])
		const left = await Promise.all([
			app.prisma.chunk.count({ where: { documentId: id } }),
			app.prisma.documentText.count({ where: { documentId: id } }),
		])
		expect(left).toEqual([0, 0])
		await vi.waitFor(() => expect(existsSync(file)).toBe(false), { timeout: 10_000 })
	})

	it('may come again after it was deleted', async () => {
		const file = () => textFile(`again-${surface.name}.txt`, `Again over ${surface.name}`)
		const first = await takeIn(app, slug, file(), admin)
		await surface.ask(app, deleteDocument, ask.of(first.id), admin)
		const again = await takeIn(app, slug, file(), admin)
		expect(again).toMatchObject({ status: 'processed', filename: first.filename })
	})

	it('can be deleted in the middle of its processing', async () => {
		const paragraphs = Array.from(
			{ length: 600 },
			(_, index) => `## Part ${index}\n\nThe zeppelin ${surface.name} number ${index} ${'flies on and on '.repeat(40)}.`,
		)
		const { data } = await surface.ask(app, uploadDocument, { slug, input: { file: textFile('long.md', paragraphs.join('\n\n')) } }, admin)
		const id = Number(data.document.id)
		const file = await fileOf(id)
		const seen: string[] = []
		for await (const event of await app.services.documents.events(adminViewer, slug, id, AbortSignal.timeout(25_000))) {
			if (event.type !== 'state') break
			const { document } = event
			seen.push(document.status)
			if (document.status === 'embedding' && document.stageDone > 0 && (await app.prisma.document.count({ where: { id } })) > 0)
				expect((await surface.ask(app, deleteDocument, ask.of(id), admin)).code).toBeUndefined()
		}
		expect(seen).toContain('embedding')
		expect(seen).not.toContain('processed')
		expect(await app.prisma.document.count({ where: { id } })).toBe(0)
		const { data: found } = await surface.ask(app, search, { slug, query: `zeppelin ${surface.name}` }, admin)
		expect(found.results.filter((result: { chunk: string }) => result.chunk.includes('zeppelin'))).toEqual([])
		await vi.waitFor(() => expect(existsSync(file)).toBe(false), { timeout: 10_000 })
		expect(await app.prisma.chunk.count({ where: { documentId: id } })).toBe(0)
	})

	it('goes with its workspace, its file too', async () => {
		const { data } = await surface.ask(app, createWorkspace, { input: { name: `Brief ${surface.name}` } }, admin)
		const document = await takeIn(app, data.workspace.slug, textFile('brief.txt', 'A brief text.'), admin)
		const file = await fileOf(document.id)
		await rest(app, 'DELETE', `/workspaces/${data.workspace.slug}`, undefined, admin)
		expect((await surface.ask(app, getDocument, ask.of(document.id, data.workspace.slug), admin)).code).toBe('NOT_FOUND')
		await vi.waitFor(() => expect(existsSync(file)).toBe(false), { timeout: 10_000 })
	})
})

describe('a document in GraphQL', () => {
	it('is found by its id alone, by those who may know of it', async () => {
		const { id } = await takeIn(app, slug, textFile('by-id.txt', 'Found by its id'), admin)
		const query = 'query ($id: ID!) { document(id: $id) { originalName workspace { slug } } }'
		expect((await graphql(app, query, { id }, admin)).data).toEqual({ originalName: 'by-id.txt', workspace: { slug } })
		expect((await graphql(app, query, { id: String(id) }, admin)).code).toBeUndefined()
		expect((await graphql(app, query, { id }, await app.tokenOf('stranger'))).code).toBe('NOT_FOUND')
	})
})

describe('many documents at once', () => {
	it('are all processed, none left lying', async () => {
		const ids = await Promise.all(
			Array.from({ length: 12 }, async (_, index) => {
				const body = new FormData()
				body.set('file', textFile(`many-${index}.txt`, `许多文档之${index}`))
				const { data } = await rest(app, 'POST', `/workspaces/elsewhere/documents`, body, admin)
				return data.document.id as number
			}),
		)
		const limit = AbortSignal.timeout(20_000) // less than the job queue sleeps when nothing wakes it
		await Promise.race([
			Promise.all(ids.map((id) => ended(app, 'elsewhere', id))),
			new Promise((_, reject) => limit.addEventListener('abort', reject)),
		])
		expect(await app.prisma.document.count({ where: { id: { in: ids }, status: 'processed' } })).toBe(12)
	})
})
