export interface Slots {
	/** Waits for a free slot, first come first served; disposing it frees it. @throws the signal's reason */
	take(signal: AbortSignal): Promise<Disposable>
}

/** Lets only `count` of its users run at a time. */
export function createSlots(count: number): Slots {
	let free = count
	const waiting = new Set<() => void>()

	function release(): void {
		const [next] = waiting
		if (next) next()
		else free++
	}

	return {
		async take(signal) {
			signal.throwIfAborted()
			if (free === 0) await turn(signal)
			else free--
			let held = true
			return {
				[Symbol.dispose]() {
					if (held) release()
					held = false
				},
			}
		},
	}

	/** The slot goes from hand to hand: nobody can take it between. */
	function turn(signal: AbortSignal): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>()
		const leave = () => {
			waiting.delete(enter)
			signal.removeEventListener('abort', abort)
		}
		const enter = () => {
			leave()
			resolve()
		}
		const abort = () => {
			leave()
			reject(signal.reason)
		}
		waiting.add(enter)
		signal.addEventListener('abort', abort, { once: true })
		return promise
	}
}
