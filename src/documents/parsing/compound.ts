import { open } from 'node:fs/promises'

const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex')
/** More sectors than the directory of any document takes: chains may lead in circles. */
const MAX_SECTORS = 2_000
const ENTRY_BYTES = 128
const MAX_SECTOR = 0xfffffffa

export const isCompound = (head: Buffer): boolean => head.subarray(0, 8).equals(SIGNATURE)

/** A stream or storage. */
export interface CompoundEntry {
	name: string
	/** Where its first sector begins in the file; streams below 4 KB lie elsewhere. */
	position: number
}

/** The directory of a compound file (MS-CFB 2.6), as doc, xls and msg are; an empty list where it is damaged. */
export async function compoundEntries(path: string): Promise<CompoundEntry[]> {
	await using file = await open(path)
	const { size } = await file.stat()
	const read = async (position: number, length: number): Promise<Buffer> => {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
		return buffer.subarray(0, bytesRead)
	}
	const header = await read(0, 512)
	if (header.length < 512) return []
	const shift = header.readUInt16LE(30)
	if (shift !== 9 && shift !== 12) return []
	const sectorBytes = 2 ** shift
	const positionOf = (sector: number) => (sector + 1) * sectorBytes
	const found: CompoundEntry[] = []
	let sector = header.readUInt32LE(48)
	for (let count = 0; count < MAX_SECTORS && sector < MAX_SECTOR && positionOf(sector) < size; count++) {
		const entries = await read(positionOf(sector), sectorBytes)
		for (let at = 0; at + ENTRY_BYTES <= entries.length; at += ENTRY_BYTES) {
			const bytes = Math.min(64, entries.readUInt16LE(at + 64)) - 2
			if (bytes > 0) found.push({ name: entries.toString('utf16le', at, at + bytes), position: positionOf(entries.readUInt32LE(at + 116)) })
		}
		sector = await nextSector(sector)
	}
	return found

	/** By the allocation table, of which the header names the first 109 sectors; a directory beyond those is not followed. */
	async function nextSector(sector: number): Promise<number> {
		const perSector = sectorBytes / 4
		const index = Math.floor(sector / perSector)
		if (index >= 109) return MAX_SECTOR
		const table = header.readUInt32LE(76 + index * 4)
		if (table >= MAX_SECTOR) return MAX_SECTOR
		const entry = await read(positionOf(table) + (sector % perSector) * 4, 4)
		return entry.length === 4 ? entry.readUInt32LE(0) : MAX_SECTOR
	}
}
