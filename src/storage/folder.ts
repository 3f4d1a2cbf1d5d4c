import { randomUUID } from 'node:crypto'
import { copyFile, link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { AppError } from '../errors.ts'
import { type Storage, TakenError } from './storage.ts'
import { filesBefore, openTemporary } from './temporary.ts'

const OWNER = 'installation.key'

/** Files in `<directory>/files`. */
export async function openFolder(directory: string): Promise<Storage> {
	const location = path.join(directory, 'files')
	await mkdir(location, { recursive: true })
	const temporary = await openTemporary(path.join(directory, 'tmp'))
	const disk = new Disk(new FSDriver({ location, visibility: 'private' }))

	return {
		...temporary,
		async keep(temporaryPath, folder) {
			await flush(temporaryPath)
			const [parent, key] = [path.join(location, folder), `${folder}/${randomUUID()}`]
			if (await mkdir(parent, { recursive: true })) await flush(location)
			await moved(temporaryPath, path.join(location, key))
			await flush(parent)
			return key
		},
		async open(key, part) {
			const file = await open(path.join(location, key)).catch(missing)
			return file.createReadStream({ ...part, highWaterMark: 262_144 })
		},
		asFile: (key, _signal, use) => use(path.join(location, key)),
		remove: (key) => disk.delete(key),
		removeFolder: (folder) => disk.deleteAll(folder),
		async claim(installation) {
			const file = path.join(directory, OWNER)
			const made = temporary.temporaryPath()
			await writeFile(made, installation)
			await link(made, file).catch((error: NodeJS.ErrnoException) => {
				if (error.code !== 'EEXIST') throw error
			})
			await rm(made)
			const isMine = (await readFile(file, 'utf8')) === installation
			if (!isMine) throw new TakenError(`${directory} holds the files of another database`)
		},
		async *keysBefore(time, batchSize) {
			let batch: string[] = []
			for await (const file of filesBefore(location, time)) {
				if (batch.push(path.relative(location, file).replaceAll(path.sep, '/')) < batchSize) continue
				yield batch
				batch = []
			}
			if (batch.length > 0) yield batch
		},
		remote: null,
		close: async () => undefined,
	}
}

/** A rename, as nothing else is whole or not there at all. Where somebody has mounted the folder by itself, a copy. */
async function moved(from: string, to: string): Promise<void> {
	try {
		await rename(from, to)
	} catch (error) {
		if (codeOf(error) !== 'EXDEV') throw error
		await copyFile(from, to)
		await flush(to)
		await rm(from)
	}
}

/** To the disk: the bytes of a file, the names in a folder. */
async function flush(place: string): Promise<void> {
	const handle = await open(place)
	try {
		await handle.sync()
	} finally {
		await handle.close()
	}
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

function missing(error: unknown): never {
	throw codeOf(error) === 'ENOENT' ? new AppError('fileMissing') : error
}
