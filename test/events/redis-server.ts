import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../support/free-port.ts'

const PROGRAM = 'redis-server'

/** Whether this machine can run a Redis server of our own, to be killed and frozen. */
export const hasRedisServer = spawnSync(PROGRAM, ['--version']).status === 0

/** A Redis server that keeps nothing, on a port of its own. */
export interface RedisServer {
	readonly url: string
	/** Starts it, empty, and returns when it answers. */
	start(...options: string[]): Promise<void>
	kill(): Promise<void>
	/** It keeps its connections and answers nothing until it is thawed. */
	freeze(): void
	thaw(): void
	/** For good. */
	end(): Promise<void>
}

const living = new Set<ChildProcess>()
process.on('exit', () => {
	for (const child of living) child.kill('SIGKILL')
})

export async function startRedisServer(...options: string[]): Promise<RedisServer> {
	const [port, directory] = await Promise.all([freePort(), mkdtemp(path.join(tmpdir(), 'redis-'))])
	const fixed = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', directory]
	let child: ChildProcess | undefined

	async function start(...more: string[]): Promise<void> {
		child = spawn(PROGRAM, [...fixed, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
		living.add(child)
		let printed = ''
		for await (const text of child.stdout?.setEncoding('utf8') ?? []) {
			printed += text
			if (printed.includes('Ready to accept connections')) return
		}
		throw new Error(printed)
	}

	async function kill(): Promise<void> {
		if (!child || !living.delete(child)) return
		const ended = once(child, 'exit')
		child.kill('SIGKILL')
		await ended
	}

	await start(...options)
	return {
		url: `redis://127.0.0.1:${port}/0`,
		start,
		kill,
		freeze: () => void child?.kill('SIGSTOP'),
		thaw: () => void child?.kill('SIGCONT'),
		async end() {
			await kill()
			await rm(directory, { recursive: true, force: true })
		},
	}
}
