import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { decoded } from '../../../src/documents/encoded-text.ts'
import { clean } from '../../../src/documents/parsing/clean.ts'
import { detectType } from '../../../src/documents/parsing/detect.ts'
import { createParser } from '../../../src/documents/parsing/parser.ts'
import type { Format } from '../../../src/documents/parsing/types.ts'
import { AppError } from '../../../src/errors.ts'
import { passwordZip, protectedEpub, repeatedPagePdf } from './make-bombs.ts'
import { paragraph, pdfPages, show, useFolder, zip } from './make-files.ts'
import { compound, epub, odf, pptx, rawSheet, shape } from './make-office.ts'
import { damage, mail, samples } from './samples.ts'

const TIMEOUT_MS = 20_000
const folder = useFolder()
const parser = createParser({ timeoutMs: TIMEOUT_MS, children: 1, maxMemoryBytes: 400 * 1024 ** 2 })
const never = new AbortController().signal
afterAll(() => parser.stop())

const parse = async (format: Format, content: string | Uint8Array) =>
	decoded(await parser.parse({ path: await folder.file('hostile', content), format }, never))

const entities = (depth: number): string =>
	`<!DOCTYPE l [<!ENTITY e0 "lol">${Array.from({ length: depth }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`).join('')}]>`
const laughs = entities(12)
const fetched = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p; <!ENTITY x SYSTEM "file:///etc/passwd">]>'
const nested = (name: string, depth: number, inside: string): string => `<${name}>`.repeat(depth) + inside + `</${name}>`.repeat(depth)
const nestedZip = (depth: number): Buffer =>
	depth === 0 ? zip({ zeros: Buffer.alloc(900_000) }) : zip({ 'inner.zip': nestedZip(depth - 1) })

/** Numbers alone would make it a running title. */
const lettersOf = (number: number): string => [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('')

/** Each with the problem that it ends with, or a word that is read all the same. */
const cases: [what: string, format: Format, content: () => string | Uint8Array, end: { problem: string } | { text: string | RegExp }][] = [
	['slides that unpack to 300 MB', 'pptx', () => pptx([{ shapes: shape(['A'.repeat(300_000_000)]) }]), { problem: 'parseBomb' }],
	[
		'a sheet of a million times the same',
		'xlsx',
		() => rawSheet('<row r="1"><c r="A1"><v>1</v></c></row>'.repeat(1_000_000)),
		{ problem: 'parseBomb' },
	],
	['a book of zeros', 'epub', () => epub('T', [`<p>${' '.repeat(30_000_000)}</p>`]), { problem: 'parseBomb' }],
	['zips in zips in a document', 'docx', () => zip({ ...entriesOfDocx('fine'), 'word/embeddings/a.zip': nestedZip(20) }), { text: 'fine' }],
	['a cell in the last corner', 'xlsx', () => rawSheet('<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'), { text: '2' }],
	[
		'a merge of the whole sheet',
		'xlsx',
		() =>
			rawSheet('<row r="1"><c r="A1"><v>7</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><sheetData>'),
		{ text: '7' },
	],
	[
		'rows repeated a million times',
		'ods',
		() =>
			odf(
				'spreadsheet',
				`<table:table table:name="S">${'<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000"><text:p xmlns:text="t">x</text:p></table:table-cell></table:table-row>'.repeat(10)}</table:table>`,
			),
		{ problem: 'parseTooMuchText' },
	],
	['a span of a billion columns', 'html', () => '<table><tr><td colspan=1000000000 rowspan=1000000000>x<td>y</table>', { text: 'x' }],
	['entities of entities in XML', 'xml', () => `<?xml version="1.0"?>${laughs}<l>&e12; end</l>`, { text: 'end' }],
	['entities of entities in a drawing', 'xml', () => `<?xml version="1.0"?>${laughs}<svg><text>&e12; end</text></svg>`, { text: 'end' }],
	[
		'entities of entities in Word',
		'docx',
		() => docxOf(`${laughs}<w:document xmlns:w="w"><w:body>${paragraph('&e12; end')}</w:body></w:document>`),
		{ text: /end|^$/ },
	],
	['entities of entities in slides', 'pptx', () => pptx([{ prolog: laughs, shapes: shape(['&e12; end']) }]), { text: 'end' }],
	['files and pages of others in XML', 'xml', () => `<?xml version="1.0"?>${fetched}<l>&x; end</l>`, { text: /^&x; end$/ }],
	['20,000 elements in one another', 'xml', () => `<?xml version="1.0"?>${nested('a', 20_000, 'x')}`, { problem: 'parseBroken' }],
	[
		'20,000 elements in one another, as OpenDocument',
		'odt',
		() => odf('text', nested('text:section', 20_000, '<text:p>x</text:p>')),
		{ problem: 'parseBroken' },
	],
	[
		'20,000 groups in one another, as slides',
		'pptx',
		() => pptx([{ shapes: nested('p:grpSp', 20_000, shape(['x'])) }]),
		{ problem: 'parseBroken' },
	],
	['200,000 elements in one another, in a book', 'epub', () => epub('T', ['<div>'.repeat(200_000)]), { problem: 'parseBomb' }],
	['20,000 groups in one another, as RTF', 'rtf', () => `{\\rtf1 ${'{'.repeat(20_000)}x${'}'.repeat(20_000)}}`, { text: /x|^$/ }],
	['a list of 100,000 levels', 'json', () => '['.repeat(100_000) + ']'.repeat(100_000), { problem: 'parseNoText' }],
	['a notebook that is none', 'ipynb', () => '{"cells": 7, "nbformat": 4}', { problem: 'parseBroken' }],
	['500,000 attributes', 'html', () => `<p ${'a '.repeat(500_000)}>x</p>`, { text: 'x' }],
	['400,000 tags that never end', 'html', () => '<a '.repeat(400_000), { problem: 'parseBroken' }],
	['one line of 30 MB', 'text', () => 'word '.repeat(6_000_000), { problem: 'parseTooMuchText' }],
	['one value of 10 MB', 'csv', () => `"${'x'.repeat(10_000_000)}`, { text: 'x' }],
	['a quote that never ends, a million times', 'csv', () => '"a,\n'.repeat(200_000), { text: 'a' }],
	['headings without end', 'markdown', () => '# a\n'.repeat(500_000), { text: 'a' }],
	['brackets without end', 'markdown', () => `${'['.repeat(500_000)}x`, { text: 'x' }],
	[
		'parts that nest without end',
		'eml',
		() =>
			mail(
				Array.from({ length: 5_000 }, (_, index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}\r\n`).join(''),
			),
		{ problem: 'parseBroken' },
	],
	[
		'100,000 parts',
		'eml',
		() => mail(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(20_000)}--b--`),
		{ text: 'x' },
	],
	['a code line of 5 MB', 'code', () => `function a(${'(('.repeat(2_500_000)}`, { text: 'function' }],
	[
		'declarations without end',
		'code',
		() => `${'public static '.repeat(25)}class ${'A'.repeat(100)} {\n`.repeat(20_000),
		{ text: 'class' },
	],
	['entries with a password', 'docx', () => passwordZip(docxOf(`<w:document xmlns:w="w"/>`)), { problem: 'parsePassword' }],
	['entries with a password, of a book', 'epub', () => passwordZip(epub('T', ['<p>x</p>'])), { problem: 'parsePassword' }],
	['a book that is protected', 'epub', () => protectedEpub(epub('T', ['<p>x</p>'])), { problem: 'parsePassword' }],
	[
		'pictures of pages',
		'docx',
		() => docxOf('<w:document xmlns:w="w"><w:body><w:p><w:r><w:drawing/></w:r></w:p></w:body></w:document>'),
		{ problem: 'parseNoText' },
	],
	[
		'pictures of pages, in a book without a title',
		'epub',
		() => epub('', ['<img src="1.jpg"/>', '<img src="2.jpg"/>']),
		{ problem: 'parseNoText' },
	],
	['pictures of pages, as slides', 'pptx', () => pptx([{ shapes: '<p:pic/>' }, { shapes: '<p:pic/>' }]), { problem: 'parseNoText' }],
	[
		'pictures of pages, as slides of OpenDocument',
		'odp',
		() => odf('presentation', '<draw:page><draw:frame><draw:image/></draw:frame></draw:page>'.repeat(2)),
		{ problem: 'parseNoText' },
	],
	[
		'pictures of pages, as OpenDocument',
		'odt',
		() => odf('text', '<text:p><draw:frame><draw:image/></draw:frame></text:p>'),
		{ problem: 'parseNoText' },
	],
	['a page 20,001 times', 'pdf', () => repeatedPagePdf(20_001), { problem: 'parseTooManyPages' }],
	['20,001 slides', 'odp', () => odf('presentation', '<draw:page/>'.repeat(20_001)), { problem: 'parseTooManyPages' }],
	[
		'spans that reach over each other',
		'html',
		() => `<table>${'<tr><td>x<td colspan=1000 rowspan=65534>y'.repeat(10_000)}</table>`,
		{ text: 'x' },
	],
	[
		'3,000 pages',
		'pdf',
		() => pdfPages(Array.from({ length: 3_000 }, (_, page) => show([50, 700, 12, `Words ${lettersOf(page)}`]))),
		{ text: 'Words' },
	],
]

function entriesOfDocx(text: string): Record<string, string> {
	return { ...wordParts, 'word/document.xml': `<w:document xmlns:w="w"><w:body>${paragraph(text)}</w:body></w:document>` }
}
const wordParts = {
	'[Content_Types].xml':
		'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
	'_rels/.rels':
		'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
}
const docxOf = (document: string): Buffer => zip({ ...wordParts, 'word/document.xml': `<?xml version="1.0"?>${document}` })

describe('hostile files', () => {
	it.each(cases)('%s (%s) end, and the next file is read', { timeout: 60_000 }, async (_what, format, content, end) => {
		const outcome = await parse(format, content()).catch((error: unknown) => error)
		if ('problem' in end) expect(outcome).toMatchObject(end)
		else if (!(outcome instanceof AppError))
			expect(outcome).toMatchObject({
				text: typeof end.text === 'string' ? expect.stringContaining(end.text) : expect.stringMatching(end.text),
			})
		else expect(end.text).toBeInstanceOf(RegExp)
		expect((await parse('text', 'All is well.')).text).toBe('All is well.')
	})
})

/** What damaged files may end with; `internal`, `parseCrash` and time-outs are ours. */
const DOCUMENTED = [
	'parseBroken',
	'parseNoText',
	'parsePassword',
	'parseBomb',
	'parseTooMuchText',
	'parseTooManyPages',
	'parseMemory',
	'parseDirectory',
]

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 25)

describe('cut off files', () => {
	it.each(Object.entries(samples) as [Format, [string, string | Uint8Array]][])(
		'of the format %s are read as far as they go, or fail with words',
		{ timeout: 60_000 },
		async (format, [, content]) => {
			const bytes = Buffer.from(content)
			for (const share of [0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
				const path = await folder.file('cut', bytes.subarray(0, Math.floor(bytes.length * share)))
				const outcome = await parser.parse({ path, format }, never).catch((error: unknown) => error)
				if (outcome instanceof Error) expect(DOCUMENTED).toContain(outcome instanceof AppError ? outcome.problem : String(outcome))
			}
		},
	)
})

describe('damaged files', () => {
	it.each(Object.entries(samples) as [Format, [string, string | Uint8Array]][])(
		'of the format %s are read, or fail with words',
		{ timeout: 120_000 },
		async (format, [name, content]) => {
			const bytes = Uint8Array.from(Buffer.from(content))
			expect((await detectType(await folder.file('whole', bytes), name))?.format).toBe(format)
			await fc.assert(
				fc.asyncProperty(damage(bytes), async (damaged) => {
					const path = await folder.file('damaged', damaged)
					await detectType(path, name).catch((error: unknown) => expect(error).toMatchObject({ problem: 'parseDirectory' }))
					const outcome = await parser.parse({ path, format }, never).then(decoded, (error: unknown) => error)
					if (outcome instanceof Error) {
						expect(DOCUMENTED).toContain(outcome instanceof AppError ? outcome.problem : String(outcome))
						return
					}
					const { text, headings, pages } = outcome as Awaited<ReturnType<typeof parse>>
					expect(clean(text)).toBe(text)
					for (const { start, end } of pages) expect(start <= end && end <= text.length).toBe(true)
					for (const { start } of headings) expect(start).toBeLessThan(text.length)
				}),
				{ numRuns: RUNS },
			)
		},
	)
})

it('a compound file of no document is none', async () => {
	expect(await detectType(await folder.file('file', compound({ Something: Buffer.alloc(9_000) })), 'a.doc')).toBe(null)
})
