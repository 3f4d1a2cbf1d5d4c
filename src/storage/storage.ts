import type { Readable } from 'node:stream'
import type { Part } from '../downloads.ts'

/** Where the bytes of documents live. Keys are ours; nothing of a client's file name is in them. */
export interface Storage {
	/** A path for a file in the making. */
	temporaryPath(): string
	/** Takes over a finished temporary file: what it gives a key for outlives a crash. @returns the key. @throws Unavailable. */
	keep(temporaryPath: string, folder: string): Promise<string>
	/** Removes a temporary file that was not kept; one that was is gone already. */
	removeTemporary(temporaryPath: string): Promise<void>
	/**
	 * The bytes of a key, or some of them. Whoever gets the stream reads it to its end or destroys it.
	 * @throws AppError NOT_FOUND, Unavailable: both before there is a stream.
	 */
	open(key: string, part?: Part): Promise<Readable>
	/** Lets somebody read the bytes of a key as a local file. One that had to be fetched is gone afterwards. @throws as {@link open}. */
	asFile<Result>(key: string, signal: AbortSignal, use: (path: string) => Promise<Result>): Promise<Result>
	/** Removing what is not there is no error. @throws Unavailable. */
	remove(key: string): Promise<void>
	removeFolder(folder: string): Promise<void>
	/**
	 * Takes the place for an installation, for good: another one would take the files for its own orphans.
	 * @throws TakenError, RefusedError.
	 */
	claim(installation: string): Promise<void>
	/** The keys of files that were kept before a time (milliseconds since 1970), in batches. @throws Unavailable. */
	keysBefore(time: number, batchSize: number): AsyncIterable<string[]>
	/** Removes temporary files that were last written before a time. */
	removeTemporariesBefore(time: number): Promise<void>
	/** Null: the files are on this machine's disk. */
	readonly remote: Remote | null
	close(): Promise<void>
}

/** A storage that can be away. */
export interface Remote {
	/** Rejects while it is. */
	ping(signal: AbortSignal): Promise<void>
	/** Calls back whenever it answers again after it did not. */
	onRecovery(listener: () => void): void
}

/** The place holds the files of another installation. */
export class TakenError extends Error {}

/** The place cannot be used as it is configured: a sentence that says why. */
export class RefusedError extends Error {}
