interface Options {
	/** So many in a row, and nobody is asked any more. */
	failures?: number
	/** For so long; then one asks whether it is better. */
	openMs?: number
	now?: () => number
}

/** Leaves alone for a while what has failed several times in a row, so that nobody waits for it. */
export function createCircuit({ failures = 3, openMs = 30_000, now = () => performance.now() }: Options = {}) {
	let failed = 0
	let closedFrom = Number.NEGATIVE_INFINITY

	return {
		/** Whether to ask now. The first to hear so after a while is the one that tries; the others wait for how that ends. */
		mayAsk(): boolean {
			if (failed < failures) return true
			if (now() < closedFrom) return false
			closedFrom = now() + openMs
			return true
		},
		succeeded(): void {
			failed = 0
		},
		failed(): void {
			failed++
			if (failed >= failures) closedFrom = now() + openMs
		},
	}
}
