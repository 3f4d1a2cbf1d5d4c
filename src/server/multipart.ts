import { finished, Readable } from 'node:stream'
import createBusboy, { type Busboy } from 'busboy'
import { AppError } from '../errors.ts'
import { MAX_FILES } from '../uploads.ts'
import { DRAIN_LIMITS, type DrainLimits, drain } from './body.ts'

/** Most that one form may hold beside the bytes of its files. */
const LIMITS = { fieldSize: 1024 * 1024, fields: 20, files: MAX_FILES }

/** What comes next in a form: the text parts up to a file, and that file. Without a file, the body has ended. */
export interface Section {
	/** Each name's values in their order. */
	readonly fields: ReadonlyMap<string, readonly string[]>
	readonly file: FilePart | undefined
}

/** A multipart form, read as it arrives and only as fast as its files are read. */
export interface Form {
	/** Content-Length of the request, null when it is chunked. */
	readonly requestBytes: number | null
	/**
	 * Waits for the headers of the next file, or for the end of the body. What is unread of the file before is lost.
	 * @throws AppError BAD_REQUEST when the body is cut off or malformed or has too many parts, PAYLOAD_TOO_LARGE when a text part is too long.
	 */
	next(): Promise<Section>
	/** Ends the reading, whatever is left: called when the request is answered. */
	release(): void
}

export const isMultipart = (contentType: string | null): boolean => /^multipart\/form-data\s*(;|$)/i.test(contentType ?? '')

/** Opens the body of a request whose content type is `multipart/form-data`. @throws AppError BAD_REQUEST when it names no boundary. */
export function openForm(body: Readable, headers: Headers, drainLimits: DrainLimits = DRAIN_LIMITS): Form {
	const parser = parserFor(headers.get('content-type') ?? '')
	const arrived: Section[] = []
	let fields = new Map<string, string[]>()
	let awaited: PromiseWithResolvers<Section> | undefined
	let current: FilePart | undefined
	let failure: AppError | undefined
	let hasEnded = false

	function arrive(file: FilePart | undefined): void {
		arrived.push({ fields, file })
		fields = new Map()
		hasEnded = file === undefined
		settle()
	}

	function fail(error: AppError): void {
		failure ??= error
		body.unpipe(parser)
		parser.destroy(failure)
		settle()
	}

	function settle(): void {
		if (!awaited) return
		const section = arrived.shift()
		if (section) awaited.resolve(section)
		else if (failure) awaited.reject(failure)
		else if (hasEnded) awaited.resolve({ fields: new Map(), file: undefined })
		else return
		awaited = undefined
	}

	const tooMany = (what: keyof typeof LIMITS) => () =>
		fail(new AppError('badValue', { at: 'body', expected: `at most ${LIMITS[what]} ${what}` }))
	parser
		.on('field', (name, value, { valueTruncated }) => {
			if (valueTruncated) fail(new AppError('bodyTooLarge', { maxBytes: LIMITS.fieldSize }))
			else fields.set(name ?? '', [...(fields.get(name ?? '') ?? []), value ?? ''])
		})
		.on('file', (name, stream, { filename, mimeType }) => arrive(new FilePart(name ?? '', filename ?? '', mimeType, stream)))
		.on('fieldsLimit', tooMany('fields'))
		.on('filesLimit', tooMany('files'))
		.on('finish', () => arrive(undefined))
		.on('error', () => fail(new AppError('brokenUpload')))
	finished(body, { writable: false }, (error) => error && fail(new AppError('brokenUpload')))
	body.pipe(parser)

	return {
		requestBytes: headers.has('content-length') ? Number(headers.get('content-length')) : null,
		async next() {
			current?.discard()
			awaited = Promise.withResolvers()
			const { promise } = awaited
			settle()
			const section = await promise
			current = section.file
			return section
		},
		release() {
			fail(new AppError('brokenUpload'))
			drain(body, drainLimits)
		},
	}
}

function parserFor(contentType: string): Busboy {
	try {
		return createBusboy({ headers: { 'content-type': contentType }, defParamCharset: 'utf8', limits: LIMITS })
	} catch {
		throw new AppError('brokenUpload')
	}
}

/** A file in a form, waiting on the wire. */
export class FilePart {
	/** The name of the part, not of the file. */
	readonly name: string
	readonly filename: string
	readonly mimeType: string
	readonly #bytes: Readable
	#opened: Readable | undefined

	constructor(name: string, filename: string, mimeType: string, bytes: Readable) {
		this.name = name
		this.filename = filename
		this.mimeType = mimeType
		this.#bytes = bytes.on('error', ignore).pause()
	}

	/** Copies the bytes into a stream of ours, whose failures are AppErrors. */
	open(into = new FileStream()): Readable {
		this.#opened = into.follow(this.#bytes)
		return this.#opened
	}

	/** Throws away what is unread. */
	discard(): void {
		if (!this.#opened?.readableEnded) this.#opened?.destroy(new AppError('brokenUpload'))
		this.#bytes.resume()
	}
}

/** The bytes of a file, which may begin to come later than the stream is read. */
export class FileStream extends Readable {
	#source: Readable | undefined
	#isAwaited = false
	readonly #take = (chunk: Buffer): void => {
		if (!this.push(chunk)) this.#source?.pause()
	}

	constructor() {
		super()
		this.on('error', ignore) // whoever reads sees it; nobody may be reading any more
	}

	/** Gives what `source`, which is paused, gives, as fast as it is read. */
	follow(source: Readable): this {
		this.#source = source.on('data', this.#take)
		finished(source, { writable: false }, (error) => {
			if (this.destroyed) return
			if (error) this.destroy(error instanceof AppError ? error : new AppError('brokenUpload'))
			else this.push(null)
		})
		if (this.#isAwaited) source.resume()
		return this
	}

	override _read(): void {
		this.#isAwaited = true
		this.#source?.resume()
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		this.#source?.off('data', this.#take).pause()
		done(error)
	}
}

const ignore = (): void => {}
