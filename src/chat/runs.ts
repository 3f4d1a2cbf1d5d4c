import type pg from 'pg'
import { isGone, isUniqueViolation } from '../database/errors.ts'
import { AppError } from '../errors.ts'
import { LEASE_SECONDS } from '../leases.ts'
import type { ChatMode, Usage } from '../models/model.ts'
import type { Citation, RunEvent, Source } from './events.ts'

/** A run as it begins. */
export interface NewRun {
	id: string
	workspaceId: number
	userId: number
	threadId: string
	/** The title of a thread that begins with this run; null when the thread is there. */
	newThread: string | null
	requestId: string | null
	mode: ChatMode
	message: string
	provider: string
	model: string
}

/** How a run ends. */
export interface Ending {
	status: 'completed' | 'failed' | 'cancelled'
	usage: Usage | null
	events: readonly RunEvent[]
	chat: { id: number; response: string; sources: readonly Source[]; citations: readonly Citation[]; createdAt: Date } | null
}

/** Dead runs that one process takes over at once. */
const TAKEN_AT_ONCE = 50

const INSERT = `
	WITH thread AS (
		INSERT INTO "Thread" (id, "workspaceId", "userId", title, "updatedAt") SELECT $2, $3, $4, $5, now() WHERE $5::text IS NOT NULL
	), run AS (
		INSERT INTO "Run" (id, "threadId", "workspaceId", "userId", "requestId", mode, message, provider, model, status, "leaseUntil")
		VALUES ($1, $2, $3, $4, $6, $7::"ChatMode", $8, $9, $10, 'running', now() + interval '${LEASE_SECONDS} seconds')
	)
	SELECT nextval(pg_get_serial_sequence('"Chat"', 'id')) AS "chatId"`

const END = `
	WITH run AS (
		UPDATE "Run" SET status = $2::"RunStatus", "promptTokens" = $3, "completionTokens" = $4, "usageEstimated" = $5, events = $6::jsonb, "endedAt" = now()
		WHERE id = $1 AND status IN ('queued', 'running') RETURNING id, "workspaceId", "threadId", message
	), thread AS (
		UPDATE "Thread" SET "updatedAt" = now() WHERE id = (SELECT "threadId" FROM run)
	), chat AS (
		INSERT INTO "Chat" (id, "workspaceId", "threadId", "runId", message, response, sources, citations, "createdAt")
		SELECT $7, "workspaceId", "threadId", id, message, $8, $9::jsonb, $10::jsonb, $11 FROM run WHERE $7::int IS NOT NULL
	)
	SELECT id FROM run`

const RENEW = `UPDATE "Run" SET "leaseUntil" = now() + interval '${LEASE_SECONDS} seconds' WHERE id = ANY($1) AND status IN ('queued', 'running')`

const TAKE_EXPIRED = `
	UPDATE "Run" SET "leaseUntil" = now() + interval '${LEASE_SECONDS} seconds' WHERE id IN (
		SELECT id FROM "Run" WHERE status IN ('queued', 'running') AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
		LIMIT ${TAKEN_AT_ONCE} FOR UPDATE SKIP LOCKED
	) RETURNING id, "threadId"`

export type RunRows = ReturnType<typeof createRunRows>

/** The rows of runs. Each change is one statement: the embedded database has one session, and a transaction would hold it. */
export function createRunRows(pool: pg.Pool) {
	return {
		/** With its thread. @returns the id that its chat will have; null when the requestId has a run already. @throws AppError NOT_FOUND when its thread or workspace is gone. */
		async insert(run: NewRun): Promise<number | null> {
			try {
				const { rows } = await pool.query<{ chatId: string }>({
					name: 'insert-run',
					text: INSERT,
					values: [
						run.id,
						run.threadId,
						run.workspaceId,
						run.userId,
						run.newThread,
						run.requestId,
						run.mode,
						run.message,
						run.provider,
						run.model,
					],
				})
				return Number(rows[0]?.chatId)
			} catch (error) {
				if (isUniqueViolation(error)) return null
				throw isGone(error) ? new AppError('noSuchThread') : error
			}
		},

		/**
		 * Writes how the run ended, and the chat that it made; once: may be repeated with the same ending.
		 * @throws AppError NOT_FOUND when its thread or workspace is gone, INTERRUPTED when another process has ended it.
		 */
		async end(id: string, { status, usage, events, chat }: Ending): Promise<void> {
			const ended = pool.query({
				name: 'end-run',
				text: END,
				values: [
					id,
					status,
					usage?.promptTokens ?? null,
					usage?.completionTokens ?? null,
					usage?.estimated ?? false,
					JSON.stringify(events),
					chat?.id ?? null,
					chat?.response ?? null,
					JSON.stringify(chat?.sources ?? []),
					JSON.stringify(chat?.citations ?? []),
					chat?.createdAt ?? null,
				],
			})
			const { rows } = await ended.catch((error: unknown) => {
				throw isGone(error) ? new AppError('noSuchThread') : error
			})
			if (rows.length > 0) return
			const stored = (await pool.query<{ status: string }>('SELECT status FROM "Run" WHERE id = $1', [id])).rows[0]
			if (!stored) throw new AppError('noSuchThread')
			if (stored.status !== status) throw new AppError('interrupted')
		},

		/** Says that the process of these runs lives. */
		async renew(ids: readonly string[]): Promise<void> {
			await pool.query({ name: 'renew-runs', text: RENEW, values: [ids] })
		},

		/** Takes over runs whose process has not been heard of: nobody else gets them for {@link LEASE_SECONDS}. */
		async takeExpired(): Promise<{ id: string; threadId: string }[]> {
			return (await pool.query<{ id: string; threadId: string }>({ name: 'expired-runs', text: TAKE_EXPIRED })).rows
		},

		/** Ends every lease. Only for the sole process of a database, before its first run. */
		async expireAll(): Promise<void> {
			await pool.query(`UPDATE "Run" SET "leaseUntil" = NULL WHERE status IN ('queued', 'running')`)
		},
	}
}
