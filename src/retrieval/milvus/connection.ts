import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientConfig, MilvusClient, ResStatus } from '@zilliz/milvus2-sdk-node'
import { Unavailable } from '../../errors.ts'
import { isPassing, MilvusError, refusalOf, UnusableServer } from './failures.ts'

export interface ConnectionOptions {
	/** `host:port`, or `https://host:port`. */
	address: string
	/** `user:password`, or an API key. */
	token?: string | undefined
	/** Hears when the server stops answering, and when it answers again. */
	report(problem: string): void
}

type Answered = ResStatus | { status: ResStatus }

/** Some types of the SDK leave out the status that each answer has. */
export const withStatus = <Answer>(answer: Promise<Answer>) => answer as Promise<Answer & { status: ResStatus }>

/** The way to a Milvus server, made when it is first used, and again by itself whenever it breaks. */
export interface Connection {
	/**
	 * One call, which must have the same effect when it is repeated: what fails because the server is away is tried again, within `limitMs`.
	 * While the server is known to be away, it fails at once.
	 * @throws Unavailable when there is no answer in time; UnusableServer; MilvusError for what the server does not do.
	 */
	call<Answer extends Answered>(limitMs: number, send: (client: MilvusClient, timeout: number) => Promise<Answer>): Promise<Answer>
	/** Calls back whenever the server answers again after it did not. */
	onRecovery(listener: () => void): void
	/** The same limit around several calls. */
	limited<Result>(limitMs: number, work: Promise<Result>): Promise<Result>
	close(): Promise<void>
}

/** After a restart of the server the channel comes back within a second. */
const RETRY_AFTER_MS = [100, 300, 900]
const CLOSE_MS = 2_000
/** While the server is away it is asked so often whether it is back. */
const PROBE_MS = 1_000
const PROBE_LIMIT_MS = 2_000
/** Calls at once; they share one connection, and the rest waits. */
const CALLS = 64

export function connect({ address, token, report }: ConnectionOptions): Connection {
	let client: Promise<MilvusClient> | undefined
	const closing = new AbortController()
	const listeners = new Set<() => void>()
	/** Why the server is away, while it is. */
	let away: Error | undefined
	let probing: Promise<void> | undefined

	async function attempt<Answer extends Answered>(send: (client: MilvusClient) => Promise<Answer>): Promise<Answer> {
		closing.signal.throwIfAborted()
		client ??= openClient(address, token)
		const answer = checked(await send(await client).catch(thrown))
		if (away) {
			away = undefined
			report('Milvus answers again')
			for (const listener of listeners) listener()
		}
		return answer
	}

	function unavailable(cause: Error): Unavailable {
		if (!away && !closing.signal.aborted) {
			away = cause
			report(`Milvus does not answer: ${cause.message}`)
			probing ??= probe().finally(() => (probing = undefined))
		}
		return new Unavailable('milvus', cause)
	}

	/** Until the server is back, or the connection is closed. */
	async function probe(): Promise<void> {
		while (away && !closing.signal.aborted) {
			const asked = limited(
				PROBE_LIMIT_MS,
				attempt((client) => withStatus(client.getVersion())),
			)
			await asked.catch(() => undefined) // still away
			await sleep(PROBE_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined) // closed
		}
	}

	async function repeated<Answer extends Answered>(endsAt: number, send: (client: MilvusClient, timeout: number) => Promise<Answer>) {
		for (let tries = 0; ; tries++) {
			try {
				return await attempt((client) => send(client, Math.max(1, endsAt - performance.now())))
			} catch (error) {
				if (!isPassing(error)) throw error
				const waitMs = RETRY_AFTER_MS[tries]
				if (waitMs === undefined || performance.now() + waitMs >= endsAt)
					throw error instanceof MilvusError ? new Unavailable('milvus', error) : unavailable(error) // what answers is not away
				await sleep(waitMs, undefined, { signal: closing.signal })
			}
		}
	}

	const limited = <Result>(limitMs: number, work: Promise<Result>): Promise<Result> =>
		within(limitMs, work, () => unavailable(new Error(`no answer within ${limitMs} ms`)), closing.signal)

	return {
		async call(limitMs, send) {
			if (away) throw new Unavailable('milvus', away)
			return limited(limitMs, repeated(performance.now() + limitMs, send))
		},
		onRecovery: (listener) => void listeners.add(listener),
		limited,
		async close() {
			closing.abort(new Error('the connection to Milvus is closed'))
			await probing
			const opened = await client?.catch(() => null) // one that could not be made needs no closing
			const late = () => new Error(`no end within ${CLOSE_MS} ms`)
			if (opened) await within(CLOSE_MS, opened.closeConnection(), late).catch(() => undefined) // what still waits ends at its own limit
		},
	}
}

/** The SDK takes 60 MB and a while to load: only who uses Milvus pays for it. */
async function openClient(address: string, token: string | undefined): Promise<MilvusClient> {
	const { MilvusClient } = await import('@zilliz/milvus2-sdk-node')
	const config: ClientConfig = {
		address,
		...(token === undefined ? {} : { token }),
		__SKIP_CONNECT__: true, // else a server that is down ends the process
		telemetry: { enabled: false },
		logLevel: 'error', // else it prints what is indexed
		timeout: 10_000, // of the calls that the SDK makes by itself
		maxRetries: 0, // ours know what may be repeated, and for how long
		pool: { min: 1, max: CALLS },
		channelOptions: {
			'grpc.initial_reconnect_backoff_ms': 100,
			'grpc.max_reconnect_backoff_ms': 1_000,
			'grpc.keepalive_permit_without_calls': 0, // servers take idle pings for abuse
			'grpc.enable_http_proxy': 0, // else it heeds http_proxy, which is not meant for databases
		},
	}
	return new MilvusClient(config)
}

/** A success has both marks; the SDK makes an empty object of a call that the server does not know. */
function checked<Answer extends Answered>(answer: Answer): Answer {
	const status: Partial<ResStatus> | undefined = 'status' in answer ? answer.status : answer
	if (status?.error_code === 'Success' && (status.code ?? 0) === 0) return answer
	if (status?.error_code === undefined)
		throw new UnusableServer('MILVUS_ADDRESS: what answers there does not speak the protocol of Milvus 2.5 or later.')
	throw new MilvusError(status)
}

/** The SDK throws errors of gRPC, and answers as they are. */
function thrown(error: unknown): never {
	const refusal = refusalOf(error)
	if (refusal) throw refusal
	if (typeof error === 'object' && error !== null && !(error instanceof Error)) checked(error as Answered)
	throw error
}

/** @throws what `late` makes, after so many milliseconds; or at once the reason of the signal. */
async function within<Value>(ms: number, promise: Promise<Value>, late: () => Error, signal?: AbortSignal): Promise<Value> {
	const settled = new AbortController()
	const ending = signal ? AbortSignal.any([signal, settled.signal]) : settled.signal
	const limit = sleep(ms, undefined, { signal: ending }).then(
		() => Promise.reject(late()),
		() => Promise.reject(ending.reason),
	)
	for (const loser of [limit, promise]) loser.catch(() => undefined)
	return Promise.race([promise, limit]).finally(() => settled.abort())
}
