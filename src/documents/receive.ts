import { createHash } from 'node:crypto'
import { open, rm, writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../errors.ts'
import type { Upload } from '../uploads.ts'

/** A file that has arrived whole, at a temporary place. */
export interface Received {
	path: string
	size: number
	/** SHA-256, hexadecimal. */
	hash: string
}

/** What the rest of a form may weigh beside its files. */
const FORM_BYTES = 1_048_576

/**
 * Streams an upload, of a request with at most `maxFiles`, to `path`, counted on the way. Nothing stays behind when it fails.
 * @throws AppError PAYLOAD_TOO_LARGE (before the first byte is read when the request already says so), UNPROCESSABLE for an empty file,
 * BAD_REQUEST when the body is cut off.
 */
export async function receive(upload: Upload, path: string, maxBytes: number, maxFiles = 1): Promise<Received> {
	if (upload.requestBytes !== null && upload.requestBytes > maxFiles * maxBytes + FORM_BYTES)
		throw new AppError('fileTooLarge', { maxBytes })
	let size = 0
	async function* counted(source: AsyncIterable<Buffer>) {
		for await (const piece of source) {
			size += piece.length
			if (size > maxBytes) throw new AppError('fileTooLarge', { maxBytes })
			yield piece
		}
	}
	const file = await open(path, 'wx', 0o600) // before anything can fail: a stream that opens it itself may do so after it was removed
	try {
		await pipeline(upload.read(), counted, file.createWriteStream())
		if (size === 0) throw new AppError('emptyFile')
		return { path, size, hash: upload.hash }
	} catch (error) {
		await file.close()
		await rm(path, { force: true })
		throw error
	}
}

/** Writes a text to `path`, in UTF-8. @throws AppError PAYLOAD_TOO_LARGE. */
export async function receiveText(text: string, path: string, maxBytes: number): Promise<Received> {
	const bytes = Buffer.from(text)
	if (bytes.length > maxBytes) throw new AppError('fileTooLarge', { maxBytes })
	try {
		await writeFile(path, bytes, { flag: 'wx', mode: 0o600 })
	} catch (error) {
		await rm(path, { force: true })
		throw error
	}
	return { path, size: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') }
}
