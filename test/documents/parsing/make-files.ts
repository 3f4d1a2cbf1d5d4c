import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync, deflateSync } from 'node:zlib'
import { afterAll, beforeAll } from 'vitest'

/** A folder for one test file's files. */
export function useFolder(): { file(name: string, content: string | Uint8Array): Promise<string>; path(name: string): string } {
	let folder = ''
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'parsing-test-'))
	})
	afterAll(() => rm(folder, { recursive: true, force: true }))
	const path = (name: string) => join(folder, name)
	return {
		path,
		async file(name, content) {
			await writeFile(path(name), content)
			return path(name)
		},
	}
}

/** A zip file, deflated. */
export function zip(entries: Record<string, string | Uint8Array>): Buffer {
	const parts: Buffer[] = []
	const directory: Buffer[] = []
	let offset = 0
	for (const [name, content] of Object.entries(entries)) {
		const raw = Buffer.from(content)
		const data = deflateRawSync(raw)
		const sizes = Buffer.alloc(12)
		sizes.writeUInt32LE(crc32(raw), 0)
		sizes.writeUInt32LE(data.length, 4)
		sizes.writeUInt32LE(raw.length, 8)
		const nameLength = Buffer.alloc(4)
		nameLength.writeUInt16LE(Buffer.byteLength(name), 0)
		const head = Buffer.from('14000008080000000000', 'hex')
		const at = Buffer.alloc(4)
		at.writeUInt32LE(offset)
		const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, sizes, nameLength, Buffer.from(name), data])
		directory.push(
			Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, sizes, nameLength, Buffer.alloc(10), at, Buffer.from(name)]),
		)
		parts.push(local)
		offset += local.length
	}
	const central = Buffer.concat(directory)
	const end = Buffer.alloc(22)
	end.write('PK\x05\x06', 'latin1')
	end.writeUInt16LE(directory.length, 8)
	end.writeUInt16LE(directory.length, 10)
	end.writeUInt32LE(central.length, 12)
	end.writeUInt32LE(offset, 16)
	return Buffer.concat([...parts, central, end])
}

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

export const paragraph = (text: string, style?: string): string =>
	`<w:p>${style ? `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>` : ''}<w:r><w:t>${text}</w:t></w:r></w:p>`

export const table = (rows: string[][]): string =>
	`<w:tbl>${rows.map((row) => `<w:tr>${row.map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`).join('')}</w:tr>`).join('')}</w:tbl>`

/** A Word file. `styles`: style id -> the style's name. */
export function docx(body: string, styles: Record<string, string> = {}): Buffer {
	const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml'
	const style = ([id, name]: [string, string]) => `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/></w:style>`
	return zip({
		'[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${type}.document.main+xml"/></Types>`,
		'_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>`,
		'word/styles.xml': `<?xml version="1.0"?><w:styles xmlns:w="${WORD}">${Object.entries(styles).map(style).join('')}</w:styles>`,
		'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="${WORD}"><w:body>${body}</w:body></w:document>`,
	})
}

/** A PDF file of these objects, the first one its catalog. */
export function pdf(objects: (string | Buffer)[]): Buffer {
	const parts = [Buffer.from('%PDF-1.5\n')]
	const offsets: number[] = []
	let length = 9
	for (const [index, object] of objects.entries()) {
		const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')])
		offsets.push(length)
		parts.push(part)
		length += part.length
	}
	const references = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
	const trailer = `trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${length}\n%%EOF`
	return Buffer.concat([...parts, Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${references}${trailer}`)])
}

export function stream(content: string | Buffer, extra = ''): Buffer {
	const data = deflateSync(content)
	const head = `<</Length ${data.length}/Filter/FlateDecode${extra}>>\nstream\n`
	return Buffer.concat([Buffer.from(head), data, Buffer.from('\nendstream')])
}

/** A PDF of pages with these content streams. */
export function pdfPages(contents: (string | Buffer)[], ...more: (string | Buffer)[]): Buffer {
	const kids = contents.map((_, index) => `${4 + index * 2} 0 R`).join(' ')
	const resources = `<</Font<</F1 3 0 R>>/XObject<</X ${4 + contents.length * 2} 0 R>>>>`
	return pdf([
		'<</Type/Catalog/Pages 2 0 R>>',
		`<</Type/Pages/Kids[${kids}]/Count ${contents.length}>>`,
		'<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
		...contents.flatMap((content, index) => [
			`<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents ${5 + index * 2} 0 R/Resources${resources}>>`,
			stream(content),
		]),
		...more,
	])
}

/** Lines of text at these places: [x, y, size, text]. */
export const show = (...lines: [number, number, number, string][]): string =>
	lines.map(([x, y, size, text]) => `BT /F1 ${size} Tf ${x} ${y} Td (${text}) Tj ET`).join('\n')

/** 735 bytes that PDFium takes seconds and gigabytes for: a form that draws itself twice. */
export const selfDrawingPdf = (): Buffer =>
	pdfPages(['/X Do'], stream('/X Do /X Do', '/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 6 0 R>>>>'))
