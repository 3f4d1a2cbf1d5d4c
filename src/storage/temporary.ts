import { randomUUID } from 'node:crypto'
import { mkdir, opendir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Storage } from './storage.ts'

/** Files in the making, in a folder of this machine. */
export type Temporary = Pick<Storage, 'temporaryPath' | 'removeTemporary' | 'removeTemporariesBefore'>

export async function openTemporary(folder: string): Promise<Temporary> {
	await mkdir(folder, { recursive: true })
	return {
		temporaryPath: () => path.join(folder, randomUUID()),
		removeTemporary: (temporaryPath) => rm(temporaryPath, { force: true }),
		async removeTemporariesBefore(time) {
			for await (const file of filesBefore(folder, time)) await rm(file, { force: true })
		},
	}
}

/** Files below a folder that were changed before a time (milliseconds since 1970). */
export async function* filesBefore(folder: string, time: number): AsyncGenerator<string, void, void> {
	for await (const { parentPath, name } of await opendir(folder, { recursive: true })) {
		const file = path.join(parentPath, name)
		const state = await stat(file).catch(() => null)
		if (state?.isFile() && state.ctimeMs < time) yield file
	}
}
