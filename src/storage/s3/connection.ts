import { setTimeout as sleep } from 'node:timers/promises'
import { type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { AppError, Unavailable } from '../../errors.ts'

/** One call on its way. */
interface Limit {
	/** Aborts when it takes too long, or the connection is closed. */
	signal: AbortSignal
	/** There was progress: the limit counts from now. */
	touch(): void
}

/** The way to a bucket: every call ends in time, and what is away is asked until it is back. */
export interface Connection {
	/**
	 * While the storage is known to be away, it fails at once.
	 * @throws AppError NOT_FOUND for a key that is not there; Unavailable for everything else.
	 */
	call<Result>(limitMs: number, send: (client: S3Client, limit: Limit) => Promise<Result>): Promise<Result>
	/** The storage broke off in the middle of something. */
	unavailable(cause: Error): Unavailable
	/** Calls back whenever the storage answers again after it did not. */
	onRecovery(listener: () => void): void
	close(): Promise<void>
}

interface Options {
	client: S3Client
	/** Asks whether the storage is there. */
	probe(client: S3Client, signal: AbortSignal): Promise<unknown>
	report(problem: string): void
}

/** While the storage is away it is asked so often whether it is back. */
const PROBE_MS = 1_000
const PROBE_LIMIT_MS = 2_000

export function connect({ client, probe, report }: Options): Connection {
	const closing = new AbortController()
	const listeners = new Set<() => void>()
	/** Why the storage is away, while it is. */
	let away: Error | undefined
	let probing: Promise<void> | undefined

	function unavailable(cause: Error): Unavailable {
		if (!away && !closing.signal.aborted) {
			away = cause
			report(`the storage does not answer: ${cause.name}: ${cause.message}`)
			probing ??= probeOn().finally(() => (probing = undefined))
		}
		return new Unavailable('storage', cause)
	}

	function isBack(): void {
		if (!away) return
		away = undefined
		report('the storage answers again')
		for (const listener of listeners) listener()
	}

	/** Until the storage is back, or the connection is closed. */
	async function probeOn(): Promise<void> {
		while (away && !closing.signal.aborted) {
			await sleep(PROBE_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined) // closed
			const asked = within(PROBE_LIMIT_MS, closing.signal, ({ signal }) => probe(client, signal))
			await asked.then(isBack, (error: unknown) => isMissing(error) && isBack())
		}
	}

	return {
		async call(limitMs, send) {
			if (away) throw new Unavailable('storage', away)
			try {
				const result = await within(limitMs, closing.signal, (limit) => send(client, limit))
				isBack()
				return result
			} catch (error) {
				if (isMissing(error)) throw new AppError('fileMissing')
				throw error instanceof AppError ? error : unavailable(asError(error))
			}
		},
		unavailable,
		onRecovery: (listener) => void listeners.add(listener),
		async close() {
			closing.abort(new Error('the connection to the storage is closed'))
			await probing
			client.destroy()
		},
	}
}

/** Whether a key is not there; of a missing bucket S3 tells by another name. */
export const isMissing = (error: unknown): boolean =>
	error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== 'NoSuchBucket'

export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** @throws Error when it takes longer than `limitMs` without a touch, or `closing` aborts. */
async function within<Result>(limitMs: number, closing: AbortSignal, work: (limit: Limit) => Promise<Result>): Promise<Result> {
	const { promise: over, reject } = Promise.withResolvers<never>()
	const ending = new AbortController()
	const end = (reason: Error) => {
		reject(reason)
		ending.abort(reason)
	}
	const timer = setTimeout(() => end(new Error(`no answer within ${limitMs} ms`)), limitMs)
	const close = () => end(asError(closing.reason))
	if (closing.aborted) close()
	closing.addEventListener('abort', close, { once: true })
	const working = work({ signal: ending.signal, touch: () => timer.refresh() })
	for (const loser of [working, over]) loser.catch(() => undefined)
	try {
		return await Promise.race([over, working])
	} finally {
		clearTimeout(timer)
		closing.removeEventListener('abort', close)
	}
}
