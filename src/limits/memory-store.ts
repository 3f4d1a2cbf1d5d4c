import type { Count, Store } from './store.ts'

interface Options {
	windowMs: number
	now: () => number
	/** Callers known at once: of more, those whose windows end first are forgotten. */
	maxCallers?: number
}

/** A caller's calls since the window began, and when it ends. */
interface Window {
	calls: number
	until: number
}

const MAX_CALLERS = 50_000

export type MemoryStore = ReturnType<typeof createMemoryStore>

/**
 * Counts in this process, by a clock that is given and in bounded memory: the library's own store takes a timer a caller, and as many callers as
 * come. Whoever wants to be forgotten early has to be {@link MAX_CALLERS} others first, each with a quota of its own.
 */
export function createMemoryStore({ windowMs, now, maxCallers = MAX_CALLERS }: Options) {
	/** In the order in which they began, which is that of their ends. */
	const windows = new Map<string, Window>()

	function begin(caller: string, window: Window): Window {
		windows.delete(caller)
		const time = now()
		for (const [oldest, { until }] of windows) {
			if (until > time && windows.size < maxCallers) break
			windows.delete(oldest)
		}
		windows.set(caller, window)
		return window
	}

	return {
		async count(caller: string): Promise<Count> {
			const time = now()
			const known = windows.get(caller)
			const window = known && known.until > time ? known : begin(caller, { calls: 0, until: time + windowMs })
			window.calls++
			return [window.calls, window.until - time]
		},
		/** Whether a caller has made that many calls in the window that is known of them. */
		has(caller: string, calls: number): boolean {
			const window = windows.get(caller)
			return window !== undefined && window.calls >= calls && window.until > now()
		},
		/** Takes over what was counted elsewhere. */
		adopt(caller: string, [calls, msLeft]: Count): void {
			const until = now() + msLeft
			const window = windows.get(caller)
			if (window && window.until === until) window.calls = Math.max(calls, window.calls)
			else begin(caller, { calls, until })
		},
		/** Callers that are known. */
		size: () => windows.size,
	} satisfies Store & Record<string, unknown>
}
