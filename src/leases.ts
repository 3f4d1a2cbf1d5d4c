import { setTimeout } from 'node:timers/promises'

/** How long what a process has begun counts as its own after its last sign of life: so it ends, or goes on elsewhere, when it was killed. */
export const LEASE_SECONDS = 15
/** Three signs of life may be lost. */
const ROUND_MS = (LEASE_SECONDS * 1_000) / 4

/** Rounds in which a process gives signs of life, and looks after what dead ones left. One that fails is told, and the next comes all the same. */
export function createRounds(round: () => Promise<void>, failed: (error: unknown) => void) {
	const stopping = new AbortController()
	let going: Promise<void> | undefined

	async function go(): Promise<void> {
		while (!stopping.signal.aborted) {
			await round().catch(failed)
			await setTimeout(ROUND_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
		}
	}

	return {
		/** The first round begins at once. */
		start(): void {
			going = go()
		},
		/** Resolves when the round that runs has ended. */
		async stop(): Promise<void> {
			stopping.abort()
			await going
		},
	}
}
