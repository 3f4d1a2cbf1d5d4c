import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from './free-port.ts'

/** A Milvus of a test's own, to be mistreated. Its data outlive the process, until `end`. */
export interface MilvusServer {
	readonly address: string
	/** Starts it, or starts it again, and waits until it listens. */
	start(): Promise<void>
	/** SIGKILL, in the middle of whatever it does. */
	kill(): Promise<void>
	/** It stays there, and connections too, but answers nothing. */
	freeze(): void
	thaw(): void
	/** Kills it and removes its data. */
	end(): Promise<void>
}

/** milvus-lite 3.2 does not lock its write-ahead log: what concurrent calls write is lost when it is killed. Milvus itself has no such bug. */
const ONE_AT_A_TIME = ['--max-workers', '1']

/** Not started yet; on a port that was free. */
export async function ownMilvus(program: string): Promise<MilvusServer> {
	const directory = await mkdtemp(path.join(tmpdir(), 'milvus-'))
	const port = await freePort()
	let child: ChildProcess | undefined
	const killAtExit = () => child?.kill('SIGKILL')
	process.on('exit', killAtExit)

	async function kill(): Promise<void> {
		if (!child || child.exitCode !== null || child.signalCode !== null) return
		const closed = once(child, 'close')
		child.kill('SIGKILL')
		await closed
	}

	return {
		address: `127.0.0.1:${port}`,
		async start() {
			child = spawn(program, ['server', '--data-dir', directory, '--host', '127.0.0.1', '--port', String(port), ...ONE_AT_A_TIME], {
				env: { ...process.env, PYTHONUNBUFFERED: '1' },
				stdio: ['ignore', 'pipe', 'ignore'],
			})
			const { stdout } = child
			const listens = new Promise<void>((resolve) => stdout?.on('data', (text) => String(text).includes('listening') && resolve()))
			const fails = once(child, 'close').then(() => Promise.reject(new Error('Milvus did not start')))
			fails.catch(() => undefined) // it ends some day
			await Promise.race([listens, fails])
		},
		kill,
		freeze: () => void child?.kill('SIGSTOP'),
		thaw: () => void child?.kill('SIGCONT'),
		async end() {
			await kill()
			process.off('exit', killAtExit)
			await rm(directory, { recursive: true, force: true })
		},
	}
}
