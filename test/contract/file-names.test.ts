import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { textFile } from '../support/documents.ts'
import { uploadDocument } from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

describe.each(surfaces)('a file name over $name', (surface) => {
	const named = async (name: string) => {
		const { data, code } = await surface.ask(
			app,
			uploadDocument,
			{ slug, input: { file: textFile(name, `${name} ${crypto.randomUUID()}`) } },
			admin,
		)
		expect(code).toBeUndefined()
		const { originalName, filename } = data.document as { originalName: string; filename: string }
		expect(filename).toMatch(/^[a-z0-9][a-z0-9._-]{0,107}$/)
		return { originalName, filename: filename.replace(/-\d+(?=\.|$)/, '') }
	}

	it.each([
		['report.txt', 'report.txt', 'report.txt'],
		['我的文档.txt', '我的文档.txt', 'wo-de-wen-dang.txt'],
		['../../etc/passwd.txt', 'passwd.txt', 'passwd.txt'],
		['..\\..\\Windows\\System32\\drivers.txt', 'drivers.txt', 'drivers.txt'],
		['/etc/shadow.txt', 'shadow.txt', 'shadow.txt'],
		['📄🚀.txt', '📄🚀.txt', 'file.txt'],
		['....', 'file', 'file'],
		['..', 'file', 'file'],
		['.hidden.txt', '.hidden.txt', 'hidden.txt'],
		['invoice\u202Efdp.txt', 'invoicefdp.txt', 'invoicefdp.txt'],
		['re\u0301sume\u0301.txt', 'résumé.txt', 'resume.txt'],
		['a\u200Bb.txt', 'ab.txt', 'ab.txt'],
		['<img src=x>.txt', '<img src=x>.txt', 'img-src-x.txt'],
		['%2e%2e%2fetc.txt', '%2e%2e%2fetc.txt', '2e-2e-2fetc.txt'],
		['  spaces  .txt', 'spaces  .txt', 'spaces.txt'],
		['CON.txt', 'CON.txt', 'con.txt'],
		['no extension', 'no extension', 'no-extension'],
	])('%j is kept as %j, and safe as %j', async (sent, originalName, filename) => {
		expect(await named(sent)).toEqual({ originalName, filename })
	})

	it('of 300 characters is shortened, its extension kept', async () => {
		const { originalName, filename } = await named(`${'长'.repeat(300)}.txt`)
		expect(originalName).toBe(`${'长'.repeat(251)}.txt`)
		expect(filename).toMatch(/^(zhang-|chang-)+.*\.txt$/)
		expect(filename.length).toBeLessThanOrEqual(100)
	})

	it('with a control character cannot be a header of a form', async () => {
		for (const name of ['a\u0000b.txt', 'a\u0007b.txt']) {
			const { code } = await surface.ask(app, uploadDocument, { slug, input: { file: textFile(name, `${name} ${surface.name}`) } }, admin)
			expect(code).toBe('BAD_REQUEST')
		}
	})

	it('that is taken gets a number', async () => {
		const file = (text: string) => textFile(`taken-${surface.name}.md`, text)
		const names = []
		for (const text of ['one', 'two', 'three']) {
			const { data } = await surface.ask(app, uploadDocument, { slug, input: { file: file(`${text} ${surface.name}`) } }, admin)
			names.push(data.document.filename)
			expect(data.document.originalName).toBe(`taken-${surface.name}.md`)
		}
		const stem = `taken-${surface.name.toLowerCase()}`
		expect(names).toEqual([`${stem}.md`, `${stem}-2.md`, `${stem}-3.md`])
	})
})

describe('uploads at once', () => {
	it('of one name all get names of their own', async () => {
		const upload = (text: string) => {
			const body = new FormData()
			body.set('file', textFile('crowd.txt', text))
			return rest(app, 'POST', `/workspaces/${slug}/documents`, body, admin)
		}
		const replies = await Promise.all(Array.from({ length: 8 }, (_, index) => upload(`Member ${index} of the crowd`)))
		expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
		expect(new Set(replies.map(({ data }) => data.document.filename)).size).toBe(8)
	})

	it('of the same bytes become one document', async () => {
		const input = () => ({ file: textFile('twin.txt', 'We are one') })
		const { query } = uploadDocument.graphql
		const replies = await Promise.all(Array.from({ length: 4 }, () => graphql(app, query, { slug, input: input() }, admin)))
		expect(replies.map(({ code }) => code).sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', undefined])
		expect(await app.prisma.document.count({ where: { originalName: 'twin.txt' } })).toBe(1)
	})
})
