import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { UsageError } from './questions.ts'

type Fetch = (request: Request) => Promise<Response>

interface Options {
	/** Of the server, without `/api`. */
	url: string
	token: string
	/** Without it over the network. */
	fetch?: Fetch
}

interface Body {
	method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
	json?: unknown
	form?: FormData
	timeoutMs?: number
}

const TIMEOUT_MS = 60_000
/** How often a call is made again that came too early, and the longest wait before it. */
const [MAX_RETRIES, MAX_WAIT_MS] = [5, 90_000]

const Envelope = z.object({ success: z.boolean(), data: z.unknown(), error: z.string().nullable() })

export type Server = ReturnType<typeof createServer>

/** A server of ours over REST. Redirects are not followed, so that the token stays with it. */
export function createServer({ url, token, fetch: send = fetch }: Options) {
	async function request(path: string, { method = 'GET', json, form, timeoutMs = TIMEOUT_MS }: Body): Promise<Response> {
		const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'accept-language': 'en' }
		if (json !== undefined) headers['content-type'] = 'application/json'
		const body = form ?? (json === undefined ? null : JSON.stringify(json))
		for (let attempt = 0; ; attempt++) {
			const signal = AbortSignal.timeout(timeoutMs)
			const answer = await send(new Request(`${url}/api${path}`, { method, headers, body, signal, redirect: 'error' })).catch(() => {
				throw new UsageError(`${method} ${url}: ${signal.aborted ? `no answer within ${timeoutMs / 1_000} s` : 'no connection'}`)
			})
			if (answer.status !== 429 || attempt === MAX_RETRIES) return answer
			await answer.body?.cancel()
			await delay(Math.min(MAX_WAIT_MS, Math.max(1, Number(answer.headers.get('retry-after')) || 1) * 1_000))
		}
	}

	return {
		/** @returns what the answer has as `data`. @throws UsageError with the server's words. */
		async call<Data>(path: string, schema: z.ZodType<Data>, body: Body = {}): Promise<Data> {
			const answer = await request(path, body)
			const read = Envelope.safeParse(await answer.json().catch(() => null))
			const what = `${body.method ?? 'GET'} ${url}/api${path.split('?')[0]}`
			if (!read.success) throw new UsageError(`${what}: ${answer.status}, and no answer of this product`)
			if (!read.data.success) throw new ServerError(answer.status, `${what}: ${answer.status}, ${read.data.error}`)
			const data = schema.safeParse(read.data.data)
			if (!data.success) throw new UsageError(`${what}: an answer of another form: ${z.prettifyError(data.error)}`)
			return data.data
		},

		/** Reads a stream of events to its end. */
		async follow(path: string, timeoutMs: number): Promise<void> {
			await (await request(path, { timeoutMs })).text()
		},
	}
}

/** The server refused. */
export class ServerError extends UsageError {
	readonly status: number

	constructor(status: number, message: string) {
		super(message)
		this.status = status
	}
}
