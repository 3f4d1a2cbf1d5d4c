import type { Readable } from 'node:stream'

/** What a reader of a request gives an `Upload` to stand on. */
export interface UploadSource {
	/** As the client wrote it, without its folders: not yet safe, `''` when it wrote none. */
	readonly filename: string
	/** As the client claims, in lower case; `application/octet-stream` when it claims nothing. */
	readonly mimeType: string
	/** Content-Length of the whole request: an upper bound of the file's size. Null when the request is chunked. */
	readonly requestBytes: number | null
	/** Called once at most. */
	open(): Readable
	trailing(): Promise<ReadonlyMap<string, string>>
}

/**
 * A file that a request carries, not yet read: its bytes wait on the wire until `open()`. Whoever refuses the file just doesn't open it;
 * what is left of the body is thrown away after the operation, within limits.
 */
export class Upload {
	readonly filename: string
	readonly mimeType: string
	readonly requestBytes: number | null
	readonly #source: UploadSource
	#isOpen = false

	constructor(source: UploadSource) {
		this.filename = source.filename
		this.mimeType = source.mimeType
		this.requestBytes = source.requestBytes
		this.#source = source
	}

	/**
	 * The bytes, once: a second call throws. Holds back pressure. Ends with an error, AppError BAD_REQUEST (`brokenUpload`), when the body is
	 * cut off or malformed before the end of the file.
	 */
	open(): Readable {
		if (this.#isOpen) throw new Error('an upload can be read once')
		this.#isOpen = true
		return this.#source.open()
	}

	/**
	 * The text parts that came after the file, by name: await it when the file's stream has ended, before the upload counts as complete.
	 * Resolves at the end of the whole body.
	 * @throws AppError BAD_REQUEST when the body is cut off or malformed there, UNPROCESSABLE when a second file follows.
	 */
	trailing(): Promise<ReadonlyMap<string, string>> {
		return this.#source.trailing()
	}
}
