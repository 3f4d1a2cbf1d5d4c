import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { UNLIMITED } from './config.ts'

/** How a server process ended. */
export interface Ending {
	/** Null when a signal ended it. */
	code: number | null
	signal: NodeJS.Signals | null
	/** All that it printed, on both channels. */
	output: string
}

/** A server as a user runs it: a process of its own. */
export interface ServerProcess {
	readonly pid: number
	/** `http://127.0.0.1:<port>` */
	readonly url: string
	/** From its start until it answered `/health/ready` with 200. */
	readonly bootMs: number
	readonly ended: Promise<Ending>
	/** All that it has printed so far, on both channels. */
	output(): string
	/** Sends a signal and waits for the end; after `withinMs` it is killed. */
	end(signal?: NodeJS.Signals, withinMs?: number): Promise<Ending>
}

interface Options {
	/** Its data directory, and its working directory too, so that no `.env` of anybody's is read. It has to be there. */
	directory: string
	environment?: Readonly<Record<string, string>>
}

const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts')
const BOOT_MS = 60_000
const END_MS = 30_000

const living = new Set<ChildProcess>()
process.on('exit', () => {
	for (const child of living) child.kill('SIGKILL')
})

/**
 * Starts a server on a free port, and waits until it is ready.
 * @throws Error with what it printed, when it ends or is not ready in time.
 */
export async function startServer(options: Options): Promise<ServerProcess> {
	const startedAt = performance.now()
	const { child, ended, output } = launch(options)
	const limit = AbortSignal.timeout(BOOT_MS)
	try {
		const url = await Promise.race([greeting(child, output, limit), ended.then(failToStart)])
		const ready = await fetch(`${url}/health/ready`, { signal: limit })
		if (!ready.ok) throw new Error(`not ready: ${ready.status} ${await ready.text()}`)
		return {
			pid: child.pid ?? 0,
			url,
			bootMs: performance.now() - startedAt,
			ended,
			output,
			async end(signal = 'SIGTERM', withinMs = END_MS) {
				child.kill(signal)
				const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
				return ended.finally(() => clearTimeout(timer))
			},
		}
	} catch (error) {
		child.kill('SIGKILL')
		await ended
		throw error
	}
}

/** Runs a server that is expected to end by itself, as one with a wrong configuration does. */
export async function runServer(options: Options): Promise<Ending> {
	const { child, ended } = launch(options)
	const timer = setTimeout(() => child.kill('SIGKILL'), BOOT_MS)
	return ended.finally(() => clearTimeout(timer))
}

/** A process and all that it has started, as long as they are its descendants; empty where there is no /proc. */
export async function familyOf(pid: number): Promise<number[]> {
	const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => null)
	if (children === null) return []
	const below = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(familyOf))
	return [pid, ...below.flat()]
}

/** Whether a process is there and not just waiting to be buried. */
export async function isAlive(pid: number): Promise<boolean> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null)
	return status !== null && !/^State:\s+Z/m.test(status)
}

function launch({ directory, environment }: Options): { child: ChildProcess; ended: Promise<Ending>; output: () => string } {
	const own = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, LOG_LEVEL: 'warn', LOG_FORMAT: 'json', ...UNLIMITED }
	const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], LANG: 'C.UTF-8' }
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8', MAIN], {
		cwd: directory,
		env: { ...inherited, ...own, ...environment },
		stdio: ['ignore', 'pipe', 'pipe'],
	})
	living.add(child)
	let printed = ''
	for (const channel of [child.stdout, child.stderr]) channel?.setEncoding('utf8').on('data', (text: string) => (printed += text))
	const ended = once(child, 'close').then(([code, signal]) => {
		living.delete(child)
		return { code: code as number | null, signal: signal as NodeJS.Signals | null, output: printed }
	})
	return { child, ended, output: () => printed }
}

/** The address that the server prints once it listens. */
async function greeting({ stdout }: ChildProcess, output: () => string, signal: AbortSignal): Promise<string> {
	for (;;) {
		const [, url] = /^(?:GraphQL|Worker) +(http:\/\/[^/\s]+)\//m.exec(output()) ?? []
		if (url) return url
		if (!stdout) throw new Error('no output')
		await once(stdout, 'data', { signal })
	}
}

function failToStart({ code, signal, output }: Ending): never {
	throw new Error(`the server ended with ${code ?? signal}:\n${output}`)
}
