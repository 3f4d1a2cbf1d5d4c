import type pg from 'pg'
import type { Listen } from './held-connection.ts'

/** What the embedded database and PostgreSQL have in common. */
export interface Body {
	readonly pool: pg.Pool
	/** How many statements that may have changed something were sent so far; undefined where others write too. */
	readonly writes?: () => number
	/** Rejects when the database does not answer. */
	ping(): Promise<void>
	/** Hears what is notified on a channel, until it is closed. */
	readonly listen: Listen
	/** One process at a time, of all that share the database. */
	exclusively<Result>(task: () => Promise<Result>): Promise<Result>
	/** A connection whose statements may take their time. */
	withoutLimits<Result>(task: (connection: pg.ClientBase) => Promise<Result>): Promise<Result>
	close(): Promise<void>
}
