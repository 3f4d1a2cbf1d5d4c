import type pg from 'pg'
import { shared } from '../shared.ts'

/** How much waits in a queue and is being worked on, by whichever process. */
export interface QueueDepth {
	queue: string
	waiting: number
	active: number
	/** Of the job that waits longest; 0 when none does. */
	oldestSeconds: number
}

const READ_TIMEOUT_MS = 2_000
const FRESH_MS = 5_000

const DEPTHS = `
	SELECT queue, count(id) FILTER (WHERE state < 'active')::int AS waiting, count(id) FILTER (WHERE state = 'active')::int AS active,
		coalesce(extract(epoch FROM now() - min(created_on) FILTER (WHERE state < 'active')), 0)::float8 AS "oldestSeconds"
	FROM unnest($1::text[]) AS queue LEFT JOIN pgboss.job ON name = queue AND state IN ('created', 'retry', 'active')
	GROUP BY queue`

/** @returns what reads the queues: at most once in a few seconds, however many ask. Null when the database does not answer in time. */
export function queueDepths(pool: pg.Pool, queues: readonly string[]): () => Promise<QueueDepth[] | null> {
	const read = shared(async () => (await pool.query<QueueDepth>({ name: 'queue-depths', text: DEPTHS, values: [queues] })).rows, {
		timeoutMs: READ_TIMEOUT_MS,
		freshMs: FRESH_MS,
	})
	return () => read().catch(() => null)
}
