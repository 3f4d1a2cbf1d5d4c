import { open } from 'node:fs/promises'
import { posix } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { AppError } from '../../errors.ts'
import { decode } from './encoding.ts'
import type { Parent } from './html-nodes.ts'
import { attribute, descendants, parseXml } from './xml.ts'
import { refuseBomb } from './zip.ts'

/** More than any part of text has; pictures and films are not read. */
const MAX_PART_BYTES = 100_000_000

/** The parts of a document that is a zip: Office Open XML, OpenDocument, EPUB. */
export class Package {
	readonly #zip: ZipFile
	readonly #entries: Map<string, Entry>

	private constructor(zip: ZipFile, entries: Map<string, Entry>) {
		this.#zip = zip
		this.#entries = entries
	}

	/** @throws AppError parseBomb, parsePassword */
	static async open(path: string): Promise<Package> {
		if (await isCompound(path)) throw new AppError('parsePassword')
		await refuseBomb(path)
		const zip = await openPromise(path, { lazyEntries: true, autoClose: false })
		const entries = new Map<string, Entry>()
		for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
		return new Package(zip, entries)
	}

	/** Null where there is no such part. @throws AppError parsePassword, parseMemory */
	async text(name: string): Promise<string | null> {
		const entry = this.#entries.get(name)
		if (!entry) return null
		if (entry.isEncrypted()) throw new AppError('parsePassword')
		if (entry.uncompressedSize > MAX_PART_BYTES) throw new AppError('parseMemory')
		return decode(await buffer(await this.#zip.openReadStreamPromise(entry)))
	}

	async xml(name: string): Promise<Parent | null> {
		const text = await this.text(name)
		return text === null ? null : parseXml(text)
	}

	/** The parts that an Office Open XML part refers to, by the id of the relationship; those outside of the file are left out. */
	async relationships(name: string): Promise<Map<string, Relationship>> {
		const { dir, base } = posix.parse(name)
		const xml = await this.xml(posix.join(dir, '_rels', `${base}.rels`))
		const found = new Map<string, Relationship>()
		for (const element of descendants(xml, 'Relationship')) {
			const { Id = '', Type = '', Target = '', TargetMode } = element.attribs
			const part = Target.startsWith('/') ? Target.slice(1) : posix.join(dir, Target)
			if (TargetMode !== 'External') found.set(Id, { type: posix.basename(Type), part })
		}
		return found
	}

	[Symbol.dispose](): void {
		this.#zip.close()
	}
}

export interface Relationship {
	/** The last word of its type, as `slide`. */
	type: string
	part: string
}

/** The part that an element refers to by `r:id`. */
export const partOf = (element: Parameters<typeof attribute>[0], relationships: Map<string, Relationship>): string | undefined =>
	relationships.get(attribute(element, 'r:id') ?? attribute(element, 'r:embed') ?? '')?.part

/** An Office file with a password is an encrypted package in a compound file, no zip. */
async function isCompound(path: string): Promise<boolean> {
	await using file = await open(path)
	const { buffer: head, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
	return bytesRead === 8 && head.equals(COMPOUND)
}

const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex')
