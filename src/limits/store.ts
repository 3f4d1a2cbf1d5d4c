/** What is known of a window: calls in it, and milliseconds until it ends. */
export type Count = readonly [calls: number, msLeft: number]

/** Where calls are counted: in this process, or in Redis for all processes. */
export interface Store {
	/** One more call of a caller, which begins a window where none is open. @throws whatever keeps the call from being counted. */
	count(caller: string): Promise<Count>
}
