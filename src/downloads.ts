import type { Readable } from 'node:stream'

/** Of the bytes of a file: both offsets are of bytes that belong to it. */
export interface Part {
	readonly start: number
	readonly end: number
}

interface DownloadSource {
	/** As a client wrote it. */
	readonly originalName: string
	/** In ASCII. */
	readonly filename: string
	readonly mimeType: string
	/** In bytes. */
	readonly size: number
	/** SHA-256 of the bytes, hexadecimal. */
	readonly hash: string
	/** Of the same bytes, for who has no token: an absolute path. */
	url(): string
	/** Fails before there is a stream when the bytes cannot be had. Whoever gets it reads it to its end or destroys it. */
	open(part?: Part): Promise<Readable>
}

/** A file for a client to have. In JSON it is its URL; REST sends its bytes. */
export class Download {
	readonly source: DownloadSource

	constructor(source: DownloadSource) {
		this.source = source
	}

	toJSON(): string {
		return this.source.url()
	}
}
