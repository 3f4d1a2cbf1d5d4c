import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { docx, paragraph, pdfPages, show } from '../documents/parsing/make-files.ts'
import { doc, encryptedOffice, epub, msg, odf, pptx, shape, workbook } from '../documents/parsing/make-office.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn } from '../support/documents.ts'
import { getDocument, getDocumentText, search } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const root = path.resolve(import.meta.dirname, '../..')

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

const file = (name: string, ...parts: (string | Buffer)[]) =>
	new File(
		parts.map((part) => (typeof part === 'string' ? part : new Uint8Array(part))),
		name,
	)
const stored = async (name: string) => file(path.basename(name), await readFile(path.join(root, name)))
/** 「仓库的钥匙挂在厨房门后。」, as GB18030. */
const GB18030 = Buffer.from('b2d6bfe2b5c4d4bfb3d7b9d2d4dab3f8b7bfc3c5baf3a1a3', 'hex')

describe('a file', () => {
	it.each<[string, () => File | Promise<File>, string, string]>([
		['plain text', () => file('a.txt', 'The ferry to Lismore leaves at noon.'), 'text/plain', 'The ferry to Lismore leaves at noon.'],
		['plain text as GB18030', () => file('gb.txt', GB18030), 'text/plain', '仓库的钥匙挂在厨房门后。'],
		['Markdown', () => file('a.md', '# Tides\n\nThe harbour freezes in **February**.'), 'text/markdown', 'The harbour freezes'],
		[
			'HTML',
			() => file('a.html', '<!doctype html><title>t</title><script>var x</script><h1>灯塔</h1><p>灯塔每晚八点亮灯。</p>'),
			'text/html',
			'灯塔每晚八点亮灯。',
		],
		[
			'PDF',
			() => file('a.pdf', pdfPages([show([50, 700, 12, 'Page one.']), show([50, 700, 12, 'Otters hold hands.'])])),
			'application/pdf',
			'Otters hold hands.',
		],
		['PDF of the demonstration', () => stored('demo/documents/aurora-kettle-handbook.pdf'), 'application/pdf', 'Aurora'],
		['PDF whose owner forbids copying', () => stored('test/fixtures/owner-password.pdf'), 'application/pdf', 'seventeen gulls'],
		[
			'Word',
			() => file('a.docx', docx(paragraph('烟火晚会在星期六举行。') + paragraph('Bring a blanket and a torch.'))),
			'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
			'Bring a blanket and a torch.',
		],
		[
			'PowerPoint',
			() => file('a.pptx', pptx([{ shapes: shape(['Harvest begins in October.']), notes: 'Thank the pickers.' }])),
			'application/vnd.openxmlformats-officedocument.presentationml.presentation',
			'Harvest begins in October.',
		],
		[
			'Excel',
			() =>
				file(
					'a.xlsx',
					workbook({
						船: [
							['Vessel', 'Berth'],
							['Marigold', 'seven'],
						],
					}),
				),
			'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
			'Vessel: Marigold | Berth: seven',
		],
		[
			'Excel before 2007',
			() =>
				file(
					'a.xls',
					workbook(
						{
							S: [
								['Apiary', 'Hives'],
								['Upland', 'forty'],
							],
						},
						'biff8',
					),
				),
			'application/vnd.ms-excel',
			'Apiary: Upland | Hives: forty',
		],
		[
			'Word before 2007',
			() => file('a.doc', doc('邮局星期天不开门。\rThe post office is shut on Sundays.\r')),
			'application/msword',
			'The post office is shut on Sundays.',
		],
		[
			'OpenDocument text',
			() => file('a.odt', odf('text', '<text:p>Falcons nest on the tower.</text:p>')),
			'application/vnd.oasis.opendocument.text',
			'Falcons nest on the tower.',
		],
		['RTF', () => file('a.rtf', '{\\rtf1\\ansi The glacier retreats yearly.\\par}'), 'application/rtf', 'The glacier retreats yearly.'],
		['a book', () => file('a.epub', epub('Bees', ['<p>Drones do not sting.</p>'])), 'application/epub+zip', 'Drones do not sting.'],
		['CSV', () => file('a.csv', 'Tram,Terminus\n17,Quayside\n21,Brewery'), 'text/csv', 'Tram: 17 | Terminus: Quayside'],
		['JSON', () => file('a.json', '{"orchard": {"variety": "Bramley"}}'), 'application/json', 'variety: Bramley'],
		[
			'XML',
			() => file('a.xml', '<?xml version="1.0"?><m><note>Cellars flood in spring.</note></m>'),
			'application/xml',
			'Cellars flood in spring.',
		],
		[
			'a mail',
			() => file('a.eml', 'From: a@b.c\r\nTo: d@e.f\r\nSubject: Moorings\r\n\r\nMoorings cost twelve pounds.'),
			'message/rfc822',
			'Moorings cost twelve pounds.',
		],
		[
			'a mail of Outlook',
			() => file('a.msg', msg({ '0037': 'Looms', '1000': 'Looms need oil weekly.' })),
			'application/vnd.ms-outlook',
			'Looms need oil weekly.',
		],
		[
			'a notebook',
			() => file('a.ipynb', '{"cells": [{"cell_type": "markdown", "source": ["Plankton drifts."]}], "nbformat": 4}'),
			'application/x-ipynb+json',
			'Plankton drifts.',
		],
		[
			'subtitles',
			() => file('a.srt', '1\n00:00:01,000 --> 00:00:02,000\nComets have tails.\n'),
			'application/x-subrip',
			'Comets have tails.',
		],
		['source code', () => file('a.py', 'class Turbine:\n    def spin(self):\n        pass\n'), 'text/x-python', 'class Turbine'],
	])('of %s is processed, its words are in its text, and a search finds them', async (_what, make, mimeType, words) => {
		const document = await takeIn(app, slug, await make(), admin)
		expect(document).toMatchObject({ status: 'processed', processed: true, error: null, mimeType })
		expect(document.chunks).toBeGreaterThan(0)
		expect(document.progress).toEqual({ stage: 'processed', done: document.chunks, total: document.chunks, secondsLeft: 0 })
		for (const surface of surfaces) {
			const { data: text } = await surface.ask(app, getDocumentText, { slug, documentId: document.id }, admin)
			expect(text.text).toContain(words)
			const { data } = await surface.ask(app, search, { slug, query: words, limit: 5 }, admin)
			const found = data.results.find((result: { documentId: unknown }) => Number(result.documentId) === document.id)
			expect(found.document).toBe(document.filename)
			expect(found.chunk).toContain(words)
			expect(text.text.slice(found.start, found.end)).toBe(found.chunk)
		}
	})

	it('with pages tells which words are on which', async () => {
		const pages = ['Alpha stands alone.', 'Beta comes second.', 'Gamma is the third.']
		const { id } = await takeIn(app, slug, file('pages.pdf', pdfPages(pages.map((words) => show([50, 700, 12, words])))), admin)
		for (const surface of surfaces) {
			const { data } = await surface.ask(app, getDocumentText, { slug, documentId: id }, admin)
			expect(data.pages.map(({ page }: { page: number }) => page)).toEqual([1, 2, 3])
			for (const [index, { start, end }] of data.pages.entries()) expect(data.text.slice(start, end).trim()).toBe(pages[index])
		}
	})
})

describe('a file that cannot be read', () => {
	const broken = 'The file is damaged or not a valid PDF file.'
	it.each<[string, () => File | Promise<File>, string, string]>([
		['a broken PDF', () => file('broken.pdf', '%PDF-1.7\n1 0 obj\n<<garbage'), broken, '文件已损坏，或不是有效的 PDF 文件。'],
		[
			'a PDF with a password',
			() => stored('test/fixtures/user-password.pdf'),
			'The file needs a password to open; remove the password and upload it again.',
			'打开此文件需要密码，请去除密码后重新上传。',
		],
		[
			'a PDF without text',
			() => file('scan.pdf', pdfPages(['0 0 100 100 re f'])),
			'The file contains no text (a scan, perhaps); only files with text can be searched.',
			'文件中没有文本（可能是扫描件），只有包含文本的文件才能被检索。',
		],
		[
			'an encrypted Office file',
			() => file('secret.xlsx', encryptedOffice()),
			'The file needs a password to open; remove the password and upload it again.',
			'打开此文件需要密码，请去除密码后重新上传。',
		],
		[
			'white space',
			() => file('blank.txt', ' \n\t\n '),
			'The file contains no text (a scan, perhaps); only files with text can be searched.',
			'文件中没有文本（可能是扫描件），只有包含文本的文件才能被检索。',
		],
		[
			'a Word file that is none inside',
			() => file('broken.docx', docx('<w:p><w:r><w:t>unclosed')),
			'The file is damaged or not a valid DOCX file.',
			'文件已损坏，或不是有效的 DOCX 文件。',
		],
	])('such as %s ends failed, and says why in the language of the caller', async (_what, make, english, chinese) => {
		const document = await takeIn(app, slug, await make(), admin)
		expect(document).toMatchObject({ status: 'failed', processed: false, chunks: 0 })
		for (const surface of surfaces) {
			const asked = async (language: string) =>
				(await surface.ask(app, getDocument, { slug, documentId: document.id }, admin, { 'accept-language': language })).data.document.error
			expect(await asked('zh-CN')).toEqual({ code: 'UNPROCESSABLE', reason: chinese })
			expect(await asked('en')).toEqual({ code: 'UNPROCESSABLE', reason: english })
		}
		const listed = await rest(app, 'GET', `/workspaces/${slug}/documents?limit=1`, undefined, admin)
		expect(listed.data.documents[0]).toMatchObject({ id: document.id, status: 'failed', error: { code: 'UNPROCESSABLE', reason: chinese } })
	})
})
