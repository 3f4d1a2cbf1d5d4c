import { constants, copyFile, link, mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

/** Where children find files and leave what they have read. */
export interface WorkFolder {
	inbox: string
	outbox: string
}

const PREFIX = 'anythingllm-api-parsing-'
/** Ids of processes mean something on their own machine only. */
const OWN_PREFIX = `${PREFIX}${hostname().replace(/[^\w.]/g, '_')}-`
/** A machine, or a container, that has laid no file for so long has nothing to lose: it makes its folder again. */
const ABANDONED_MS = 24 * 60 * 60 * 1_000
const made = new Set<string>()

/** A folder of this process, whose id is in the name; those of processes that were killed are removed. */
export async function makeWorkFolder(parent: string): Promise<WorkFolder> {
	await mkdir(parent, { recursive: true })
	await removeLeftovers(parent)
	const folder = await realpath(await mkdtemp(join(parent, `${OWN_PREFIX}${process.pid}-`)))
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
		if (!name.startsWith(PREFIX)) continue
		const folder = join(await realpath(parent), name)
		const isLeft = name.startsWith(OWN_PREFIX)
			? isLeftHere(folder, Number.parseInt(name.slice(OWN_PREFIX.length), 10))
			: await isAbandoned(folder)
		if (isLeft) await rm(folder, { recursive: true, force: true }).catch(() => {}) // another user's
	}
}

/** In a container every server is process 1: a folder of this id that this process did not make is an older one's. */
const isLeftHere = (folder: string, pid: number): boolean => pid > 0 && (pid === process.pid ? !made.has(folder) : !isRunning(pid))

/** Each file that is laid changes the inbox. */
async function isAbandoned(folder: string): Promise<boolean> {
	const state = await stat(join(folder, 'in')).catch(() => stat(folder).catch(() => null))
	return state !== null && Date.now() - state.mtimeMs > ABANDONED_MS
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM'
	}
}
