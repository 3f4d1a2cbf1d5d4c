import { setTimeout } from 'node:timers/promises'

/** Calls of one provider that are under way at once: so many at most, first come, first served; none begins while the provider wants a pause. */
export interface Gate {
	/** @throws the signal's reason while it waits, or what `work` throws. */
	run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
	/** Nothing begins for so long, in milliseconds; a longer pause stays. */
	pause(ms: number): void
}

export function createGate(places: number): Gate {
	const waiting: (() => void)[] = []
	let free = places
	let notBefore = 0

	async function enter(signal: AbortSignal): Promise<void> {
		signal.throwIfAborted()
		if (free > 0) {
			free--
			return
		}
		const { promise, resolve, reject } = Promise.withResolvers<void>()
		const leave = () => {
			const at = waiting.indexOf(resolve)
			if (at < 0) return // its turn has come
			waiting.splice(at, 1)
			reject(signal.reason)
		}
		waiting.push(resolve)
		signal.addEventListener('abort', leave, { once: true })
		await promise.finally(() => signal.removeEventListener('abort', leave))
	}

	function leave(): void {
		const next = waiting.shift()
		if (next) next()
		else free++
	}

	return {
		async run(work, signal) {
			await enter(signal)
			try {
				for (let left = notBefore - performance.now(); left > 0; left = notBefore - performance.now()) await pausing(left, signal)
				return await work()
			} finally {
				leave()
			}
		},
		pause(ms) {
			notBefore = Math.max(notBefore, performance.now() + ms)
		},
	}
}

/** @throws the signal's reason. */
export async function pausing(ms: number, signal: AbortSignal): Promise<void> {
	await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
