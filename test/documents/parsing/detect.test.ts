import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { detectType } from '../../../src/documents/parsing/detect.ts'
import { docx, paragraph, pdfPages, show, useFolder, zip } from './make-files.ts'
import { compound, doc, encryptedOffice, epub, msg, odf, pptx, shape, workbook } from './make-office.ts'

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
	['RTF', 'a.txt', '{\\rtf1\\ansi hello}', 'rtf'],
	['PostScript', 'a.txt', '%!PS-Adobe-3.0', null],
	['PowerPoint', 'a.zip', pptx([{ shapes: shape(['Hello']) }]), 'pptx'],
	['Excel', 'a.docx', workbook({ S: [['a']] }), 'xlsx'],
	['Excel before 2007', 'a.bin', workbook({ S: [['a']] }, 'biff8'), 'xls'],
	['Word before 2007', 'a.bin', doc('Hello'), 'doc'],
	['a mail of Outlook', 'a.bin', msg({ '0037': 'Hello' }), 'msg'],
	['another compound file', 'a.doc', compound({ Thumbs: Buffer.alloc(10) }), null],
	['OpenDocument text', 'a.zip', odf('text', '<text:p>Hello</text:p>'), 'odt'],
	['an OpenDocument spreadsheet', 'a', odf('spreadsheet', ''), 'ods'],
	['an OpenDocument presentation', 'a', odf('presentation', ''), 'odp'],
	['a book', 'a.zip', epub('T', ['<p>x</p>']), 'epub'],
	['a table', 'a.csv', 'a,b\n1,2', 'csv'],
	['a table with tabs', 'a.TSV', 'a\tb\n1\t2', 'csv'],
	['a table, whatever its name', 'a.txt', 'Name,Age,City\r\n"Li, Ann",3,Cork\r\nWang,4,"Two\nlines"\r\n', 'csv'],
	['a table with tabs, whatever its name', 'export', '姓名\t年龄\n王\t3\n李\t4\n张\t5\n赵\t6\n', 'csv'],
	['a table with semicolons', 'a.dat', 'Stadt;Größe;Land\nCork;2;IE\nBonn;3;DE', 'csv'],
	['a table of megabytes', 'a.txt', `Name,Age,City\n${'Wang,3,Cork\n'.repeat(20_000)}`, 'csv'],
	['prose with a comma in each line', 'a.txt', 'Roses are red, my love\nViolets blue, my dear\n'.repeat(5), 'text'],
	['Chinese prose with a comma in each line', 'a.txt', '床前明月光,疑是地上霜。\n举头望明月,低头思故乡。\n'.repeat(5), 'text'],
	['a list of names', 'a.txt', 'Ann, Bob, Cem\nDan, Eve, Fay\nGil, Hal, Ivy\n', 'text'],
	['a log', 'a.log', '2026-11-23 10:00:00,123 INFO started\n2026-11-23 10:00:01,456 INFO ready\n'.repeat(5), 'text'],
	['lines that tabs indent', 'a.txt', 'one\ttwo\nthree\n\tfour\nfive\n', 'text'],
	['a table of Markdown in a text', 'a.txt', '| Name | Age |\n|---|---|\n| Li | 3 |\n| Wu | 4 |\n| Xi | 5 |\n', 'text'],
	['rows of different lengths', 'a.txt', 'Name,Age,City\nLi,3,Cork\nWang,4\n', 'text'],
	['settings', 'a.txt', 'host=a;port=1\nhost=b;port=2\nhost=c;port=3\nhost=d;port=4\nhost=e;port=5\n', 'text'],
	['JSON', 'a.txt', ' {"a": [1, 2]}', 'json'],
	['a list in JSON', 'a', '[{"a": 1}]', 'json'],
	['JSON of megabytes', 'a.txt', JSON.stringify({ a: 'x'.repeat(200_000) }), 'json'],
	['text in brackets', 'a.txt', '[1] A note {"on": this}', 'text'],
	['JSON lines', 'a.log', '{"a": 1}\n{"a": 2}\n', 'jsonl'],
	['a notebook', 'a.json', '{"cells": [], "metadata": {}, "nbformat": 4}', 'ipynb'],
	['XML', 'a.txt', '<?xml version="1.0"?><a>b</a>', 'xml'],
	['a feed without a declaration', 'a.rss', '<rss><channel/></rss>', 'xml'],
	['XHTML', 'a.xml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', 'html'],
	['a mail', 'a.txt', 'Received: by x\r\nFrom: a@b.c\r\nTo: d@e.f\r\nSubject: s\r\n\r\nHello', 'eml'],
	['a memo', 'a.txt', 'From: the desk of Ann\nIt was a good week.\n\nTo: Bob', 'text'],
	['a saved page', 'a.txt', 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x--', 'mhtml'],
	['subtitles', 'a.txt', '1\n00:00:01,000 --> 00:00:02,000\nHello', 'subtitles'],
	['WebVTT', 'a.txt', 'WEBVTT - a talk\n\n00:01.000 --> 00:02.000\nHello', 'subtitles'],
	['source code', 'main.rs', 'fn main() {}', 'code'],
	['a script', 'run', '#!/usr/bin/env python3\nprint(1)', 'code'],
	['a makefile', 'Makefile', 'all:\n\tcc a.c', 'code'],
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

it.each([
	['a.docx', 'docx'],
	['a.xlsx', 'xlsx'],
	['a.pptx', 'pptx'],
	['a', 'docx'],
])('an encrypted Office file (%s) is one, to be refused with the right words', async (name, format) => {
	expect((await detectType(await folder.file('file', encryptedOffice()), name))?.format).toBe(format)
})

it('a damaged compound file is what its directory still says, at most', async () => {
	const circle = doc('Hello').fill(0, 512, 1024)
	expect((await detectType(await folder.file('file', circle), 'a.doc'))?.format).toBe('doc')
	expect(await detectType(await folder.file('file', doc('Hello').subarray(0, 100)), 'a.doc')).toBe(null)
})

it('a package whose directory is too long is refused with words, and read no further', async () => {
	const parts = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`word/${at}${'a'.repeat(60_000)}`, '']))
	const path = await folder.file('long', zip({ '[Content_Types].xml': '', 'word/document.xml': '', ...parts }))
	await expect(detectType(path, 'a.docx')).rejects.toMatchObject({ problem: 'parseDirectory' })
	const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`word/${at}`, '']))
	await expect(detectType(await folder.file('many', zip(many)), 'a.docx')).rejects.toMatchObject({ problem: 'parseDirectory' })
})
