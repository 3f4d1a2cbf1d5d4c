import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import type { Job, Reply } from './job.ts'

const SCRIPT = fileURLToPath(new URL('./child.ts', import.meta.url))
const HEAP_MB = 512
const MAX_STDERR = 10_000

export interface ChildOptions {
	/** Where it may write. */
	folder: string
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

	constructor({ folder, maxMemoryBytes }: ChildOptions) {
		this.#process = fork(SCRIPT, [String(process.pid), String(maxMemoryBytes)], {
			cwd: folder,
			env: {},
			execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${HEAP_MB}`, ...restrictions(folder)],
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

/** Node's permission model: no processes, no native add-ons, no writing outside of its folder. */
const restrictions = (folder: string): string[] => ['--permission', '--allow-fs-read=*', `--allow-fs-write=${folder}`, '--allow-worker']
