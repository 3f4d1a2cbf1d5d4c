import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/** What a reader of a request gives an `Upload` to stand on. */
interface UploadSource {
	readonly filename: string
	readonly mimeType: string
	readonly requestBytes: number | null
	/** Called once at most. */
	open(): Readable
	/** Called once at most. */
	trailing(): Promise<ReadonlyMap<string, string>>
}

/**
 * A file that a request carries, not yet read: its bytes wait on the wire until `open()`. Whoever refuses the file just doesn't open it;
 * what is left of the body is thrown away after the operation, within limits.
 */
export class Upload {
	readonly #source: UploadSource
	#isOpen = false
	#hash: string | undefined
	#trailing: Promise<ReadonlyMap<string, string>> | undefined

	constructor(source: UploadSource) {
		this.#source = source
	}

	/**
	 * As the client wrote it, without its folders: not yet safe, `''` when it wrote none. Known from the start for the first file of a
	 * request; for a later one (GraphQL only) `''` until its stream has given its first bytes.
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
	 * The text parts that came after the file, by name (the last one of each): await it when the file's stream has ended, before the upload
	 * counts as complete. What is unread of the file is lost. Empty over GraphQL, where all text comes first.
	 * @throws AppError BAD_REQUEST when the body is cut off or malformed there, UNPROCESSABLE when a second file follows.
	 */
	trailing(): Promise<ReadonlyMap<string, string>> {
		this.#trailing ??= this.#source.trailing()
		return this.#trailing
	}
}
