import { lstat, opendir, statfs } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../errors.ts'

/** In bytes. */
export interface StorageUse {
	/** By files of the data directory, what is embedded is among them, and by what is kept elsewhere. */
	used: number
	/** To this process, on that disk. */
	available: number
}

/** A figure is given again for so long, and for ten times as long as it took to measure. */
const FRESH_MS = 5_000
const FRESH_SHARE = 10
/** Whoever asks waits so long for a new figure when there is an old one, and for the first. */
const [PATIENCE_MS, FIRST_MS] = [500, 20_000]
/** Files looked at at once. */
const MAX_AT_ONCE = 16

export interface StorageMeter {
	/** As measured moments ago; one measuring at a time, however many ask. @throws AppError UNAVAILABLE while the first takes too long. */
	read(): Promise<StorageUse>
	/** Measuring ends. */
	stop(): Promise<void>
}

/** Measures what a data directory takes. `elsewhere`: the bytes of what is kept in another place. */
export function createStorageMeter(directory: string, elsewhere: () => Promise<number> = async () => 0): StorageMeter {
	const stopping = new AbortController()
	let last: { use: StorageUse; freshUntil: number } | undefined
	let measuring: Promise<StorageUse> | undefined

	async function measure(): Promise<StorageUse> {
		const startedAt = performance.now()
		const [used, other, disk] = await Promise.all([sizeOf(directory, stopping.signal), elsewhere(), statfs(directory)])
		const use = { used: used + other, available: disk.bavail * disk.bsize }
		const now = performance.now()
		last = { use, freshUntil: now + Math.max(FRESH_MS, FRESH_SHARE * (now - startedAt)) }
		return use
	}

	function begin(): Promise<StorageUse> {
		const mine = measure().finally(() => {
			measuring = undefined
		})
		mine.catch(() => undefined) // whoever asks hears of it
		return mine
	}

	return {
		async read() {
			if (last && performance.now() < last.freshUntil) return last.use
			measuring ??= begin()
			const use = await within(measuring, last ? PATIENCE_MS : FIRST_MS)
			if (use ?? last) return use ?? (last?.use as StorageUse)
			throw new AppError('unavailable', { part: 'storage' })
		},
		async stop() {
			stopping.abort()
			await measuring?.catch(() => undefined)
		},
	}
}

/** Bytes of all files below; what goes away meanwhile counts nothing, links are not followed. */
async function sizeOf(directory: string, signal: AbortSignal): Promise<number> {
	let bytes = 0
	const folders = [directory]
	for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
		let files: string[] = []
		const add = async () => {
			const sizes = await Promise.all(files.map((file) => unlessGone(lstat(file).then(({ size }) => size))))
			bytes += sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
			files = []
		}
		for await (const entry of (await unlessGone(opendir(folder))) ?? []) {
			signal.throwIfAborted()
			const name = path.join(folder, entry.name)
			if (entry.isDirectory()) folders.push(name)
			else files.push(name)
			if (files.length >= MAX_AT_ONCE) await add()
		}
		await add()
	}
	return bytes
}

async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
	try {
		return await work
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
		throw error
	}
}

/** Undefined when it takes longer. */
async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
	const late = Promise.withResolvers<undefined>()
	const timer = setTimeout(() => late.resolve(undefined), timeoutMs)
	return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}

/** `1.2GB`; below one, `850.3MB`: of 10^9 and 10^6 bytes. */
export function sizeInWords(bytes: number): string {
	const megabytes = (bytes / 1e6).toFixed(1)
	return Number(megabytes) < 1_000 ? `${megabytes}MB` : `${(bytes / 1e9).toFixed(1)}GB`
}
