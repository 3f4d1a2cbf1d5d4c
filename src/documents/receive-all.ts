import { type AppError, knownError } from '../errors.ts'
import type { Spend } from '../limits/limits.ts'
import type { Storage } from '../storage/storage.ts'
import { MAX_FILES, type Upload } from '../uploads.ts'
import { type Received, receive } from './receive.ts'

/** One file of a request: on the disk, or why it is not. */
export type Arrival = { upload: Upload; received: Received } | { upload: Upload | undefined; error: AppError }

interface Arrivals {
	/** In the order of the request. One without an upload says why the request ended before its end. */
	readonly arrivals: readonly Arrival[]
	/** The texts that came after files, by name. */
	readonly texts: ReadonlyMap<string, string>
}

interface Options {
	storage: Pick<Storage, 'temporaryPath' | 'removeTemporary'>
	maxBytes: number
	/** Of each file but the first, which the call counts for. */
	spend: Spend
}

/**
 * Streams the files of a request to temporary places, which are the caller's to remove, one after the other: the listed ones and, behind each, what
 * a form still holds. One that is refused is passed over; where the body breaks, what came before stays.
 * @throws AppError when there is only one file, and the form breaks behind it.
 */
export async function receiveAll(files: readonly Upload[], { storage, maxBytes, spend }: Options): Promise<Arrivals> {
	const arrivals: Arrival[] = []
	const texts = new Map<string, string>()

	async function arrivalOf(upload: Upload): Promise<Arrival> {
		try {
			await upload.arrive()
			if (arrivals.length > 0) await spend('upload')
			return { upload, received: await receive(upload, storage.temporaryPath(), maxBytes, MAX_FILES) }
		} catch (error) {
			return { upload, error: asKnown(error) }
		}
	}

	async function nextOf(upload: Upload): Promise<Upload | undefined> {
		try {
			const behind = await upload.behind()
			for (const [name, text] of behind.texts) texts.set(name, text)
			return behind.next
		} catch (error) {
			const known = asKnown(error)
			const last = arrivals.at(-1)
			if (arrivals.length === 1 && last && 'received' in last) throw known
			if (!isBroken(last)) arrivals.push({ upload: undefined, error: known })
			return undefined
		}
	}

	try {
		for (const file of files) {
			for (let next: Upload | undefined = file; next; next = await nextOf(next)) arrivals.push(await arrivalOf(next))
		}
		return { arrivals, texts }
	} catch (error) {
		await removeAll(arrivals, storage)
		throw error
	}
}

/** Removes what has not been kept. */
export async function removeAll(arrivals: readonly Arrival[], storage: Options['storage']): Promise<void> {
	for (const arrival of arrivals) if ('received' in arrival) await storage.removeTemporary(arrival.received.path)
}

const isBroken = (arrival: Arrival | undefined): boolean => !!arrival && 'error' in arrival && arrival.error.problem === 'brokenUpload'

/** @throws what nobody expected. */
function asKnown(error: unknown): AppError {
	const known = knownError(error)
	if (!known) throw error
	return known
}
