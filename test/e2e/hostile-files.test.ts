import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Format } from '../../src/documents/parsing/types.ts'
import {
	busyDocx,
	busyXlsx,
	inflatingPdf,
	loopingPagesPdf,
	loopingXrefPdf,
	lyingZip,
	repeatedPagePdf,
	zipsInZips,
} from '../documents/parsing/make-bombs.ts'
import { docx, paragraph, pdfPages, selfDrawingPdf, show, zip } from '../documents/parsing/make-files.ts'
import { doc, encryptedOffice, odf, rawSheet } from '../documents/parsing/make-office.ts'
import { damage, mail, samples } from '../documents/parsing/samples.ts'
import type { ServerProcess } from '../support/process.ts'
import type { Session } from '../support/session.ts'
import { documentEvents, serve, signInAsAdmin, startedDirectory } from './support.ts'

const PARSE_SECONDS = 20
vi.setConfig({ testTimeout: 180_000 })

let server: ServerProcess
let session: Session
/** Somebody else's server: what asks it has followed a link in a document. */
let outside: Server
const followed: string[] = []
const outsideUrl = () => `http://127.0.0.1:${(outside.address() as AddressInfo).port}`
beforeAll(async () => {
	outside = createServer((request, response) => {
		followed.push(request.url ?? '')
		response.end()
	})
	outside.on('connection', () => followed.push('a connection'))
	await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
	server = await serve(await startedDirectory(), { PARSE_TIMEOUT: `${PARSE_SECONDS}s`, UPLOAD_MAX_BYTES: '150MiB' })
	session = await signInAsAdmin(server)
})
afterAll(() => void outside.close())

interface End {
	status: 'PROCESSED' | 'FAILED' | 'REFUSED'
	/** In English. */
	reason: string | null
	text: string
}

const DOCUMENTS = '/workspaces/default-workspace/documents'

/** Sends a file and waits for its end, while others are answered. */
async function send(name: string, content: string | Uint8Array): Promise<End> {
	const reply = await session.upload('default-workspace', name, typeof content === 'string' ? content : new Uint8Array(content))
	if (reply.status === 422) return { status: 'REFUSED', reason: reply.envelope.error, text: '' }
	expect(reply.status, reply.envelope.error ?? '').toBe(201)
	const { id } = reply.data.document
	let isOver = false
	const ending = Array.fromAsync(documentEvents(session, id)).finally(() => {
		isOver = true
	})
	do expect((await session.ask('GET', '/workspaces')).status).toBe(200)
	while (!isOver)
	const end = (await ending).at(-1)
	if (end?.status === 'PROCESSED') {
		const { text } = await session.rest<{ text: string }>('GET', `${DOCUMENTS}/${id}/text`)
		await session.rest('DELETE', `${DOCUMENTS}/${id}`)
		return { status: 'PROCESSED', reason: null, text }
	}
	const shown = await session.ask<{ document: { error: { reason: string } } }>('GET', `${DOCUMENTS}/${id}`, undefined, {
		'accept-language': 'en',
	})
	expect(end?.status).toBe('FAILED')
	return { status: 'FAILED', reason: shown.data.document.error.reason, text: '' }
}

const failed = (reason: RegExp) => ({ status: 'FAILED', reason: expect.stringMatching(reason) })
const refused = { status: 'REFUSED', reason: expect.stringMatching(/\S/) }
const processed = (text: string) => ({ status: 'PROCESSED', text: expect.stringContaining(text) })
/** Where it depends on the machine which limit is met first. */
const limited = failed(/zip bomb|too much memory|longer than|more text than|damaged|crash|characters/i)

const laughs = `<!DOCTYPE l [<!ENTITY e0 "lol">${Array.from({ length: 12 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`).join('')}]>`
const wordParts = (document: string | Uint8Array) => ({
	'[Content_Types].xml':
		'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
	'_rels/.rels':
		'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
	'word/document.xml': document,
})
const wordOf = (inside: string) =>
	`<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${inside}</w:body></w:document>`
/** 「仓库的钥匙挂在厨房门后。」, as GB18030. */
const GB18030 = Buffer.from('b2d6bfe2b5c4d4bfb3d7b9d2d4dab3f8b7bfc3c5baf3a1a3', 'hex')

describe('a bomb', () => {
	it.each<[string, string, () => string | Uint8Array, object]>([
		['Word that unpacks to 300 MB', 'a.docx', () => docx(paragraph('A'.repeat(300_000_000))), failed(/zip bomb/)],
		[
			'Word whose directory says that it does not',
			'b.docx',
			() =>
				lyingZip(
					wordParts(Buffer.concat([Buffer.from('<w:document><w:body><w:p><w:r><w:t>'), Buffer.alloc(300_000_000, 'A')])),
					'word/document.xml',
					4_000,
				),
			limited,
		],
		[
			'slides whose directory says that they do not',
			'b.pptx',
			() => lyingZip({ ...wordParts('x'), 'ppt/presentation.xml': Buffer.alloc(300_000_000, 'A') }, 'ppt/presentation.xml', 4_000),
			expect.anything(),
		],
		['zips in zips', 'a.zip', () => zipsInZips(5, 4), refused],
		[
			'zips in zips in Word',
			'c.docx',
			() => zip({ ...wordParts(wordOf(paragraph('Fine.'))), 'word/embeddings/a.zip': zipsInZips(4, 3) }),
			processed('Fine.'),
		],
		['a form that draws itself twice', 'a.pdf', selfDrawingPdf, expect.objectContaining({ status: 'FAILED' })],
		['a page that unpacks to 1 GB', 'b.pdf', () => inflatingPdf(1_000, 1), limited],
		['a page packed three times over', 'c.pdf', () => inflatingPdf(1_500, 3), limited],
		['cross-references in a circle', 'd.pdf', loopingXrefPdf, expect.anything()],
		['pages in a circle', 'e.pdf', loopingPagesPdf, failed(/damaged|no text|longer/)],
		['two million pages', 'f.pdf', () => repeatedPagePdf(2_000_000), failed(/longer than|memory|pages|more text|damaged/)],
		['entities of entities', 'a.xml', () => `<?xml version="1.0"?>${laughs}<l>&e12; end</l>`, processed('end')],
		[
			'entities of entities in Word',
			'd.docx',
			() => zip(wordParts(wordOf(paragraph('&e12; end')).replace('?>', `?>${laughs}`))),
			expect.anything(),
		],
		['200,000 divs in one another', 'a.html', () => `<!doctype html>${'<div>'.repeat(200_000)}x`, failed(/\S/)],
		['a cell at XFD1048576', 'a.xlsx', () => rawSheet('<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'), processed('2')],
		['100 MB of one line', 'a.txt', () => Buffer.alloc(100_000_000, 'word '), failed(/characters|text/)],
		['100 MB of one line of Markdown', 'b.md', () => Buffer.alloc(100_000_000, '# **word** | '), limited],
		['100 MB of one line of a table', 'b.csv', () => Buffer.alloc(100_000_000, 'word,'), limited],
		[
			'100 MB of one JSON string',
			'b.json',
			() => Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(100_000_000, 'word '), Buffer.from('"}')]),
			limited,
		],
		[
			'100 MB of one line of a page',
			'c.html',
			() => Buffer.concat([Buffer.from('<!doctype html><p>'), Buffer.alloc(100_000_000, 'word ')]),
			limited,
		],
		[
			'100 MB of one line of XML',
			'b.xml',
			() => Buffer.concat([Buffer.from('<?xml version="1.0"?><a>'), Buffer.alloc(100_000_000, 'word '), Buffer.from('</a>')]),
			limited,
		],
		[
			'20,000 files in Word',
			'e.docx',
			() => zip(Object.fromEntries(Array.from({ length: 25_000 }, (_, at) => [`word/${at}`, '']))),
			expect.anything(),
		],
	])('%s (%s) ends, and others are answered meanwhile', async (_what, name, make, end) => {
		const outcome = await send(name, make())
		expect(outcome).toEqual(typeof end === 'object' && 'status' in end ? expect.objectContaining(end) : end)
		expect(outcome.status === 'PROCESSED' || outcome.reason).toBeTruthy()
		expect(await send(`after-${name}.txt`, `All is well after ${name}.`)).toMatchObject(processed(`well after ${name}`))
	})
})

describe('a document that reaches for more than its text', () => {
	it.each<[string, string, (url: string) => string | Uint8Array, string]>([
		['Word with macros, a template and pictures elsewhere', 'm.docm', busyDocx, 'Macros stay asleep.'],
		['a workbook with macros and links', 'm.xlsm', busyXlsx, 'Sleeping macros: here'],
		[
			'a page with scripts, frames and pictures',
			'm.html',
			(url) =>
				`<!doctype html><meta http-equiv=refresh content="0;url=${url}/refresh"><link rel=stylesheet href=${url}/style><script src=${url}/script></script><base href=${url}><p>Pages stay at home.<img src=${url}/picture><iframe src=${url}/frame></iframe><object data=${url}/object></object>`,
			'Pages stay at home.',
		],
		[
			'XML with entities and a grammar elsewhere',
			'm.xml',
			(url) =>
				`<?xml version="1.0"?><!DOCTYPE x SYSTEM "${url}/dtd" [<!ENTITY % p SYSTEM "${url}/parameter"> %p; <!ENTITY e SYSTEM "${url}/entity"><!ENTITY f SYSTEM "file:///etc/passwd">]><x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${url}/include"/>Grammars are not fetched. &e; &f;</x>`,
			'Grammars are not fetched.',
		],
		[
			'OpenDocument with pictures elsewhere',
			'm.odt',
			(url) =>
				odf(
					'text',
					`<text:p>Pictures stay away.<draw:image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="${url}/picture"/></text:p>`,
				),
			'Pictures stay away.',
		],
		[
			'RTF that includes',
			'm.rtf',
			(url) => `{\\rtf1\\ansi Included is nothing.{\\field{\\*\\fldinst INCLUDEPICTURE "${url}/picture"}}\\par}`,
			'Included is nothing.',
		],
		[
			'a mail with a picture elsewhere',
			'm.eml',
			(url) => mail(`Content-Type: text/html\r\n\r\n<p>Mails are not tracked.<img src="${url}/pixel">`),
			'Mails are not tracked.',
		],
		[
			'a PDF that opens others',
			'm.pdf',
			(url) =>
				pdfPages(
					[show([50, 700, 12, 'Launches nothing.'])],
					`<</Type/Action/S/URI/URI(${url}/uri)>>`,
					`<</Type/Action/S/Launch/F(${url}/launch)>>`,
				),
			'Launches nothing.',
		],
		['Markdown with pictures elsewhere', 'm.md', (url) => `# Links\n\nLinks are text. ![x](${url}/picture)`, 'Links are text.'],
	])('%s (%s) is read, and nothing of it is run or fetched', async (_what, name, make, text) => {
		const outcome = await send(name, make(outsideUrl()))
		expect(outcome).toMatchObject(processed(text))
		expect(outcome.text).not.toMatch(/evil\.exe|root:x:0/)
		expect(followed).toEqual([])
	})
})

describe('a file that is not what it seems', () => {
	const named = (format: Format) => () => (typeof samples[format][1] === 'string' ? Buffer.from(samples[format][1]) : samples[format][1])
	it.each<[string, string, () => string | Uint8Array | Promise<Uint8Array>, object]>([
		['a PDF as text', 'w.txt', named('pdf'), processed('Hello there')],
		['Word as PDF', 'w.pdf', named('docx'), processed('Words.')],
		['slides as Word', 'w.docx', named('pptx'), { status: 'PROCESSED' }],
		['a workbook as CSV', 'w.csv', named('xlsx'), processed('Wang')],
		['old Excel as Excel', 'w.xlsx', named('xls'), processed('Wang')],
		['text as PDF', 'x.pdf', () => 'Only words, whatever the name.', processed('Only words')],
		['text without an extension', 'README', () => 'A readme of few words.', processed('A readme')],
		[
			'a program as Word',
			'y.docx',
			() => Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff', 'latin1'), Buffer.alloc(4_000, '\x00\x01\xfe')]),
			refused,
		],
		[
			'a picture as PDF',
			'z.pdf',
			() => Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(3_000, 7)]),
			refused,
		],
		[
			'UTF-8 and GB18030 in one',
			'e.txt',
			() => Buffer.concat([Buffer.from('前半部分是 UTF-8 编码的文字。\n'.repeat(20)), GB18030]),
			{ status: 'PROCESSED' },
		],
		['GB18030 with a mark of UTF-8', 'f.txt', () => Buffer.concat([Buffer.from('efbbbf', 'hex'), GB18030]), expect.anything()],
		[
			'UTF-16 of an odd length',
			'g.txt',
			() => Buffer.concat([Buffer.from('\ufeffHalf of the last letter is missing.', 'utf16le'), Buffer.of(65)]),
			processed('Half of the last'),
		],
		['text with zero bytes', 'h.txt', () => `Zero\0 bytes are ${'\0'.repeat(3)}left out of a text of several words.`, expect.anything()],
		[
			'HTML in another encoding than it says',
			'i.html',
			() => '<!doctype html><meta charset=gb2312><p>其实是 UTF-8 编码。</p>',
			processed('编码'),
		],
		['an encrypted workbook', 'p.xlsx', encryptedOffice, failed(/password/)],
		['encrypted Word', 'p.docx', () => Buffer.concat([encryptedOffice()]), expect.anything()],
		['encrypted Word before 2007', 'p.doc', () => doc('Words', 0x100), failed(/password/)],
		[
			'an encrypted OpenDocument',
			'p.odt',
			() =>
				odf(
					'text',
					'<text:p>Noise</text:p>',
					'<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>',
				),
			failed(/password/),
		],
		[
			'a PDF with a password',
			'p.pdf',
			() => readFile(path.resolve(import.meta.dirname, '../fixtures/user-password.pdf')),
			failed(/password/),
		],
		[
			'a PDF that only forbids copying',
			'o.pdf',
			() => readFile(path.resolve(import.meta.dirname, '../fixtures/owner-password.pdf')),
			processed('seventeen gulls'),
		],
	])('%s (%s) is what its bytes say', async (_what, name, make, end) => {
		const outcome = await send(name, await make())
		expect(outcome).toEqual('status' in end ? expect.objectContaining(end) : end)
		expect(outcome.status === 'PROCESSED' || outcome.reason).toBeTruthy()
	})
})

/** What a damaged file may say of itself; that the server is to blame is none of it. */
const WORDS = /damaged|no text|password|zip bomb|too much|longer than|at most|type/i

describe('a file that is cut off', () => {
	it.each(Object.keys(samples) as Format[])('of the format %s is read, or refused with words', async (format) => {
		const [name, content] = samples[format]
		const bytes = Buffer.from(content)
		for (const share of [0.25, 0.5, 0.75, 0.95]) {
			const { status, reason } = await send(`cut-${name}`, bytes.subarray(0, Math.ceil(bytes.length * share)))
			if (status !== 'PROCESSED') expect(reason).toMatch(status === 'FAILED' ? WORDS : /\S/)
		}
	})
})

it('files damaged in any way are read, or refused with words', async () => {
	const formats = fc.constantFrom(...(Object.keys(samples) as Format[]))
	const files = formats.chain((format) =>
		damage(Uint8Array.from(Buffer.from(samples[format][1]))).map((bytes) => ({ name: samples[format][0], bytes })),
	)
	await fc.assert(
		fc.asyncProperty(files, async ({ name, bytes }) => {
			const { status, reason } = await send(`damaged-${name}`, bytes)
			if (status !== 'PROCESSED') expect(reason).toMatch(status === 'FAILED' ? WORDS : /\S/)
		}),
		{ numRuns: Number(process.env['FUZZ_RUNS'] ?? 40), endOnFailure: true },
	)
})
