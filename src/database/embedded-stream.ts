import { Duplex } from 'node:stream'

/** Sends the bytes of one connection on, and ends it. */
export interface Wire {
	send(bytes: Uint8Array): void
	end(): void
}

const TERMINATE = 0x58

/** What `pg` takes for a socket: PostgreSQL's wire protocol, carried to the worker instead of a network. */
export class EmbeddedStream extends Duplex {
	readonly #wire: Wire

	constructor(wire: Wire) {
		super()
		this.#wire = wire
	}

	deliver(bytes: Uint8Array): void {
		this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
	}

	override _read(): void {}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
		this.#send(chunk)
		done()
	}

	override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
		this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)))
		done()
	}

	#send(bytes: Buffer): void {
		if (bytes[0] === TERMINATE) {
			this.#wire.end()
			this.push(null)
		} else this.#wire.send(new Uint8Array(bytes))
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		this.#wire.end()
		done(error)
	}

	// What `pg` asks of a socket besides.
	setNoDelay(): this {
		return this
	}
	setKeepAlive(): this {
		return this
	}
	ref(): this {
		return this
	}
	unref(): this {
		return this
	}
	connect(): this {
		queueMicrotask(() => this.emit('connect'))
		return this
	}
}
