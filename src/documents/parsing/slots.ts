export interface Slots {
	/** Waits for a free slot; disposing it frees it. @throws the signal's reason */
	take(group: string, signal: AbortSignal): Promise<Disposable>
}

interface Waiting {
	group: string
	enter(): void
}

/**
 * Lets only `count` of its users run at a time: whose group has fewest first, then first come first served. Groups that have none
 * may run beside them, up to twice as many in all: what hangs in one group holds nobody else up.
 */
export function createSlots(count: number): Slots {
	const held = new Map<string, number>()
	const waiting = new Set<Waiting>()
	let used = 0

	const heldBy = (group: string) => held.get(group) ?? 0
	const mayEnter = (group: string) => used < count || (used < 2 * count && heldBy(group) === 0)

	function occupy(group: string): void {
		used++
		held.set(group, heldBy(group) + 1)
	}

	function release(group: string): void {
		used--
		if (heldBy(group) === 1) held.delete(group)
		else held.set(group, heldBy(group) - 1)
		let next: Waiting | undefined
		for (const one of waiting) if (mayEnter(one.group) && (!next || heldBy(one.group) < heldBy(next.group))) next = one
		next?.enter()
	}

	return {
		async take(group, signal) {
			signal.throwIfAborted()
			if (mayEnter(group)) occupy(group)
			else await turn(group, signal)
			let isHeld = true
			return {
				[Symbol.dispose]() {
					if (isHeld) release(group)
					isHeld = false
				},
			}
		},
	}

	/** The slot is taken when it is freed: nobody can come between. */
	function turn(group: string, signal: AbortSignal): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>()
		const leave = () => {
			waiting.delete(one)
			signal.removeEventListener('abort', abort)
		}
		const one: Waiting = {
			group,
			enter() {
				leave()
				occupy(group)
				resolve()
			},
		}
		const abort = () => {
			leave()
			reject(signal.reason)
		}
		waiting.add(one)
		signal.addEventListener('abort', abort, { once: true })
		return promise
	}
}
