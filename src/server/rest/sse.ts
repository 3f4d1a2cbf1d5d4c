import type { ExecutionResult } from 'graphql'
import type { AppError, Language } from '../../errors.ts'
import { failureOf } from './failures.ts'
import type { ShownEvent } from './projection.ts'
import type { Pieces } from './streamed.ts'

export const SSE_TYPE = 'text/event-stream; charset=utf-8'

/** Beside its type, of a stream of events: nobody keeps it, and no proxy holds it back. */
export const SSE_HEADERS = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' } as const

/** A silence is broken so often, for proxies end what is silent. */
export const HEARTBEAT_MS = 15_000

interface Options {
	/** Of a subscription. */
	results: AsyncIterator<ExecutionResult>
	show(result: ExecutionResult): ShownEvent
	language: Language
	heartbeatMs: number
	/** Resolves when the caller may not follow any longer. */
	expelled: Promise<AppError>
	/** Gets errors whose cause the caller does not see. */
	report(cause: unknown): void
}

/**
 * The results of a subscription as server-sent events. An error is told as the event `error`, the last one. A result is asked for when somebody
 * reads: who is slow is told what the subscription then has to tell, and no queue grows here.
 */
export function eventPieces({ results, show, language, heartbeatMs, expelled, report }: Options): Pieces {
	let refusal: AppError | undefined
	/** Ends the wait for the next result. */
	let interrupt: ((error: AppError) => void) | undefined
	void expelled.then((error) => {
		refusal = error
		interrupt?.(error)
	})
	let asked: Promise<IteratorResult<ExecutionResult>> | undefined
	let has: 'begun' | 'ended' | undefined

	async function text(): Promise<string | null> {
		if (has === 'ended') return null
		if (!has) {
			has = 'begun'
			return ':\n\n' // so that the headers leave
		}
		if (refusal) throw refusal
		asked ??= results.next()
		const step = await orSilence(asked)
		if (step === SILENCE) return ':\n\n'
		asked = undefined
		if (step.done) return null
		const [error] = step.value.errors ?? []
		if (error) throw error
		return written(show(step.value))
	}

	async function orSilence<Value>(promise: Promise<Value>): Promise<Value | typeof SILENCE> {
		const first = Promise.withResolvers<Value | typeof SILENCE>()
		const timer = setTimeout(() => first.resolve(SILENCE), heartbeatMs)
		interrupt = first.reject
		promise.then(first.resolve, first.reject)
		return first.promise.finally(() => clearTimeout(timer))
	}

	return {
		async next() {
			const said = await text().catch((thrown: unknown) => {
				has = 'ended'
				const { error, hidden } = failureOf(thrown)
				if (hidden !== undefined) report(hidden)
				return written({ event: 'error', id: null, data: { code: error.code, error: error.in(language) } })
			})
			return said === null ? null : Buffer.from(said)
		},
		leave: () => void results.return?.().catch(report),
	}
}

const written = ({ event, id, data }: ShownEvent): string =>
	`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

const SILENCE = Symbol('silence')
