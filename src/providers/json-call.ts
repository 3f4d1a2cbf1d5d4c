import { z } from 'zod'
import { type Gate, pausing } from './gate.ts'
import { backoffMs, exhaustedMs, MAX_PATIENCE_MS, retryAfterMs } from './patience.ts'
import { Silence } from './silence.ts'

export interface JsonCall {
	url: string
	apiKey: string | undefined
	body: object
	/** Of one try, until the last byte of its answer. */
	timeoutMs: number
	/** Of a try that failed in a way that may pass: no connection, a rate limit, a server that is overloaded or broken. */
	maxRetries: number
	/** A longer answer is given up. */
	maxBytes: number
	/** Hears of pauses that the provider wants. */
	gate?: Pick<Gate, 'pause'>
}

/** An answer that is none: what the provider said instead. */
export class Refused extends Error {
	override name = 'Refused'
	readonly status: number
	/** Its body, as JSON where it is any. */
	readonly error: unknown
	/** How long it asks to be left alone. */
	readonly retryAfterMs: number | undefined

	constructor(status: number, text: string, headers: Headers) {
		const error = parsed(text)
		super(reasonOf(error) ?? text)
		this.status = status
		this.error = error
		this.retryAfterMs = retryAfterMs(headers) ?? (exhaustedMs(headers) || undefined)
	}
}

/** Nobody was there to answer: refused, unknown host, no route, no TLS, a redirect. */
export class Unreachable extends Error {
	override name = 'Unreachable'
}

/** Something came, but no JSON, or more than can be meant. */
export class Unreadable extends Error {
	override name = 'Unreadable'
	readonly what: 'notJson' | 'tooLarge'

	constructor(what: 'notJson' | 'tooLarge') {
		super(what)
		this.what = what
	}
}

/**
 * POSTs JSON and returns the JSON that comes back. Tries again where that may help, after the time that the provider asks for or one that grows, each
 * wait no longer than {@link MAX_PATIENCE_MS}. No redirect is followed, which would take the key along.
 * @throws Refused, Unreachable, Silence, Unreadable, or the signal's reason.
 */
export async function callJson(call: JsonCall, signal: AbortSignal): Promise<unknown> {
	for (let attempt = 1; ; attempt++) {
		signal.throwIfAborted()
		try {
			return await once(call, signal)
		} catch (error) {
			signal.throwIfAborted()
			const wait = (error instanceof Refused && error.retryAfterMs) || backoffMs(attempt)
			if (attempt > call.maxRetries || !mayPass(error) || wait > MAX_PATIENCE_MS) throw error
			if (error instanceof Refused && error.status === 429) call.gate?.pause(wait)
			await pausing(wait, signal)
		}
	}
}

/** What another try may change. A quota that is used up is not among it. */
function mayPass(error: unknown): boolean {
	if (error instanceof Unreachable || error instanceof Silence) return true
	if (!(error instanceof Refused) || isQuotaUsedUp(error)) return false
	return error.status === 408 || error.status === 429 || (error.status >= 500 && error.status !== 501)
}

/** There is nothing to wait for: somebody has to pay first. */
export const isQuotaUsedUp = ({ status, error }: Refused): boolean =>
	status === 402 || (status === 429 && /insufficient_quota|insufficient.{0,10}balance|billing|余额/i.test(JSON.stringify(error) ?? ''))

async function once({ url, apiKey, body, timeoutMs, maxBytes, gate }: JsonCall, signal: AbortSignal): Promise<unknown> {
	const deadline = AbortSignal.timeout(timeoutMs)
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json', accept: 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
			body: JSON.stringify(body),
			redirect: 'error',
			signal: AbortSignal.any([signal, deadline]),
		}).catch((error: unknown) => {
			throw deadline.aborted || signal.aborted ? error : new Unreachable(String(error))
		})
		const pause = exhaustedMs(response.headers)
		if (pause > 0) gate?.pause(Math.min(pause, MAX_PATIENCE_MS))
		const text = await read(response, response.ok ? maxBytes : MAX_REFUSAL_BYTES, response.ok)
		if (!response.ok) throw new Refused(response.status, text, response.headers)
		return parsed(text, new Unreadable('notJson'))
	} catch (error) {
		if (deadline.aborted && !signal.aborted) throw new Silence()
		if (error instanceof TypeError) throw new Unreachable(String(error)) // cut in the middle
		throw error
	}
}

/** What a provider has to say of a failure stands at its beginning. */
const MAX_REFUSAL_BYTES = 16_384

/** @throws Unreadable for more than `maxBytes` where that matters; else the beginning. */
async function read({ body }: Response, maxBytes: number, isWhole: boolean): Promise<string> {
	const parts: Uint8Array[] = []
	let size = 0
	for await (const part of body ?? []) {
		size += part.length
		parts.push(part)
		if (size <= maxBytes) continue
		if (isWhole) throw new Unreadable('tooLarge')
		break
	}
	return Buffer.concat(parts).toString('utf8')
}

function parsed(text: string, otherwise?: Error): unknown {
	try {
		return JSON.parse(text)
	} catch {
		if (otherwise) throw otherwise
		return undefined
	}
}

const sentence = z.string().optional().catch(undefined)
const Reason = z.object({ error: z.union([z.object({ message: sentence }), sentence]), message: sentence, detail: sentence }).partial()

/** Wherever the provider keeps its words. */
function reasonOf(body: unknown): string | undefined {
	const { error, message, detail } = Reason.safeParse(body).data ?? {}
	return (typeof error === 'object' ? error.message : error) ?? message ?? detail
}
