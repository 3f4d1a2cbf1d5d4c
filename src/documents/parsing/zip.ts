import { text } from 'node:stream/consumers'
import { openPromise } from 'yauzl'
import { AppError } from '../../errors.ts'

export interface ZipEntry {
	name: string
	size: number
	compressedSize: number
}

/** A directory longer than this is no document's. */
const MAX_ENTRIES = 20_000
const MAX_DIRECTORY_BYTES = 4_000_000
/** Of an entry, without its names (APPNOTE.TXT, 4.3.12). */
const ENTRY_BYTES = 46
/** Real documents stay far below both; see also https://www.bamsoftware.com/hacks/zipbomb/. */
const MAX_UNZIPPED_BYTES = 200_000_000
const MAX_RATIO = 150
/** A small file may well be all zeros. */
const MIN_RATIO_BYTES = 1_000_000

/** The directory of a zip file; nothing is unpacked. @throws AppError parseDirectory where it is too long: it is read no further. */
export async function listEntries(path: string): Promise<ZipEntry[]> {
	const zip = await openPromise(path, { lazyEntries: true, autoClose: false })
	try {
		if (zip.entryCount > MAX_ENTRIES) throw new AppError('parseDirectory')
		const entries: ZipEntry[] = []
		let bytes = 0
		for await (const { fileName, uncompressedSize, compressedSize, ...lengths } of zip.eachEntry()) {
			bytes += ENTRY_BYTES + lengths.fileNameLength + lengths.extraFieldLength + lengths.fileCommentLength
			if (bytes > MAX_DIRECTORY_BYTES) throw new AppError('parseDirectory')
			entries.push({ name: fileName, size: uncompressedSize, compressedSize })
		}
		return entries
	} finally {
		zip.close()
	}
}

/** One file of a zip as UTF-8 text; null where there is none of that name, or it is longer than `maxBytes`. */
export async function readEntry(path: string, name: string, maxBytes: number): Promise<string | null> {
	const zip = await openPromise(path, { lazyEntries: true, autoClose: false })
	try {
		for await (const entry of zip.eachEntry()) {
			if (entry.fileName === name) return entry.uncompressedSize > maxBytes ? null : await text(await zip.openReadStreamPromise(entry))
		}
		return null
	} finally {
		zip.close()
	}
}

/** @throws AppError parseDirectory; parseBomb where the directory promises more than a document holds. */
export async function refuseBomb(path: string): Promise<void> {
	const entries = await listEntries(path)
	const size = entries.reduce((sum, entry) => sum + entry.size, 0)
	const compressedSize = entries.reduce((sum, entry) => sum + entry.compressedSize, 0)
	const isBomb = size > MAX_UNZIPPED_BYTES || (size > MIN_RATIO_BYTES && size > compressedSize * MAX_RATIO)
	if (isBomb) throw new AppError('parseBomb')
}
