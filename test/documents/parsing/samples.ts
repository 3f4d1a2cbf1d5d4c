import fc from 'fast-check'
import type { Format } from '../../../src/documents/parsing/types.ts'
import { docx, paragraph, pdfPages, show } from './make-files.ts'
import { doc, epub, msg, odf, pptx, shape, slideTable, workbook } from './make-office.ts'

export const mail = (rest: string): string => `From: a@b.c\r\nTo: d@e.f\r\nSubject: s\r\nMIME-Version: 1.0\r\n${rest}`

const rows = [
	['Name', 'Age'],
	['Wang', 3],
	['李', 4],
]
/** A small file of each format. */
export const samples: Record<Format, [name: string, content: string | Uint8Array]> = {
	text: ['a.txt', '第一行。Some text here.'],
	markdown: ['a.md', '# Title\n\n- item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n'],
	html: ['a.html', '<!doctype html><h1>T</h1><table><tr><th>a<th>b<tr><td>1<td>2</table><ul><li>x</ul>'],
	pdf: ['a.pdf', pdfPages([show([50, 700, 12, 'Hello there']), show([50, 700, 12, 'Second page'])])],
	docx: ['a.docx', docx(paragraph('Title', 'H') + paragraph('Words.'), { H: 'heading 1' })],
	pptx: [
		'a.pptx',
		pptx([
			{
				shapes:
					shape(['T'], 'title') +
					slideTable([
						['a', 'b'],
						['1', '2'],
					]),
				notes: 'n',
			},
		]),
	],
	xlsx: ['a.xlsx', workbook({ S: rows })],
	xls: ['a.xls', workbook({ S: rows }, 'biff8')],
	doc: ['a.doc', doc('Some words.\rName\x07Age\x07\rLi\x073\x07\r')],
	odt: ['a.odt', odf('text', '<text:h text:outline-level="1">T</text:h><text:p>Words.</text:p>')],
	ods: [
		'a.ods',
		odf(
			'spreadsheet',
			'<table:table table:name="S"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>',
		),
	],
	odp: ['a.odp', odf('presentation', '<draw:page><draw:frame><draw:text-box><text:p>x</text:p></draw:text-box></draw:frame></draw:page>')],
	rtf: ['a.rtf', String.raw`{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Words \b bold\b0\par \trowd\cellx1\intbl a\cell\row\pard}`],
	epub: ['a.epub', epub('Otters', ['<h1>One</h1><p>They swim.</p>'])],
	csv: ['a.csv', 'Name,Age\n"Li, Ann",3\n'],
	json: ['a.json', '{"a": {"b": [1, {"c": "d"}]}, "e": "f"}'],
	jsonl: ['a.jsonl', '{"a": 1}\n{"b": {"c": 2}}\n'],
	xml: ['a.xml', '<?xml version="1.0"?><a><title>T</title><b c="dd">x</b></a>'],
	eml: [
		'a.eml',
		mail(
			'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\na,b\r\n1,2\r\n--x--\r\n',
		),
	],
	msg: ['a.msg', msg({ '0037': 'Subject', '1000': 'Body words.' })],
	mhtml: [
		'a.mhtml',
		'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--x--',
	],
	ipynb: [
		'a.ipynb',
		JSON.stringify({
			cells: [
				{ cell_type: 'markdown', source: ['# T'] },
				{ cell_type: 'code', source: 'x', outputs: [{ text: 'y' }] },
			],
			nbformat: 4,
		}),
	],
	subtitles: ['a.srt', '1\n00:00:01,000 --> 00:00:02,000\nHello.\n'],
	code: ['a.py', 'class A:\n    def b(self):\n        pass\n'],
}

/** Cut off, changed in places, with noise inside, or put together in another order. */
export const damage = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> => {
	const place = fc.nat({ max: Math.max(0, bytes.length - 1) })
	const cut = place.map((end) => bytes.slice(0, end))
	const flipped = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 20 }).map((changes) => {
		const copy = Uint8Array.from(bytes)
		for (const [at, value] of changes) copy[at] = value
		return copy
	})
	const noise = fc
		.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 2_000 }))
		.map(([at, middle]) => Buffer.concat([bytes.slice(0, at), middle, bytes.slice(at)]))
	const swapped = fc.tuple(place, place).map(([a, b]) => Buffer.concat([bytes.slice(Math.min(a, b)), bytes.slice(0, Math.max(a, b))]))
	return fc.oneof(cut, flipped, noise, swapped)
}
