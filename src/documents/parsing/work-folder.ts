import { constants, copyFile, link, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

/** Where children find files and leave what they have read. */
export interface WorkFolder {
	inbox: string
	outbox: string
}

/** Ids of processes mean something on their own machine only. */
const PREFIX = `anythingllm-api-parsing-${hostname().replace(/[^\w.]/g, '_')}-`
const made = new Set<string>()

/** A folder of this process, whose id is in the name; those of processes that were killed are removed. */
export async function makeWorkFolder(parent: string): Promise<WorkFolder> {
	await removeLeftovers(parent)
	const folder = await realpath(await mkdtemp(join(parent, `${PREFIX}${process.pid}-`)))
	made.add(folder)
	return { inbox: join(folder, 'in'), outbox: join(folder, 'out') }
}

export async function removeWorkFolder({ inbox }: WorkFolder): Promise<void> {
	await rm(dirname(inbox), { recursive: true, force: true })
	made.delete(dirname(inbox))
}

/** Puts a file into the inbox: a link where both lie on one disk, else a copy. */
export async function lay({ inbox, outbox }: WorkFolder, path: string, name: string): Promise<string> {
	// systems clean their temporary folders up: they may be gone by now
	for (const folder of [inbox, outbox]) await mkdir(folder, { recursive: true, mode: 0o700 })
	const place = join(inbox, name)
	await link(path, place).catch(() => copyFile(path, place, constants.COPYFILE_FICLONE))
	return place
}

async function removeLeftovers(parent: string): Promise<void> {
	for (const name of await readdir(parent)) {
		const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN
		const folder = join(await realpath(parent), name)
		// in a container every server is process 1: a folder of this id that this process did not make is an older one's
		const isLeft = pid > 0 && (pid === process.pid ? !made.has(folder) : !isRunning(pid))
		if (isLeft) await rm(folder, { recursive: true, force: true }).catch(() => {}) // another user's
	}
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM'
	}
}
