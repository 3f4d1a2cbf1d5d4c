/** What the embedded database's worker is started with. */
export interface WorkerOptions {
	directory: string
	/** False in tests: nothing is flushed to the disk. */
	durable: boolean
}

/** `bytes`: PostgreSQL's wire protocol of one logical connection; `end`: that connection is over; `close`: shut down. */
export type ToWorker = { connection: number; bytes: Uint8Array } | { connection: number; end: true } | { close: true }

/** `busy`: whether maintenance, which may take long, has begun or ended. */
export type FromWorker =
	| { ready: true }
	| { connection: number; bytes: Uint8Array }
	| { connection: number; error: string }
	| { busy: boolean }
	| { maintenanceError: string }
