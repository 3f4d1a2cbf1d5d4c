import { randomUUID } from 'node:crypto'
import { link, mkdir, open, opendir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'

/** Where the bytes of documents live. Keys are ours; nothing of a client's file name is in them. */
export interface Storage {
	/** A path for a file in the making. */
	temporaryPath(): string
	/** Takes over a finished temporary file, flushed to the disk. @returns its key. */
	keep(temporaryPath: string, folder: string): Promise<string>
	/** Removes a temporary file that was not kept; one that was is gone already. */
	removeTemporary(temporaryPath: string): Promise<void>
	/** The local file of a key, for a parser to read. */
	localPath(key: string): string
	/** Removing what is not there is no error. */
	remove(key: string): Promise<void>
	removeFolder(folder: string): Promise<void>
	/**
	 * Takes the folder for an installation, for good: another one would take the files for its own orphans.
	 * @throws TakenError
	 */
	claim(installation: string): Promise<void>
	/** The keys of files that were kept before a time (milliseconds since 1970), in batches. */
	keysBefore(time: number, batchSize: number): AsyncIterable<string[]>
	/** Removes temporary files that were last written before a time. */
	removeTemporariesBefore(time: number): Promise<void>
}

/** The folder holds the files of another installation. */
export class TakenError extends Error {}

const OWNER = 'installation.key'

/** Files in `<directory>/files`. */
export async function openStorage(directory: string): Promise<Storage> {
	const location = path.join(directory, 'files')
	const temporary = path.join(directory, 'tmp')
	await Promise.all([mkdir(location, { recursive: true }), mkdir(temporary, { recursive: true })])
	const disk = new Disk(new FSDriver({ location, visibility: 'private' }))

	/** Files below a folder that were changed before a time. */
	async function* filesBefore(folder: string, time: number): AsyncGenerator<string, void, void> {
		for await (const { parentPath, name } of await opendir(folder, { recursive: true })) {
			const file = path.join(parentPath, name)
			const state = await stat(file).catch(() => null)
			if (state?.isFile() && state.ctimeMs < time) yield file
		}
	}

	return {
		temporaryPath: () => path.join(temporary, randomUUID()),
		async keep(temporaryPath, folder) {
			await flush(temporaryPath)
			const key = `${folder}/${randomUUID()}`
			await disk.moveFromFs(temporaryPath, key)
			return key
		},
		removeTemporary: (temporaryPath) => rm(temporaryPath, { force: true }),
		localPath: (key) => path.join(location, key),
		remove: (key) => disk.delete(key),
		removeFolder: (folder) => disk.deleteAll(folder),
		async claim(installation) {
			const file = path.join(directory, OWNER)
			const made = path.join(temporary, randomUUID())
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
		async removeTemporariesBefore(time) {
			for await (const file of filesBefore(temporary, time)) await rm(file, { force: true })
		},
	}
}

async function flush(file: string): Promise<void> {
	const handle = await open(file, 'r+')
	try {
		await handle.datasync()
	} finally {
		await handle.close()
	}
}
