import { CFB, utils, write } from '@e965/xlsx'
import { zip } from './make-files.ts'

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships'
const CONTENT_TYPES =
	'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'

const relationships = (...targets: [id: string, type: string, target: string, mode?: string][]): string =>
	`<?xml version="1.0"?><Relationships xmlns="${RELATIONSHIPS}">${targets
		.map(
			([id, type, target, mode]) =>
				`<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"${mode ? ` TargetMode="${mode}"` : ''}/>`,
		)
		.join('')}</Relationships>`

const drawing =
	'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'

/** A shape of a slide. `kind`: its placeholder, as `title`. */
export const shape = (lines: string[], kind?: string): string =>
	`<p:sp><p:nvSpPr><p:nvPr>${kind ? `<p:ph type="${kind}"/>` : ''}</p:nvPr></p:nvSpPr><p:txBody>${lines
		.map((line) => `<a:p><a:r><a:t>${line}</a:t></a:r></a:p>`)
		.join('')}</p:txBody></p:sp>`

export const slideTable = (rows: string[][]): string =>
	`<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/>${rows
		.map(
			(row) => `<a:tr>${row.map((cell) => `<a:tc><a:txBody><a:p><a:r><a:t>${cell}</a:t></a:r></a:p></a:txBody></a:tc>`).join('')}</a:tr>`,
		)
		.join('')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`

/** A PowerPoint file; the file names of slides run against their order. */
export function pptx(slides: { shapes: string; notes?: string; prolog?: string }[]): Buffer {
	const name = (index: number) => `slide${slides.length - index}`
	const tree = (shapes: string) => `<p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>`
	const parts: Record<string, string> = {
		'[Content_Types].xml': CONTENT_TYPES,
		'ppt/presentation.xml': `<p:presentation ${drawing} xmlns:r="${OFFICE}"><p:sldIdLst>${slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="r${index}"/>`).join('')}</p:sldIdLst></p:presentation>`,
		'ppt/_rels/presentation.xml.rels': relationships(
			...slides.map((_, index): [string, string, string] => [`r${index}`, 'slide', `slides/${name(index)}.xml`]),
		),
	}
	for (const [index, { shapes, notes, prolog = '' }] of slides.entries()) {
		parts[`ppt/slides/${name(index)}.xml`] = `${prolog}<p:sld ${drawing}>${tree(shapes)}</p:sld>`
		if (!notes) continue
		parts[`ppt/slides/_rels/${name(index)}.xml.rels`] = relationships(['n', 'notesSlide', `../notesSlides/n${index}.xml`])
		parts[`ppt/notesSlides/n${index}.xml`] = `<p:notes ${drawing}>${tree(shape(['7'], 'sldNum') + shape([notes], 'body'))}</p:notes>`
	}
	return zip(parts)
}

/** An Excel file. `type`: `biff8` for the format before 2007. */
export function workbook(sheets: Record<string, unknown[][]>, type: 'xlsx' | 'biff8' = 'xlsx'): Buffer {
	const book = utils.book_new()
	for (const [name, rows] of Object.entries(sheets)) utils.book_append_sheet(book, utils.aoa_to_sheet(rows), name)
	return write(book, { type: 'buffer', bookType: type }) as Buffer
}

/** An Excel file with this XML for its only sheet. */
export const rawSheet = (rows: string): Buffer =>
	zip({
		'[Content_Types].xml':
			'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
		'_rels/.rels': relationships(['rId1', 'officeDocument', 'xl/workbook.xml']),
		'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		'xl/_rels/workbook.xml.rels': relationships(['rId1', 'worksheet', 'worksheets/sheet1.xml']),
		'xl/worksheets/sheet1.xml': `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`,
	})

const odfNames =
	'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'

/** An OpenDocument of a kind. `manifest`: what its manifest says of encryption. */
export const odf = (kind: 'text' | 'spreadsheet' | 'presentation', body: string, manifest = ''): Buffer =>
	zip({
		mimetype: `application/vnd.oasis.opendocument.${kind}`,
		'content.xml': `<?xml version="1.0"?><office:document-content ${odfNames}><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
		'META-INF/manifest.xml': `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">${manifest}</manifest:manifest>`,
	})

/** A book of chapters, each the content of a body. */
export const epub = (title: string, chapters: string[]): Buffer =>
	zip({
		mimetype: 'application/epub+zip',
		'META-INF/container.xml':
			'<container><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
		'OEBPS/book.opf': `<package><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title></metadata><manifest>${chapters
			.map((_, index) => `<item id="c${index}" href="text/c%20${index}.xhtml"/>`)
			.reverse()
			.join('')}</manifest><spine>${chapters.map((_, index) => `<itemref idref="c${index}"/>`).join('')}</spine></package>`,
		...Object.fromEntries(
			chapters.map((body, index) => [
				`OEBPS/text/c ${index}.xhtml`,
				`<html xmlns="http://www.w3.org/1999/xhtml"><body>${body}</body></html>`,
			]),
		),
	})

/** A compound file of these streams. */
export function compound(streams: Record<string, Buffer>): Buffer {
	const file = CFB.utils.cfb_new()
	for (const [name, content] of Object.entries(streams)) CFB.utils.cfb_add(file, `/${name}`, content)
	return Buffer.from(CFB.write(file, { type: 'buffer' }) as Buffer)
}

export const encryptedOffice = (): Buffer => compound({ EncryptionInfo: Buffer.alloc(100, 4), EncryptedPackage: Buffer.alloc(5_000, 7) })

/** A Word 97 file of one piece of text; `\x07` ends cells and rows. `flags`: of its header, 0x100 for an encrypted one. */
export function doc(text: string, flags = 0): Buffer {
	const characters = Buffer.from(text, 'utf16le')
	const start = 0x600
	const main = Buffer.alloc(Math.max(start + characters.length, 5_000))
	main.writeUInt16LE(0xa5ec, 0)
	main.writeUInt16LE(0xc1, 2)
	main.writeUInt16LE(0x200 | flags, 10)
	main.writeUInt32LE(text.length, 0x4c)
	characters.copy(main, start)
	const pieces = Buffer.alloc(5 + 8 + 8)
	pieces.writeUInt8(2, 0)
	pieces.writeUInt32LE(16, 1)
	pieces.writeUInt32LE(text.length, 9)
	pieces.writeUInt32LE(start, 15)
	main.writeUInt32LE(0, 0x1a2)
	main.writeUInt32LE(pieces.length, 0x1a6)
	return compound({ WordDocument: main, '1Table': Buffer.concat([pieces, Buffer.alloc(5_000)]) })
}

/** Texts by their tags, as `0037` for the subject; bytes and numbers likewise. */
type Properties = Record<string, string | Buffer | number>

/** The streams of a storage of Outlook's; `header`: of its directory, in bytes (MS-OXMSG 2.4). */
function storage(properties: Properties, header: number): Record<string, Buffer> {
	const streams: Record<string, Buffer> = {}
	const entries = Object.entries(properties).map(([tag, value]) => {
		const entry = Buffer.alloc(16)
		const type = typeof value === 'number' ? 0x0003 : typeof value === 'string' ? 0x001f : 0x0102
		entry.writeUInt16LE(type, 0)
		entry.writeUInt16LE(Number.parseInt(tag, 16), 2)
		entry.writeUInt32LE(6, 4)
		if (typeof value === 'number') entry.writeUInt32LE(value, 8)
		else {
			const bytes = typeof value === 'string' ? Buffer.from(value, 'utf16le') : value
			entry.writeUInt32LE(bytes.length + (typeof value === 'string' ? 2 : 0), 8)
			streams[`__substg1.0_${tag}${type.toString(16).padStart(4, '0').toUpperCase()}`] = bytes
		}
		return entry
	})
	return { '__properties_version1.0': Buffer.concat([Buffer.alloc(header), ...entries]), ...streams }
}

/** A mail of Outlook with these properties, recipients and attachments. */
export function msg(properties: Properties, recipients: Properties[] = [], attachments: Properties[] = []): Buffer {
	const within = (name: string, all: Properties[]) =>
		all.flatMap((each, at) =>
			Object.entries(storage(each, 8)).map(
				([stream, content]) => [`${name}_version1.0_#${at.toString(16).padStart(8, '0')}/${stream}`, content] as const,
			),
		)
	return compound({
		...storage(properties, 32),
		...Object.fromEntries([...within('__recip', recipients), ...within('__attach', attachments)]),
	})
}

/** Excel's file before 2007 as it is with a password: behind the record `FilePass` (MS-XLS 2.4.117) of RC4. */
export function encryptedWorkbook(): Buffer {
	const file = CFB.read(workbook({ S: [['secret']] }, 'biff8'), { type: 'buffer' })
	const stream = CFB.find(file, '/Workbook')?.content as Buffer
	const beginning = 4 + stream.readUInt16LE(2)
	const filePass = Buffer.alloc(4 + 54, 7)
	for (const [at, value] of [0x2f, 54, 1, 1, 1].entries()) filePass.writeUInt16LE(value, at * 2)
	return compound({ Workbook: Buffer.concat([stream.subarray(0, beginning), filePass, stream.subarray(beginning)]) })
}
