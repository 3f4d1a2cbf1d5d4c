import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import type { Job, Reply } from './job.ts'

const SCRIPT = fileURLToPath(new URL('./child.ts', import.meta.url))
const HEAP_MB = 512
const MAX_STDERR = 10_000

export interface ChildOptions {
	/** What it may read beside its program: where the files are laid. */
	inbox: string
	/** Where it may write. */
	outbox: string
	maxMemoryBytes: number
}

/** A child process that reads one file at a time, until it is ended or dies. It gets nothing of the server's environment: no secret is in reach. */
export class ParsingChild {
	/** How many files it has read. */
	files = 0
	/** Its resident memory after the last of them. */
	rss = 0
	readonly #process: ChildProcess
	#stderr = ''
	#ended = false
	#settle: { resolve: (reply: Reply) => void; reject: (reason: unknown) => void } | null = null
	#reason: unknown = null
	readonly closed: Promise<void>

	constructor(options: ChildOptions) {
		const [command = '', ...rest] = commandOf(options)
		this.#process = spawn(command, rest, {
			cwd: dirname(SCRIPT),
			env: {},
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		})
		this.#process.stderr?.on('data', (data: Buffer) => {
			this.#stderr = (this.#stderr + data.toString('latin1')).slice(-MAX_STDERR)
		})
		this.#process.on('message', (reply: Reply) => this.#answered(reply))
		const { promise, resolve } = Promise.withResolvers<void>()
		this.closed = promise
		this.#process.once('error', (error) => this.#close(error, resolve))
		this.#process.once('close', () => this.#close(null, resolve))
	}

	get isAlive(): boolean {
		return !this.#ended
	}

	/** @throws AppError parseMemory, parseCrash, or the reason that it was ended with. */
	async read(job: Job): Promise<Reply> {
		const { promise, resolve, reject } = Promise.withResolvers<Reply>()
		this.#settle = { resolve, reject }
		if (this.#ended) reject(new AppError('parseCrash'))
		else this.#process.send(job, () => {})
		return promise
	}

	/** Kills it; what it reads fails with `reason`. */
	end(reason: unknown): void {
		this.#reason ??= reason
		this.#ended = true
		this.#process.kill('SIGKILL')
	}

	#answered(reply: Reply): void {
		this.files++
		this.rss = reply.rss
		this.#settle?.resolve(reply)
		this.#settle = null
	}

	#close(error: Error | null, closed: () => void): void {
		this.#ended = true
		this.#settle?.reject(error ?? this.#reason ?? new AppError(/memory/i.test(this.#stderr) ? 'parseMemory' : 'parseCrash'))
		this.#settle = null
		closed()
	}
}

/** What runs the child; or, for a test that wants to know what it cannot do, another script in its place. */
export function commandOf({ inbox, outbox, maxMemoryBytes }: ChildOptions, script = SCRIPT): string[] {
	const node = [
		process.execPath,
		...OPTIONS,
		...permissions([`${inbox}${sep}`, `${outbox}${sep}`], `${outbox}${sep}`),
		script,
		String(process.pid),
		String(maxMemoryBytes),
	]
	return limited(node, maxMemoryBytes + SPARE_BYTES)
}

const OPTIONS = ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${HEAP_MB}`]

/** What a child has writable and does not use. */
const SPARE_BYTES = 1.5 * 1024 ** 3

/**
 * Behind a limit of what it can write to, which holds even between two looks of the watchdog; on Linux, where WASM's reservations, gigabytes of
 * addresses, do not count (RLIMIT_DATA, setrlimit(2)).
 */
const limited = (command: string[], maxBytes: number): string[] =>
	process.platform === 'linux' ? ['/bin/sh', '-c', 'ulimit -d "$0"; exec "$@"', String(Math.ceil(maxBytes / 1024)), ...command] : command

/** Node's permission model: no processes, no native add-ons; it reads its program and what is given to it, and writes to one folder. */
const permissions = (readable: string[], writable: string): string[] => [
	'--permission',
	'--allow-worker',
	...[...PROGRAM, ...readable].map((path) => `--allow-fs-read=${path}`),
	`--allow-fs-write=${writable}`,
]

/** The sources, the packages and the file that names the kind of modules; `.env` and data beside them stay out of reach. */
const ROOT = resolve(dirname(SCRIPT), '../../..')
const PROGRAM = [`${ROOT}${sep}src${sep}`, `${ROOT}${sep}package.json`, ...modulesAbove(ROOT)]

/** Packages may lie above, where this one is installed as one of them, or elsewhere, behind a link. */
function modulesAbove(folder: string): string[] {
	const places: string[] = []
	for (let at = folder; ; at = dirname(at)) {
		const place = resolve(at, 'node_modules')
		places.push(place)
		if (existsSync(place)) places.push(realpathSync(place))
		if (dirname(at) === at) return [...new Set(places)].map((path) => `${path}${sep}`)
	}
}
