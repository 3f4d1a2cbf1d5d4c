import { execFile } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { UsageError } from './questions.ts'
import { Run } from './run.ts'

const GIT_MS = 5_000
const MAX_BYTES = 256 * 2 ** 20

/** Makes a name of what a run is called, and of when it was. */
export const nameOf = ({ at, label }: Pick<Run, 'at' | 'label'>): string =>
	`${at.replace(/[:.]/g, '-').replace(/-\d+Z$/, 'Z')}-${slugOf(label)}`

const slugOf = (label: string): string =>
	label
		.replace(/[^\p{L}\p{N}]+/gu, '-')
		.replace(/^-|-$/g, '')
		.slice(0, 60) || 'run'

/** `<name>.json` in a folder that is made where it is missing, and its page beside it. @returns the file without its ending. */
export async function keepRun(folder: string, run: Run, page: string): Promise<string> {
	await mkdir(folder, { recursive: true })
	const base = path.join(folder, nameOf(run))
	await writeFile(`${base}.json`, `${JSON.stringify(run, null, '\t')}\n`)
	await writeFile(`${base}.html`, page)
	return base
}

/** @throws UsageError for what is no run. */
export async function readRun(file: string): Promise<Run> {
	const { size } = await stat(file).catch(() => {
		throw new UsageError(`${file}: there is no such file`)
	})
	if (size > MAX_BYTES) throw new UsageError(`${file}: more than ${MAX_BYTES / 2 ** 20} MiB`)
	const read = Run.safeParse(await json(file))
	if (!read.success) throw new UsageError(`${file}: no run of npm run eval: ${z.prettifyError(read.error).slice(0, 500)}`)
	return read.data
}

async function json(file: string): Promise<unknown> {
	const text = await readFile(file, 'utf8')
	try {
		return JSON.parse(text)
	} catch {
		throw new UsageError(`${file}: no JSON`)
	}
}

/** What is checked out, with `+` where something in it is not committed; null where git cannot tell. */
export async function commit(): Promise<string | null> {
	const git = (...given: string[]) => promisify(execFile)('git', given, { cwd: import.meta.dirname, timeout: GIT_MS })
	try {
		const [head, changes] = await Promise.all([git('rev-parse', '--short=12', 'HEAD'), git('status', '--porcelain')])
		return head.stdout.trim() + (changes.stdout.trim() === '' ? '' : '+')
	} catch {
		return null
	}
}
