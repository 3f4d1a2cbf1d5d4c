import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import { createWorkspace, getDocument, listDocuments, uploadDocument } from '../support/operations.ts'
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

/** How many files lie in the data directory, kept or in the making. */
async function filesOnDisk(): Promise<number> {
	const folders = await Promise.all(
		['files', 'tmp'].map((name) => readdir(path.join(app.directory, name), { recursive: true, withFileTypes: true })),
	)
	return folders.flat().filter((entry) => entry.isFile()).length
}

function form(...parts: [name: string, value: string | File][]): FormData {
	const body = new FormData()
	for (const [name, value] of parts) body.append(name, value)
	return body
}

describe.each(surfaces)('uploading over $name', (surface) => {
	const upload = (file: unknown, metadata?: unknown) =>
		surface.ask(app, uploadDocument, { slug, input: { ...(metadata !== undefined && { metadata }), file } }, admin)

	it('answers at once with the document, which is processed in the background', async () => {
		const { data, code } = await upload(textFile('Annual Report.TXT', `The report of ${surface.name}.`))
		expect(code).toBeUndefined()
		expect(data.document).toMatchObject({
			filename: surface.name === 'REST' ? 'annual-report.txt' : 'annual-report-2.txt',
			originalName: 'Annual Report.TXT',
			mimeType: 'text/plain',
			size: `The report of ${surface.name}.`.length,
			processed: false,
			status: expect.stringMatching(/^uploaded$/i),
			error: null,
			chunks: 0,
			metadata: {},
		})
		expect(Number(data.document.workspaceId)).toBe(1)
		await ended(app, slug, Number(data.document.id))
		const { data: after } = await surface.ask(app, getDocument, { slug, documentId: Number(data.document.id) }, admin)
		expect(after.document).toMatchObject({ processed: true, status: expect.stringMatching(/^processed$/i), error: null, chunks: 1 })
	})

	it('tells the type by the content: the name decides only between kinds of text', async () => {
		const mimeTypeOf = async (name: string, text: string) =>
			(await upload(textFile(name, `${text} ${surface.name}`))).data.document.mimeType
		expect(await mimeTypeOf('notes.md', '# A title')).toBe('text/markdown')
		expect(await mimeTypeOf('page.txt', '<!doctype html><title>A page</title><p>Text')).toBe('text/html')
		expect(await mimeTypeOf('text.pdf', 'just words')).toBe('text/plain')
	})

	it('refuses the same bytes a second time under any name, and names the document that has them', async () => {
		const text = `Twice over ${surface.name}`
		const first = await upload(textFile('first.txt', text))
		const count = await app.prisma.document.count()
		const second = await upload(textFile('second.txt', text))
		expect(second.code).toBe('CONFLICT')
		expect(second.error).toContain(`"${first.data.document.filename}"`)
		expect(second.error).toContain(String(first.data.document.id))
		expect(await app.prisma.document.count()).toBe(count)
	})

	it('takes the same bytes in another workspace', async () => {
		const text = `In two workspaces over ${surface.name}`
		const { data } = await surface.ask(app, createWorkspace, { input: { name: `Other ${surface.name}` } }, admin)
		await upload(textFile('same.txt', text))
		const other = await surface.ask(app, uploadDocument, { slug: data.workspace.slug, input: { file: textFile('same.txt', text) } }, admin)
		expect(other.data.document.filename).toBe('same.txt')
	})

	it('puts a copy in the place of one that failed', async () => {
		const broken = () => new File([`%PDF-1.7\nnothing of a PDF ${surface.name}`], 'broken.pdf')
		const failed = await takeIn(app, slug, broken(), admin)
		expect(failed.status).toBe('failed')
		const { data, code } = await upload(broken())
		expect(code).toBeUndefined()
		expect(Number(data.document.id)).not.toBe(failed.id)
		expect((await surface.ask(app, getDocument, { slug, documentId: failed.id }, admin)).code).toBe('NOT_FOUND')
	})

	it.each<[string, () => unknown, string]>([
		['an empty file', () => textFile('empty.txt', ''), 'UNPROCESSABLE'],
		[
			'a program that is named like a PDF',
			() => new File([`MZ\u0090\u0000\u0003\u0000\u0000\u0000\u0004\u0000`], 'invoice.pdf'),
			'UNPROCESSABLE',
		],
		['an image', () => new File([Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ', 'base64')], 'a.txt'), 'UNPROCESSABLE'],
		[
			'a zip that is no document',
			() => new File([Buffer.from(`PK\u0005\u0006${'\u0000'.repeat(18)}`, 'latin1')], 'a.docx'),
			'UNPROCESSABLE',
		],
		['one byte too many', () => textFile('large.txt', 'a'.repeat(MAX_BYTES + 1)), 'PAYLOAD_TOO_LARGE'],
		['text in the place of a file', () => 'not a file', 'BAD_REQUEST'],
	])('refuses %s, and keeps nothing of it', async (_what, make, code) => {
		const [rows, files] = [await app.prisma.document.count(), await filesOnDisk()]
		expect((await upload(make())).code).toBe(code)
		expect([await app.prisma.document.count(), await filesOnDisk()]).toEqual([rows, files])
	})

	it('says what is supported', async () => {
		const { error } = await upload(new File([Buffer.from([0, 1, 2, 3, 0, 255, 254, 0])], 'a.bin'))
		expect(error).toBe(
			'不支持此文件内容的类型，支持：txt, md, html, pdf, docx, pptx, xlsx, xls, doc, odt, ods, odp, rtf, epub, csv, tsv, json, jsonl, xml, eml, msg, mhtml, ipynb, srt, vtt, source code。',
		)
	})

	it('takes a file of exactly the limit', async () => {
		expect((await upload(textFile('limit.txt', surface.name.padEnd(MAX_BYTES, ' words')))).code).toBeUndefined()
	})

	it('keeps metadata and gives it back', async () => {
		const metadata = { author: '李雷', tags: ['一', 'two'], nested: { deep: [1, 2.5, true, null] } }
		const { data } = await upload(textFile('a.txt', `With metadata ${surface.name}`), metadata)
		expect(data.document.metadata).toEqual(metadata)
		const listed = await surface.ask(app, listDocuments, { slug, limit: 100 }, admin)
		expect(listed.data.documents.find(({ id }: { id: unknown }) => id === data.document.id).metadata).toEqual(metadata)
	})

	it.each<[string, unknown]>([
		['no JSON', '{author: 1}'],
		['a list', ['a']],
		['a text', '"a"'],
		['a number', 7],
		['NUL', { a: '\u0000' }],
		['half of a character', { a: '\ud800' }],
		['half of a character in a name', { '\udc00': 1 }],
		['too much', { a: 'x'.repeat(20_000) }],
		['far too much', `{"a":"${'x'.repeat(500_000)}"}`],
	])('refuses metadata that is %s', async (what, metadata) => {
		const count = await app.prisma.document.count()
		expect((await upload(textFile('a.txt', `Metadata ${what} ${surface.name}`), metadata)).code).toBe('UNPROCESSABLE')
		expect(await app.prisma.document.count()).toBe(count)
	})
})

describe('an upload over REST', () => {
	const upload = (body: unknown, headers?: Record<string, string>) =>
		rest(app, 'POST', `/workspaces/${slug}/documents`, body, admin, headers)

	it('has the form of the reference', async () => {
		const { status, headers, data } = await upload(form(['file', textFile('我的文档.txt', '文档内容')]))
		expect(status).toBe(201)
		expect(headers.get('location')).toBe(`/api/workspaces/${slug}/documents/${data.document.id}`)
		expect(data.document).toMatchObject({
			id: expect.any(Number),
			filename: 'wo-de-wen-dang.txt',
			originalName: '我的文档.txt',
			mimeType: 'text/plain',
			size: 12,
			workspaceId: 1,
			processed: false,
			createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
		})
	})

	it.each(['before', 'after'])('refuses metadata that is nested without an end %s the file', async (place) => {
		const metadata: [string, string] = ['metadata', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`]
		const file: [string, File] = ['file', textFile('a.txt', `Deep ${place}`)]
		expect((await upload(place === 'before' ? form(metadata, file) : form(file, metadata))).status).toBe(400)
	})

	it('takes metadata before the file and after it', async () => {
		const before = await upload(form(['metadata', '{"place":"before"}'], ['file', textFile('a.txt', 'Metadata first')]))
		expect(before.data.document.metadata).toEqual({ place: 'before' })
		const after = await upload(form(['file', textFile('a.txt', 'Metadata last')], ['metadata', '{"place":"after"}']))
		expect(after.data.document.metadata).toEqual({ place: 'after' })
	})

	it.each(['{"a":', '[1]', '7', '{"a":"\\ud800"}'])('refuses bad metadata after the file too: %s', async (metadata) => {
		const files = await filesOnDisk()
		expect((await upload(form(['file', textFile('a.txt', `After: ${metadata}`)], ['metadata', metadata]))).status).toBe(422)
		expect(await filesOnDisk()).toBe(files)
	})

	it.each<[string, () => unknown, number]>([
		['no file', () => form(['metadata', '{}']), 400],
		['an empty form', () => form(), 400],
		['no body', () => undefined, 400],
		['a file of another name', () => form(['document', textFile('a.txt', 'x')]), 400],
		['a part that is none', () => form(['title', 'x'], ['file', textFile('a.txt', 'x')]), 400],
		['JSON', () => ({ file: 'a' }), 415],
	])('refuses %s', async (_what, body, status) => {
		const [rows, files] = [await app.prisma.document.count(), await filesOnDisk()]
		expect((await upload(body())).status).toBe(status)
		expect([await app.prisma.document.count(), await filesOnDisk()]).toEqual([rows, files])
	})

	it('refuses a form without a boundary, and one that is cut off', async () => {
		expect((await upload('x', { 'content-type': 'multipart/form-data' })).status).toBe(400)
		const cut = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf a file'
		expect((await upload(cut, { 'content-type': 'multipart/form-data; boundary=b' })).status).toBe(400)
	})

	it('refuses what is far too large before it has come, and the client gets to hear it', async () => {
		const response = await fetch(`${await app.url()}/api/workspaces/${slug}/documents`, {
			method: 'POST',
			headers: { authorization: `Bearer ${admin}` },
			body: form(['file', textFile('huge.txt', 'a'.repeat(4_000_000))]),
		})
		expect(response.status).toBe(413)
		expect(await response.json()).toEqual({ success: false, data: null, error: `文件过大，最多 ${MAX_BYTES} 字节。`, message: '操作失败' })
	})
})
