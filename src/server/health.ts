import { shared } from '../shared.ts'

/**
 * Parts that the server needs, each asked whether it is there: rejects when it is not. One question at a time is put to a part; it should end
 * when the signal aborts.
 */
export type Checks = Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>

export type PartStates = Readonly<Record<string, 'up' | 'down'>>

const CHECK_TIMEOUT_MS = 2_000
/** A load balancer that asks more often gets the same answer. */
const FRESH_MS = 1_000

/** @returns what tells the state of each part; never rejects, and answers in time. */
export function createHealth(checks: Checks): () => Promise<PartStates> {
	const parts = Object.entries(checks).map(([name, check]) => {
		const ask = shared(check, { timeoutMs: CHECK_TIMEOUT_MS, freshMs: FRESH_MS })
		const isUp = () =>
			ask().then(
				() => 'up' as const,
				() => 'down' as const,
			)
		return [name, isUp] as const
	})
	return async () => Object.fromEntries(await Promise.all(parts.map(async ([name, isUp]) => [name, await isUp()] as const)))
}
