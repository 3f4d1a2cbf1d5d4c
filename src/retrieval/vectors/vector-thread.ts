import { Worker } from 'node:worker_threads'
import type { FromVectorWorker, ToVectorWorker, VectorReply, VectorRequest } from './vector-protocol.ts'

export interface VectorThread {
	/** Fails when the thread ends before its answer. */
	ask(request: VectorRequest, transfer?: ArrayBuffer[]): Promise<VectorReply>
	/** Changes when a thread has ended: what it held is gone. */
	readonly life: number
	close(): Promise<void>
}

interface Waiting {
	resolve(reply: VectorReply): void
	reject(error: Error): void
}

/** A thread that holds vectors and compares them; started when first asked, and again after it died. */
export function createVectorThread(): VectorThread {
	let worker: Worker | undefined
	let life = 0
	let last = 0
	const waiting = new Map<number, Waiting>()

	function start(): Worker {
		const started = new Worker(new URL('./vector-worker.ts', import.meta.url), { name: 'vectors' })
		started.on('message', ({ id, reply }: FromVectorWorker) => {
			waiting.get(id)?.resolve(reply)
			waiting.delete(id)
		})
		started.on('error', () => undefined) // 'exit' follows
		started.once('exit', () => {
			if (worker === started) worker = undefined
			life++
			const lost = [...waiting.values()]
			waiting.clear()
			for (const { reject } of lost) reject(new Error('the vector thread ended'))
		})
		started.unref()
		return started
	}

	return {
		get life() {
			return life
		},
		ask(request, transfer = []) {
			worker ??= start()
			const { promise, resolve, reject } = Promise.withResolvers<VectorReply>()
			waiting.set(++last, { resolve, reject })
			worker.postMessage({ id: last, request } satisfies ToVectorWorker, transfer)
			return promise
		},
		async close() {
			await worker?.terminate()
		},
	}
}
