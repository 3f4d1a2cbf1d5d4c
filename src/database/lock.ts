import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process works on the same data directory. */
export class LockedError extends Error {}

/**
 * Takes a data directory for this process alone, until the returned function is called or the process ends, however it ends:
 * the lock is the operating system's, held through SQLite, so none is left behind by a kill.
 * @throws LockedError naming the process that has it.
 */
export function lockDirectory(directory: string): () => void {
	mkdirSync(directory, { recursive: true })
	const holder = path.join(directory, 'server.pid')
	const lock = new DatabaseSync(path.join(directory, 'lock.db'))
	try {
		lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
	} catch {
		lock.close()
		throw new LockedError(
			`The data directory ${directory} is in use by process ${readHolder(holder)}. Stop it first, or choose another DATA_DIR.`,
		)
	}
	writeFileSync(holder, `${process.pid}\n`)
	return () => lock.close()
}

function readHolder(file: string): string {
	try {
		return readFileSync(file, 'utf8').trim()
	} catch {
		return '(unknown)'
	}
}
