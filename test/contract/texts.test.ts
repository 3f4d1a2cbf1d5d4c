import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, textFile } from '../support/documents.ts'
import { addText, getDocumentText, search, uploadDocument } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const MAX_BYTES = 100_000
const slug = 'default-workspace'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ environment: { UPLOAD_MAX_BYTES: String(MAX_BYTES) } })
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

describe.each(surfaces)('adding a text over $name', (surface) => {
	const add = (input: Record<string, unknown>) => surface.ask(app, addText, { slug, input }, admin)

	it('makes a document of it, which is found and cited like one of a file', async () => {
		const text = `The lighthouse of ${surface.name} was painted vermilion.`
		const { data, code } = await add({ title: 'Notes on the coast', text, metadata: { author: '李雷' } })
		expect(code).toBeUndefined()
		expect(data.document).toMatchObject({
			filename: expect.stringMatching(/^notes-on-the-coast(-\d)?\.txt$/),
			originalName: 'Notes on the coast.txt',
			mimeType: 'text/plain',
			size: text.length,
			processed: false,
			metadata: { author: '李雷' },
		})
		const documentId = Number(data.document.id)
		await ended(app, slug, documentId)
		expect((await surface.ask(app, getDocumentText, { slug, documentId }, admin)).data.text).toBe(text)
		const found = await surface.ask(app, search, { slug, query: `vermilion lighthouse ${surface.name}` }, admin)
		expect(found.data.results[0]).toMatchObject({ document: data.document.filename, chunk: text })
	})

	it.each([
		['Report', 'Plain words.', 'Report.txt', 'text/plain'],
		['Report', '# A title\n\nWords.', 'Report.md', 'text/markdown'],
		['Report', 'See [this](https://example.com).', 'Report.md', 'text/markdown'],
		['Report.md', 'Only words.', 'Report.md', 'text/markdown'],
		['Report.TXT', '# No title', 'Report.TXT', 'text/plain'],
		['a/b\\c', 'Words.', 'a-b-c.txt', 'text/plain'],
		['Page', '<!doctype html><p>Words', 'Page.txt', 'text/plain'],
		['Fake', '%PDF-1.7 words', 'Fake.txt', 'text/plain'],
		['会议纪要', '内容', '会议纪要.txt', 'text/plain'],
	])('calls %j of %j %s', async (title, text, originalName, mimeType) => {
		const { data } = await add({ title, text: `${text} ${surface.name}` })
		expect(data.document).toMatchObject({ originalName, mimeType })
	})

	it('refuses the same text a second time, whether it came as a text or as a file, and names the document that has it', async () => {
		const text = `Twice ${surface.name}`
		const first = await add({ title: 'First', text })
		const second = await add({ title: 'Second', text })
		expect([second.code, second.error]).toEqual(['CONFLICT', expect.stringContaining(`"${first.data.document.filename}"`)])
		expect((await surface.ask(app, uploadDocument, { slug, input: { file: textFile('a.txt', text) } }, admin)).code).toBe('CONFLICT')
	})

	it.each<[string, Record<string, unknown>, string]>([
		['no title', { text: 'x' }, 'BAD_REQUEST'],
		['no text', { title: 'x' }, 'BAD_REQUEST'],
		['an empty title', { title: ' ', text: 'x' }, 'UNPROCESSABLE'],
		['an empty text', { title: 'x', text: '' }, 'UNPROCESSABLE'],
		['blanks', { title: 'x', text: ' \n\t' }, 'UNPROCESSABLE'],
		['NUL', { title: 'x', text: 'a\u0000b' }, 'UNPROCESSABLE'],
		['half of a character', { title: 'x', text: 'a\ud800' }, 'UNPROCESSABLE'],
		['a title of two lines', { title: 'a\nb', text: 'x' }, 'UNPROCESSABLE'],
		['a title too long', { title: 'x'.repeat(251), text: 'x' }, 'UNPROCESSABLE'],
		['metadata that is no object', { title: 'x', text: 'x', metadata: [1] }, 'UNPROCESSABLE'],
		['one byte too many', { title: 'x', text: 'é'.repeat(MAX_BYTES / 2 + 1) }, 'PAYLOAD_TOO_LARGE'],
	])('refuses %s, and keeps nothing', async (_what, input, code) => {
		const count = await app.prisma.document.count()
		expect((await add(input)).code).toBe(code)
		expect(await app.prisma.document.count()).toBe(count)
	})
})

it('answers over REST with 201 and the place of the document', async () => {
	const { status, headers, data } = await rest(
		app,
		'POST',
		`/workspaces/${slug}/documents/text`,
		{ title: 'Here', text: 'A place.' },
		admin,
	)
	expect([status, headers.get('location')]).toEqual([201, `/api/workspaces/${slug}/documents/${data.document.id}`])
})
