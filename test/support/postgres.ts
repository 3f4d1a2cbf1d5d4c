import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { familyOf } from './process.ts'

/** A PostgreSQL of a test's own, to be mistreated. Its data outlive the process, until `end`. */
export interface PostgresServer {
	/** Of its superuser, with the password. */
	readonly url: string
	/** Starts it, or starts it again, and waits until it takes connections. */
	start(): Promise<void>
	/** Breaks all connections off, and waits for its end. */
	stop(): Promise<void>
	/** It stays there, and connections too, but answers nothing. */
	freeze(): Promise<void>
	thaw(): void
	/** Kills it and removes its data. */
	end(): Promise<void>
}

const run = promisify(execFile)
const PASSWORD = 'pass-of-the-tests'

/** Not started yet; on a port that was free. `binaries`: the folder of initdb and postgres; `user`: who runs them, as root may not. */
export async function ownPostgres(binaries: string, user: string | undefined): Promise<PostgresServer> {
	const directory = await mkdtemp(path.join(tmpdir(), 'postgres-'))
	const data = path.join(directory, 'data')
	const passwordFile = path.join(directory, 'password')
	const port = await freePort()
	const asUser = user ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'] : ['env']
	await writeFile(passwordFile, PASSWORD)
	await chmod(directory, 0o777)
	const [program = '', ...before] = asUser
	await run(program, [
		...before,
		path.join(binaries, 'initdb'),
		...['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
	])
	let child: ChildProcess | undefined
	let frozen: number[] = []
	const killAtExit = () => child?.kill('SIGKILL')
	process.on('exit', killAtExit)

	async function end(signal: NodeJS.Signals): Promise<void> {
		if (!child || child.exitCode !== null || child.signalCode !== null) return
		const closed = once(child, 'close')
		child.kill(signal)
		await closed
	}

	function thaw(): void {
		for (const pid of frozen) process.kill(pid, 'SIGCONT')
		frozen = []
	}

	return {
		url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
		async start() {
			const settings = [
				'listen_addresses=127.0.0.1',
				'unix_socket_directories=',
				'fsync=off',
				'max_connections=40',
				'restart_after_crash=on',
			]
			child = spawn(
				program,
				[...before, path.join(binaries, 'postgres'), '-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
				{
					stdio: ['ignore', 'ignore', 'pipe'],
					env: { LC_ALL: 'C.UTF-8' },
				},
			)
			const { stderr } = child
			if (!stderr) throw new Error('no output')
			let printed = ''
			const isReady = new Promise<void>((resolve) => {
				stderr.setEncoding('utf8').on('data', (text: string) => {
					printed += text
					if (printed.includes('ready to accept connections')) resolve()
				})
			})
			const ended = once(child, 'close').then(() => Promise.reject(new Error(`PostgreSQL did not start:\n${printed}`)))
			ended.catch(() => undefined)
			await Promise.race([isReady, ended])
		},
		stop: () => end('SIGINT'),
		async freeze() {
			frozen = await familyOf(child?.pid ?? 0)
			for (const pid of frozen) process.kill(pid, 'SIGSTOP')
		},
		thaw,
		async end() {
			thaw()
			await end('SIGQUIT')
			process.off('exit', killAtExit)
			await rm(directory, { recursive: true, force: true })
		},
	}
}
