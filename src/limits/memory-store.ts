import type { Count, Store } from './store.ts'

interface Options {
	windowMs: number
	now: () => number
	/** Callers known at once. */
	maxCallers?: number
}

/** A caller's calls since the window began, and when it ends. */
interface Window {
	calls: number
	until: number
}

/** Windows that began after each other: forgotten together, for a Map that loses its first entries one by one becomes slow. */
interface Generation {
	readonly since: number
	readonly windows: Map<string, Window>
}

const MAX_CALLERS = 50_000

export type MemoryStore = ReturnType<typeof createMemoryStore>

/**
 * Counts in this process, by a clock that is given and in bounded memory: the library's own store takes a timer a caller, and as many callers as
 * come. Of more than {@link MAX_CALLERS} those are forgotten whose windows began first: whoever wants to be has to be half as many others
 * before, each with a quota of its own.
 */
export function createMemoryStore({ windowMs, now, maxCallers = MAX_CALLERS }: Options) {
	const begin = (): Generation => ({ since: now(), windows: new Map() })
	let young = begin()
	let old = begin()

	const windowOf = (caller: string): Window | undefined => young.windows.get(caller) ?? old.windows.get(caller)

	function open(caller: string, window: Window): Window {
		const age = now() - young.since
		if (age >= windowMs || young.windows.size >= maxCallers / 2) {
			old = age >= 2 * windowMs ? begin() : young
			young = begin()
		}
		young.windows.set(caller, window)
		return window
	}

	return {
		async count(caller: string): Promise<Count> {
			const time = now()
			const known = windowOf(caller)
			const window = known && known.until > time ? known : open(caller, { calls: 0, until: time + windowMs })
			window.calls++
			return [window.calls, window.until - time]
		},
		/** Whether a caller has made that many calls in the window that is known of them. */
		has(caller: string, calls: number): boolean {
			const window = windowOf(caller)
			return window !== undefined && window.calls >= calls && window.until > now()
		},
		/** Takes over what was counted elsewhere. */
		adopt(caller: string, [calls, msLeft]: Count): void {
			const until = now() + msLeft
			const window = windowOf(caller)
			if (window?.until === until) window.calls = Math.max(calls, window.calls)
			else open(caller, { calls, until })
		},
		/** Callers that are known. */
		size: () => young.windows.size + old.windows.size,
	} satisfies Store & Record<string, unknown>
}
