/** Longest time that one statement may take; whoever waits for it gets an error. */
export const QUERY_TIMEOUT_MS = 20_000
/** Longest time that a statement waits for a row that another transaction holds. */
export const LOCK_TIMEOUT_MS = 5_000
/** Longest wait for a connection, whether a new one or one that others use. */
export const CONNECTION_TIMEOUT_MS = 5_000
/** Longer than each of its statements may wait, so that those say what is wrong. */
export const TRANSACTION_TIMEOUT_MS = 30_000
