import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import { compoundEntries, isCompound } from './compound.ts'
import { detectText } from './detect-text.ts'
import { detectZip } from './detect-zip.ts'
import { detectEncoding } from './encoding.ts'
import { MIME_TYPES } from './mime-types.ts'
import type { FileType } from './types.ts'

const HEAD_BYTES = 64 * 1024

/** What a file is, by its content; null for what cannot be read. The name decides only what kind of text a text is. Reads the head, and a zip's directory. */
export async function detectType(path: string, name: string): Promise<FileType | null> {
	const { head, size } = await readHead(path)
	if (isPdf(head)) return known('pdf')
	if (/^(?:\s|\xef\xbb\xbf)*\{\\rtf/.test(head.toString('latin1', 0, 32))) return known('rtf')
	if (head.subarray(0, 4).equals(ZIP)) return known(await detectZip(path))
	if (isCompound(head)) return known(await detectCompound(path, name))
	if (POSTSCRIPT.test(head.toString('latin1', 0, 16))) return null
	const truncated = size > head.length
	const encoding = detectEncoding(head, { truncated })
	return encoding === null ? null : detectText(new TextDecoder(encoding).decode(head, { stream: truncated }), name, !truncated)
}

const known = (format: keyof typeof MIME_TYPES | null): FileType | null => format && { format, mimeType: MIME_TYPES[format] }

const ZIP = Buffer.from('PK\x03\x04', 'latin1')
/** Written in plain characters, but no text. */
const POSTSCRIPT = /^%!PS/

/** Readers accept the signature within the first 1024 bytes; behind others' bytes it has to look like one. */
function isPdf(head: Buffer): boolean {
	return /^(?:\s|\xef\xbb\xbf)*%PDF-|[\r\n\0]%PDF-\d\.\d\s/.test(head.toString('latin1', 0, 1024))
}

/** Old Office files and Outlook's mails. An Office file with a password is an encrypted package: which Office file, only the name tells. */
async function detectCompound(path: string, name: string): Promise<keyof typeof MIME_TYPES | null> {
	const names = new Set((await compoundEntries(path)).map((entry) => entry.name))
	if (names.has('WordDocument')) return 'doc'
	if (names.has('Workbook') || names.has('Book')) return 'xls'
	if (names.has('__properties_version1.0')) return 'msg'
	if (!names.has('EncryptedPackage')) return null
	const extension = extname(name).toLowerCase()
	return extension === '.xlsx' || extension === '.xlsm' ? 'xlsx' : extension === '.pptx' ? 'pptx' : 'docx'
}

async function readHead(path: string): Promise<{ head: Buffer; size: number }> {
	await using file = await open(path)
	const { size } = await file.stat()
	const head = Buffer.alloc(Math.min(size, HEAD_BYTES))
	const { bytesRead } = await file.read(head, 0, head.length, 0)
	return { head: head.subarray(0, bytesRead), size }
}
