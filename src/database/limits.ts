/** Longest time that one statement may take; whoever waits for it gets an error. */
export const QUERY_TIMEOUT_MS = 20_000
