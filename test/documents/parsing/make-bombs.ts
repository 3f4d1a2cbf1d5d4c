import { deflateSync } from 'node:zlib'
import { docx, paragraph, pdf, pdfPages, show, stream, zip } from './make-files.ts'
import { workbook } from './make-office.ts'

const MEGABYTE = 1_000_000

/** A zip whose directory says that its large entry has so few bytes. */
export function lyingZip(entries: Record<string, string | Uint8Array>, large: string, bytes: number): Buffer {
	const file = zip(entries)
	for (let at = file.indexOf(large); at >= 0; at = file.indexOf(large, at + 1)) {
		if (file.subarray(at - 46, at - 42).equals(DIRECTORY)) file.writeUInt32LE(bytes, at - 46 + 24)
		if (file.subarray(at - 30, at - 26).equals(LOCAL)) file.writeUInt32LE(bytes, at - 30 + 22)
	}
	return file
}

/** A zip whose entries say that they need a password. */
export function passwordZip(file: Buffer): Buffer {
	const locked = Buffer.from(file)
	for (const [signature, offset] of [
		[LOCAL, 6],
		[DIRECTORY, 8],
	] as const)
		for (let at = locked.indexOf(signature); at >= 0; at = locked.indexOf(signature, at + 4))
			locked.writeUInt16LE(locked.readUInt16LE(at + offset) | 1, at + offset)
	return locked
}

/** A book whose first chapter is protected against copying. */
export const protectedEpub = (book: Buffer): Buffer =>
	withEntries(book, {
		'META-INF/encryption.xml':
			'<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/text/c%200.xhtml"/></CipherData></EncryptedData></encryption>',
	})

const LOCAL = Buffer.from('PK\x03\x04', 'latin1')
const DIRECTORY = Buffer.from('PK\x01\x02', 'latin1')

/** Zips in a zip, each of them so often. */
export function zipsInZips(depth: number, width: number): Buffer {
	let inner: Buffer = Buffer.alloc(900_000)
	let name = 'zeros'
	for (let level = 0; level < depth; level++) {
		const content = inner
		const of = name
		inner = zip(Object.fromEntries(Array.from({ length: width }, (_, at) => [`${at}-${of}`, content])))
		name = 'inner.zip'
	}
	return inner
}

/** A page whose content unpacks to so many megabytes of operators, `layers` times deflated. */
export function inflatingPdf(megabytes: number, layers: number): Buffer {
	let data: Buffer = Buffer.alloc(megabytes * MEGABYTE, 'q Q ')
	for (let layer = 0; layer < layers; layer++) data = deflateSync(data)
	const filters = '/FlateDecode'.repeat(layers)
	const content = Buffer.concat([Buffer.from(`<</Length ${data.length}/Filter[${filters}]>>\nstream\n`), data, Buffer.from('\nendstream')])
	return pdf([
		'<</Type/Catalog/Pages 2 0 R>>',
		'<</Type/Pages/Kids[3 0 R]/Count 1>>',
		'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>',
		content,
	])
}

/** A cross-reference table that names itself as the one before. */
export function loopingXrefPdf(): Buffer {
	const whole = pdfPages([show([50, 700, 12, 'Round and round.'])]).toString('latin1')
	const start = whole.lastIndexOf('xref\n0')
	return Buffer.from(whole.replace('trailer<<', `trailer<</Prev ${start}`), 'latin1')
}

/** Pages that are their own children. */
export const loopingPagesPdf = (): Buffer =>
	pdf([
		'<</Type/Catalog/Pages 2 0 R>>',
		'<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 1000000>>',
		'<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 9>>',
	])

/** So many pages, all the same one. */
export const repeatedPagePdf = (count: number): Buffer =>
	pdf([
		'<</Type/Catalog/Pages 2 0 R>>',
		`<</Type/Pages/Kids[${'3 0 R '.repeat(count)}]/Count ${count}>>`,
		'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
		stream(show([50, 700, 12, 'The same page again.'])),
		'<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
	])

/** A Word file with macros, a remote template, a remote picture and a linked object. */
export function busyDocx(url: string): Buffer {
	const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
	const relationship = (id: string, type: string) =>
		`<Relationship Id="${id}" Type="${office}/${type}" Target="${url}/${type}" TargetMode="External"/>`
	const file = docx(
		`${paragraph('Macros stay asleep.')}<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="${office}" r:link="r2"/></w:drawing></w:r></w:p>`,
	)
	return withEntries(file, {
		'word/_rels/document.xml.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relationship('r1', 'attachedTemplate')}${relationship('r2', 'image')}${relationship('r3', 'oleObject')}</Relationships>`,
		'word/vbaProject.bin': Buffer.alloc(3_000, 'Sub AutoOpen() Shell "evil.exe" End Sub '),
	})
}

/** A workbook with macros and links to other workbooks. */
export const busyXlsx = (url: string): Buffer =>
	withEntries(
		workbook({
			S: [
				['Sleeping macros', 'Value'],
				['here', 7],
			],
		}),
		{
			'xl/vbaProject.bin': Buffer.alloc(3_000, 'Sub Workbook_Open() Shell "evil.exe" End Sub '),
			'xl/externalLinks/externalLink1.xml': '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
			'xl/externalLinks/_rels/externalLink1.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="externalLinkPath" Target="${url}/book.xlsx" TargetMode="External"/></Relationships>`,
		},
	)

/** The stored and deflated entries of a zip with others behind them. */
function withEntries(file: Buffer, more: Record<string, string | Uint8Array>): Buffer {
	const added = zip(more)
	const [at, addedAt] = [endOf(file), endOf(added)]
	const [directoryAt, addedDirectoryAt] = [file.readUInt32LE(at + 16), added.readUInt32LE(addedAt + 16)]
	const addedDirectory = Buffer.from(added.subarray(addedDirectoryAt, addedAt))
	for (let entry = 0; entry < addedDirectory.length; ) {
		addedDirectory.writeUInt32LE(addedDirectory.readUInt32LE(entry + 42) + directoryAt, entry + 42)
		const [name, extra, comment] = [28, 30, 32].map((offset) => addedDirectory.readUInt16LE(entry + offset)) as [number, number, number]
		entry += 46 + name + extra + comment
	}
	const end = Buffer.from(file.subarray(at))
	const count = file.readUInt16LE(at + 10) + added.readUInt16LE(addedAt + 10)
	const directory = Buffer.concat([file.subarray(directoryAt, at), addedDirectory])
	end.writeUInt16LE(count, 8)
	end.writeUInt16LE(count, 10)
	end.writeUInt32LE(directory.length, 12)
	end.writeUInt32LE(directoryAt + addedDirectoryAt, 16)
	return Buffer.concat([file.subarray(0, directoryAt), added.subarray(0, addedDirectoryAt), directory, end])
}

const endOf = (file: Buffer): number => file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
