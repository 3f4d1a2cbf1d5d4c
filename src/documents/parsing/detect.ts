import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import { detectEncoding } from './encoding.ts'
import type { FileType, Format } from './types.ts'
import { listEntries } from './zip.ts'

const MIME_TYPES: Record<Format, string> = {
	text: 'text/plain',
	markdown: 'text/markdown',
	html: 'text/html',
	pdf: 'application/pdf',
	docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
}

const HEAD_BYTES = 64 * 1024

/** What a file is, by its content; null for what cannot be read. The name decides only what kind of text a text is. Reads the head, and a zip's directory. */
export async function detectType(path: string, name: string): Promise<FileType | null> {
	const { head, size } = await readHead(path)
	const format = await detectFormat({ path, name, head, size })
	return format && { format, mimeType: MIME_TYPES[format] }
}

interface Evidence {
	path: string
	name: string
	head: Buffer
	size: number
}

async function detectFormat({ path, name, head, size }: Evidence): Promise<Format | null> {
	if (isPdf(head)) return 'pdf'
	if (head.subarray(0, 4).equals(ZIP)) return (await isDocx(path)) ? 'docx' : null
	if (head.subarray(0, 8).equals(COMPOUND)) return isEncryptedDocx(head, name) ? 'docx' : null
	if (NOT_FOR_READERS.test(head.toString('latin1', 0, 16))) return null
	return detectText(head, name, size > head.length)
}

const ZIP = Buffer.from('PK\x03\x04', 'latin1')
const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex')
/** Formats that are written in plain characters, but are no text: RTF, PostScript. */
const NOT_FOR_READERS = /^(?:\{\\rtf|%!PS)/

/** Readers accept the signature within the first 1024 bytes; behind others' bytes it has to look like one. */
function isPdf(head: Buffer): boolean {
	return /^(?:\s|\xef\xbb\xbf)*%PDF-|[\r\n\0]%PDF-\d\.\d\s/.test(head.toString('latin1', 0, 1024))
}

async function isDocx(path: string): Promise<boolean> {
	try {
		const names = (await listEntries(path)).map((entry) => entry.name)
		return names.includes('[Content_Types].xml') && names.some((name) => /^word\/document\d*\.xml$/.test(name))
	} catch {
		return false
	}
}

/** An Office file with a password is an encrypted package in a compound file; which Office file, only the name tells. */
function isEncryptedDocx(head: Buffer, name: string): boolean {
	return extname(name).toLowerCase() === '.docx' && head.includes(Buffer.from('EncryptedPackage', 'utf16le'))
}

function detectText(head: Buffer, name: string, truncated: boolean): Format | null {
	const encoding = detectEncoding(head, { truncated })
	if (!encoding) return null
	const text = new TextDecoder(encoding).decode(head, { stream: truncated })
	const extension = extname(name).toLowerCase()
	if (HTML_START.test(text)) return 'html'
	if (HTML_NAMES.has(extension) && /<[a-z][^<>]*>/i.test(text)) return 'html'
	return MARKDOWN_NAMES.has(extension) ? 'markdown' : 'text'
}

const HTML_START = /^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,2000}-->\s*){0,5}<(?:!doctype\s+html|html|head|body)[\s>]/i
const HTML_NAMES = new Set(['.html', '.htm', '.xhtml'])
const MARKDOWN_NAMES = new Set(['.md', '.markdown', '.mdown', '.mkd'])

async function readHead(path: string): Promise<{ head: Buffer; size: number }> {
	await using file = await open(path)
	const { size } = await file.stat()
	const head = Buffer.alloc(Math.min(size, HEAD_BYTES))
	const { bytesRead } = await file.read(head, 0, head.length, 0)
	return { head: head.subarray(0, bytesRead), size }
}
