import type { Bus } from '../events/bus.ts'

/** What processes tell each other: `{ cancel: runId }`. */
const CHANNEL = 'runs'

/** Tells every process that somebody wants no more of a run. */
export const cancelRun = (bus: Bus, runId: string): Promise<void> => bus.publish(CHANNEL, { cancel: runId })

/** @returns what ends the hearing. */
export const hearCancelled = (bus: Bus, hear: (runId: string) => void): (() => void) =>
	bus.subscribe(CHANNEL, { hear: (message) => hear((message as { cancel: string }).cancel) }).leave
