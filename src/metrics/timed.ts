import { publicError } from '../errors.ts'

/** How a call of a part ended. `unavailable`: the part was not there; `failed`: it answered with an error, or nobody expected what came. */
export type Outcome = 'ok' | 'cancelled' | 'unavailable' | 'failed'

/** Does the work, and tells how it ended and what it took. A call whose signal was aborted is `cancelled`, whatever it threw. */
export async function timed<T>(
	work: () => Promise<T>,
	tell: (outcome: Outcome, seconds: number) => void,
	signal?: AbortSignal,
): Promise<T> {
	const seconds = stopwatch()
	try {
		const result = await work()
		tell('ok', seconds())
		return result
	} catch (error) {
		tell(outcomeOf(error, signal), seconds())
		throw error
	}
}

export function outcomeOf(error: unknown, signal?: AbortSignal): Exclude<Outcome, 'ok'> {
	if (signal?.aborted) return 'cancelled'
	return publicError(error).code === 'UNAVAILABLE' ? 'unavailable' : 'failed'
}

/** Seconds since now, each time that it is asked. */
export function stopwatch(): () => number {
	const begin = performance.now()
	return () => (performance.now() - begin) / 1_000
}
