import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { S3Driver } from 'flydrive/drivers/s3'
import type { Part } from '../../downloads.ts'
import { AppError, Unavailable } from '../../errors.ts'
import { RefusedError, type Storage, TakenError } from '../storage.ts'
import { openTemporary } from '../temporary.ts'
import { asError, connect, isMissing } from './connection.ts'
import type { S3Place } from './place.ts'

/** Of a call that moves no file, and of a silence in one that does. */
const CALL_MS = 10_000
const SILENCE_MS = 15_000
/** A folder is emptied in batches of 1,000 files. */
const FOLDER_MS = 300_000
/** How long a start waits. */
const START_MS = 5_000
/** Clocks of a store and of those who use it differ. */
const SKEW_MS = 15 * 60_000

interface Options {
	/** Of temporary files. */
	directory: string
	place: S3Place
	report(problem: string): void
}

/** Files in a bucket, below `files/`; a parser reads copies of them. */
export async function openS3({ directory, place, report }: Options): Promise<Storage> {
	const { bucket: Bucket, prefix } = place
	const [files, OWNER] = [`${prefix}files/`, `${prefix}installation.key`]
	const temporary = await openTemporary(path.join(directory, 'tmp'))
	const probe = (client: S3Client, abortSignal: AbortSignal) =>
		client.send(new HeadObjectCommand({ Bucket, Key: OWNER }), { abortSignal }).catch((error: unknown) => {
			if (!isMissing(error)) throw error
		})
	const connection = connect({ client: clientOf(place), probe, report })
	let installation: string | undefined
	let claiming: Promise<void> | undefined

	/** flydrive knows no signals: its client for one call does. */
	const driver = (limitMs: number, use: (disk: S3Driver, touch: () => void) => Promise<void>): Promise<void> =>
		connection.call(limitMs, (client, { signal, touch }) => {
			const send = (command: never) => client.send(command, { abortSignal: signal })
			const limited = { config: client.config, send } as S3Client
			return use(new S3Driver({ client: limited, bucket: Bucket, visibility: 'private', supportsACL: false }), touch)
		})

	const read = (Key: string, Range?: string): Promise<Readable> =>
		connection.call(CALL_MS, async (client, { signal }) => {
			const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...(Range && { Range }) }), { abortSignal: signal })
			if (!(Body instanceof Readable)) throw new Error('an answer without a body')
			return Body
		})

	/** Before anything is changed: a start does not wait for a storage that is away. */
	function claimed(): Promise<void> {
		claiming ??= claim().catch((error: unknown) => {
			claiming = undefined
			throw error instanceof TakenError ? connection.unavailable(error) : error
		})
		return claiming
	}

	async function claim(): Promise<void> {
		const mine = installation
		if (mine === undefined) throw new Error('the storage belongs to nobody')
		const owner = () => read(OWNER).then(text, (error: unknown) => unlessMissing(error))
		if ((await owner()) === null) await driver(CALL_MS, (disk) => disk.put(OWNER, mine, { IfNoneMatch: '*' }).catch(unlessThere))
		if ((await owner()) !== mine) throw new TakenError(`s3://${Bucket}/${prefix} holds the files of another database`)
	}

	async function put(temporaryPath: string, key: string): Promise<void> {
		const { size } = await stat(temporaryPath)
		await driver(SILENCE_MS, async (disk, touch) => {
			const send = () =>
				disk.putStream(files + key, Readable.from(passing(createReadStream(temporaryPath), touch)), { contentLength: size })
			await send().catch((error: unknown) => {
				if (!isBroken(error)) throw error
				return send()
			})
		})
	}

	async function openKey(key: string, part?: Part): Promise<Readable> {
		const body = await read(files + key, part && `bytes=${part.start}-${part.end}`)
		return Readable.from(impatient(body, SILENCE_MS, connection.unavailable), { objectMode: false })
	}

	return {
		...temporary,
		async keep(temporaryPath, folder) {
			await claimed()
			const key = `${folder}/${randomUUID()}`
			await put(temporaryPath, key)
			await temporary.removeTemporary(temporaryPath)
			return key
		},
		open: openKey,
		async asFile(key, signal, use) {
			const bytes = await openKey(key)
			const copy = temporary.temporaryPath()
			try {
				await pipeline(bytes, createWriteStream(copy, { flags: 'wx', mode: 0o600 }), { signal })
				return await use(copy)
			} finally {
				await temporary.removeTemporary(copy)
			}
		},
		async remove(key) {
			await claimed()
			await driver(CALL_MS, (disk) => disk.delete(files + key))
		},
		async removeFolder(folder) {
			await claimed()
			await driver(FOLDER_MS, (disk) => disk.deleteAll(`${files}${folder}/`)) // not through a Disk, which cuts the slash off: 1 would empty 10 too
		},
		async claim(name) {
			installation = name
			const late = new Promise<void>((resolve) => setTimeout(resolve, START_MS).unref())
			await Promise.race([claim(), late]).catch((error: unknown) => {
				if (!(error instanceof Unavailable)) throw error
				const { cause } = error
				if (isRefusal(cause)) throw new RefusedError(`${(cause as Error).name}: ${(cause as Error).message}`)
			})
		},
		async *keysBefore(time, batchSize) {
			await claimed()
			let token: string | undefined
			do {
				const page = await connection.call(CALL_MS, (client, { signal }) =>
					client.send(new ListObjectsV2Command({ Bucket, Prefix: files, MaxKeys: batchSize, ...(token && { ContinuationToken: token }) }), {
						abortSignal: signal,
					}),
				)
				const old = (page.Contents ?? []).filter(({ LastModified }) => LastModified && LastModified.getTime() < time - SKEW_MS)
				const keys = old.flatMap(({ Key }) => (Key ? [Key.slice(files.length)] : []))
				if (keys.length > 0) yield keys
				token = page.NextContinuationToken
			} while (token)
		},
		remote: {
			ping: (signal) => connection.call(CALL_MS, async (client) => void (await probe(client, signal))),
			onRecovery: connection.onRecovery,
		},
		close: connection.close,
	}
}

/** The SDK would write to the console what it throws as well. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

function clientOf({ region, endpoint, isPathStyle, credentials }: S3Place): S3Client {
	return new S3Client({
		...(region !== undefined && { region }),
		...(endpoint !== undefined && { endpoint }),
		...(credentials && { credentials }),
		forcePathStyle: isPathStyle,
		requestHandler: { connectionTimeout: 3_000 },
		requestChecksumCalculation: 'WHEN_REQUIRED', // others than AWS do not know the newer checksums
		responseChecksumValidation: 'WHEN_REQUIRED',
		logger: SILENT,
	})
}

const text = async (bytes: Readable): Promise<string> => Buffer.concat(await bytes.toArray()).toString()

function unlessMissing(error: unknown): null {
	if (error instanceof AppError && error.problem === 'fileMissing') return null
	throw error
}

/** Somebody was faster. */
function unlessThere(error: unknown): void {
	if (!(error instanceof S3ServiceException) || ![409, 412].includes(error.$metadata.httpStatusCode ?? 0)) throw error
}

/** It answers, and will not do it however often it is asked; or nobody said who asks, and where. */
function isRefusal(cause: unknown): boolean {
	if (cause instanceof S3ServiceException) {
		const status = cause.$metadata.httpStatusCode ?? 0
		return status >= 300 && status < 500 && status !== 408 && status !== 429
	}
	return cause instanceof Error && (cause.name === 'CredentialsProviderError' || cause.message === 'Region is missing')
}

/** A connection that was kept open may have been closed by the other side. */
const isBroken = (error: unknown): boolean => error instanceof Error && 'code' in error && /^(ECONNRESET|EPIPE)$/.test(String(error.code))

async function* passing(bytes: Readable, touch: () => void): AsyncGenerator<Buffer, void, void> {
	for await (const piece of bytes as AsyncIterable<Buffer>) {
		touch()
		yield piece
	}
}

/** What a body gives, while nobody who reads it waits longer than so long for the next piece. */
async function* impatient(body: Readable, silenceMs: number, failure: (cause: Error) => Unavailable): AsyncGenerator<Buffer, void, void> {
	const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer, void>
	const next = async () => {
		const timer = setTimeout(() => body.destroy(new Error(`no bytes for ${silenceMs} ms`)), silenceMs)
		try {
			return await pieces.next()
		} catch (error) {
			throw failure(asError(error))
		} finally {
			clearTimeout(timer)
		}
	}
	try {
		for (let step = await next(); !step.done; step = await next()) yield step.value
	} finally {
		body.destroy()
	}
}
