import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { detectType } from '../../../src/documents/parsing/detect.ts'
import { docx, paragraph, pdfPages, show, useFolder, zip } from './make-files.ts'

const folder = useFolder()

const cases: [what: string, name: string, content: string | Uint8Array, format: string | null][] = [
	['a PDF', 'a.bin', pdfPages([show([72, 700, 12, 'Hello'])]), 'pdf'],
	['a PDF behind a mail header', 'a.pdf', Buffer.concat([Buffer.from('X-Header: 1\r\n'), pdfPages([''])]), 'pdf'],
	['a text about PDFs', 'a.txt', 'Files begin with %PDF-1.7 and end with %%EOF.', 'text'],
	['a Word file', 'a.zip', docx(paragraph('Hello')), 'docx'],
	['another zip', 'a.docx', zip({ 'word/readme.txt': 'no' }), null],
	['half a zip', 'a.docx', docx(paragraph('Hello')).subarray(0, 300), null],
	['a program', 'a.pdf', Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1'), randomBytes(500)]), null],
	['a picture', 'a.txt', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), randomBytes(500)]), null],
	['noise', 'a.md', Buffer.concat([Buffer.of(0, 1, 2, 3), randomBytes(5000)]), null],
	['RTF', 'a.txt', '{\\rtf1\\ansi hello}', null],
	['a page', 'a.txt', '<!-- saved -->\n<!DOCTYPE html>\n<html><body>x</body></html>', 'html'],
	['a part of a page, named so', 'a.htm', '<p>Hello</p>', 'html'],
	['the same, not named so', 'a.txt', '<p>Hello</p>', 'text'],
	['Markdown, by name', '说明.MD', '# 标题\n\n正文', 'markdown'],
	['text', 'a', 'BM25 ranks documents.', 'text'],
	['Chinese text in GBK', 'a.txt', Buffer.from('bbe1d2e9bccdd2aaa3bab1bed6dcb5c4b9a4d7f7', 'hex'), 'text'],
	['a long text, its head cut inside a character', 'a.txt', `a${'中'.repeat(40_000)}`, 'text'],
	['nothing', 'a.txt', '', 'text'],
]

it.each(cases)('%s (%s)', async (_what, name, content, format) => {
	const type = await detectType(await folder.file('file', content), name)
	expect(type?.format ?? null).toBe(format)
})

it('an encrypted Word file is one, to be refused with the right words', async () => {
	const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from('EncryptedPackage', 'utf16le')])
	expect((await detectType(await folder.file('file', compound), 'a.docx'))?.format).toBe('docx')
	expect(await detectType(await folder.file('file', compound), 'a.xls')).toBe(null)
})
