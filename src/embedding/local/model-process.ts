import { type ChildProcess, fork } from 'node:child_process'
import { AppError } from '../../errors.ts'
import type { EmbeddingKind } from '../embedder.ts'
import type { ChildOptions, FromChild, ToChild } from './protocol.ts'

export interface ModelProcessOptions extends ChildOptions {
	/** Stopped after so long without a call. */
	idleMs: number
	/** Hears of children that crashed, hung or grew too large. */
	report(problem: string): void
}

/** To convert and load the model on a slow machine. */
const START_MS = 30_000
/** A call without an answer for so long has hung; it comes after those before it. */
const CALL_MS: Record<EmbeddingKind, number> = { query: 10_000, passage: 120_000 }
/** A child that is told to end has so long. */
const STOP_MS = 3_000
const MAX_RSS_BYTES = 300 * 1024 * 1024
/** After a crash the next start waits, twice as long each time. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

interface Call {
	resolve(vectors: Float32Array): void
	reject(error: unknown): void
}

/** A child and the calls that wait for it. */
interface Running {
	child: ChildProcess
	ready: Promise<void>
	calls: Map<number, Call>
}

/** Keeps the model in a child of its own: started by the first call, stopped when idle, killed when it hangs or grows, started again when it died. */
export function createModelProcess({ idleMs, report, ...options }: ModelProcessOptions) {
	let running: Running | undefined
	let crashes = 0
	let notBefore = 0
	let lastId = 0
	let stopped = false
	const idle = setTimeout(() => running?.calls.size === 0 && end(running), idleMs).unref()

	function start(): Running {
		if (stopped || performance.now() < notBefore) throw unavailable()
		const child = fork(new URL('./child.ts', import.meta.url), [JSON.stringify(options satisfies ChildOptions)], {
			env: {},
			execArgv: ['--max-old-space-size=128', '--max-semi-space-size=2'],
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		})
		child.unref()
		child.channel?.unref()
		const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
		const started: Running = { child, ready, calls: new Map() }
		const deadline = setTimeout(() => kill(started, 'the embedder did not start in time'), START_MS)
		ready.catch(() => undefined) // whoever waits for it hears of it
		child.on('message', (message: FromChild) => {
			if ('ready' in message) {
				clearTimeout(deadline)
				resolve()
			} else if ('failed' in message) report(`the embedder cannot start: ${message.failed}`)
			else answer(started, message)
		})
		child.on('error', (error) => report(`the embedder failed: ${error.message}`))
		const gone = () => {
			clearTimeout(deadline)
			reject(unavailable())
			buried(started)
		}
		// 'close' does not come after a `disconnect()` of ours, 'exit' not where the child could not be started
		child.once('exit', gone).once('close', gone)
		return started
	}

	function answer(from: Running, message: Extract<FromChild, { id: number }>): void {
		const call = from.calls.get(message.id)
		from.calls.delete(message.id)
		if ('vectors' in message) {
			crashes = 0
			call?.resolve(message.vectors)
		} else {
			report(`the embedder failed: ${message.error}`)
			call?.reject(unavailable())
		}
		idle.refresh()
		if (message.rss > MAX_RSS_BYTES && running === from) running = undefined // the next call starts another
		if (running !== from && from.calls.size === 0) end(from)
	}

	/** The child is gone, whether it was told to or not. */
	function buried(dead: Running): void {
		for (const { reject } of dead.calls.values()) reject(unavailable())
		dead.calls.clear()
		if (running !== dead) return // it was ended
		running = undefined
		crashes++
		notBefore = performance.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 1))
		report('the embedder ended by itself')
	}

	function end(ending: Running): void {
		if (running === ending) running = undefined
		if (ending.child.connected) ending.child.disconnect()
	}

	function kill(hanging: Running, problem: string): void {
		report(problem)
		hanging.child.kill('SIGKILL')
	}

	return {
		/** The vectors of the texts, one after the other. @throws AppError `unavailable`, or the signal's reason */
		async embed(texts: string[], kind: EmbeddingKind, signal: AbortSignal): Promise<Float32Array> {
			signal.throwIfAborted()
			running ??= start()
			const used = running
			const id = ++lastId
			const { promise, resolve, reject } = Promise.withResolvers<Float32Array>()
			promise.catch(() => undefined) // it may fail while `ready` is awaited
			used.calls.set(id, { resolve, reject })
			const cancel = () => {
				used.calls.delete(id)
				if (used.child.connected) used.child.send({ cancel: { id } } satisfies ToChild)
				reject(signal.reason)
			}
			signal.addEventListener('abort', cancel, { once: true })
			let deadline: NodeJS.Timeout | undefined
			try {
				await Promise.race([used.ready, promise])
				deadline = setTimeout(() => kill(used, 'the embedder did not answer in time'), CALL_MS[kind])
				if (used.child.connected) used.child.send({ embed: { id, texts, kind } } satisfies ToChild)
				return await promise
			} finally {
				clearTimeout(deadline)
				signal.removeEventListener('abort', cancel)
				idle.refresh()
			}
		},

		/** Waits for the child's end, which comes by itself or after {@link STOP_MS}. */
		async stop(): Promise<void> {
			stopped = true
			clearTimeout(idle)
			const last = running
			if (!last) return
			const { child } = last
			const hasEnded = () => child.exitCode !== null || child.signalCode !== null
			const ended = hasEnded() ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve))
			child.ref()
			end(last)
			const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
			await ended
			clearTimeout(timer)
		},
	}
}

const unavailable = () => new AppError('unavailable', { part: 'embedder' })
