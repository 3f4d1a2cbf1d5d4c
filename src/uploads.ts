import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { AppError } from './errors.ts'

/** Most files of one request. */
export const MAX_FILES = 20

/** What a reader of a request gives an `Upload` to stand on. */
interface UploadSource {
	readonly filename: string
	readonly mimeType: string
	readonly requestBytes: number | null
	/** Called once at most. */
	open(): Readable
	/** Waits for its headers, where they may not be there yet: then the name and the type are known. */
	arrive?(): Promise<unknown>
	/** Called once at most. */
	behind(): Promise<Behind>
}

/** What a form holds behind one of its files. */
interface Behind {
	/** The text parts up to the next file, by name (the last one of each). */
	readonly texts: ReadonlyMap<string, string>
	/** Undefined when there is none. */
	readonly next: Upload | undefined
}

/**
 * A file that a request carries, not yet read: its bytes wait on the wire until `open()`. Whoever refuses the file just doesn't open it;
 * what is left of the body is thrown away after the operation, within limits.
 */
export class Upload {
	readonly #source: UploadSource
	#isOpen = false
	#hash: string | undefined
	#behind: Promise<Behind> | undefined

	constructor(source: UploadSource) {
		this.#source = source
	}

	/**
	 * As the client wrote it, without its folders: not yet safe, `''` when it wrote none. Known from the start for the first file of a
	 * request; for a later one of GraphQL `''` until it has arrived.
	 */
	get filename(): string {
		return this.#source.filename
	}

	/** As the client claims, in lower case; known when `filename` is. */
	get mimeType(): string {
		return this.#source.mimeType
	}

	/** Content-Length of the whole request, an upper bound of the file's size. Null when the request is chunked. */
	get requestBytes(): number | null {
		return this.#source.requestBytes
	}

	/** Waits for its headers. What is unread of files before it is lost. @throws AppError BAD_REQUEST when the body ends or breaks before. */
	async arrive(): Promise<void> {
		await this.#source.arrive?.()
	}

	/**
	 * The bytes, once: a second call throws. Holds back pressure. Fails with AppError BAD_REQUEST (`brokenUpload`) when the body is cut off
	 * or malformed before the end of the file. Read it with `pipeline` or `for await`, which see that failure.
	 */
	open(): Readable {
		if (this.#isOpen) throw new Error('an upload can be read once')
		this.#isOpen = true
		return this.#source.open()
	}

	/** The bytes of {@link open}, hashed as they pass. */
	async *read(): AsyncGenerator<Buffer, void, void> {
		const hash = createHash('sha256')
		for await (const piece of this.open() as AsyncIterable<Buffer>) {
			hash.update(piece)
			yield piece
		}
		this.#hash = hash.digest('hex')
	}

	/** SHA-256 of the bytes, hexadecimal. @throws Error unless {@link read} has come to their end. */
	get hash(): string {
		if (this.#hash === undefined) throw new Error('an upload has a hash when it was read')
		return this.#hash
	}

	/**
	 * What comes after the file: await it when the file's stream has ended, before the upload counts as complete. What is unread of the file is
	 * lost. Nothing over GraphQL, where all text comes first and the variables name the files.
	 * @throws AppError BAD_REQUEST when the body is cut off or malformed there, or has too many files.
	 */
	behind(): Promise<Behind> {
		this.#behind ??= this.#source.behind()
		return this.#behind
	}

	/** The texts {@link behind} the only file. @throws AppError as that does, UNPROCESSABLE when a second file follows. */
	async trailing(): Promise<Behind['texts']> {
		const { texts, next } = await this.behind()
		if (next) throw new AppError('oneFileOnly')
		return texts
	}
}
