import { z } from 'zod'
import { AppError } from '../errors.ts'
import { Unreachable } from './json-call.ts'
import { Silence } from './silence.ts'

/** What both vendors' SDKs tell about a failure, wherever the body keeps it. */
const Failure = z.object({ status: z.number().optional().catch(undefined), message: z.string().catch(''), error: z.unknown().optional() })
const Details = z.object({
	type: z.string().nullish().catch(null),
	code: z.union([z.string(), z.number()]).nullish().catch(null),
	message: z.string().nullish().catch(null),
})

/** The status that a named error would have had as an answer; inside a stream only the name comes. */
const STATUS: Record<string, number> = {
	authentication_error: 401,
	invalid_api_key: 401,
	permission_error: 403,
	billing_error: 402,
	rate_limit_error: 429,
	rate_limit_exceeded: 429,
	insufficient_quota: 429,
	context_length_exceeded: 413,
	request_too_large: 413,
	invalid_request_error: 400,
	api_error: 500,
	server_error: 500,
	timeout_error: 504,
	overloaded_error: 529,
}

/** Some providers answer with a page; what they have to say stands at its beginning. */
const MAX_REASON = 2_000

const TOO_LONG =
	/context.{0,10}(length|window|size|limit)|maximum context|prompt is too long|too many (input )?tokens|exceeds?.{0,40}(token|context)/i

/** Who was asked, for what, with which key. */
interface Asked {
	role: 'llm' | 'embedding' | 'reranking'
	provider: string
	apiKey: string | undefined
}

/** Anything thrown on the way to a provider's answer, as the caller may read it; never with a key in it. */
export function explain(error: unknown, { role, provider, apiKey }: Asked): AppError {
	if (error instanceof AppError) return error
	const failure = name(error, { role, provider }, (text) => redact(text, apiKey))
	// For the log: the AppError alone would hide what was thrown.
	failure.cause = redact(String(error).slice(0, MAX_REASON), apiKey)
	return failure
}

function name(error: unknown, asked: Pick<Asked, 'role' | 'provider'>, clean: (text: string) => string): AppError {
	const { provider } = asked
	if (error instanceof Silence) return new AppError('providerSilent', { provider })
	if (isConnectionFailure(error)) return new AppError('providerUnreachable', asked)
	const failure = Failure.safeParse(error)
	const details = failure.success ? detailsOf(failure.data.error) : undefined
	const status = failure.data?.status ?? statusOf(details)
	if (status === undefined && !details) return new AppError('providerBroke', { provider })
	const reason = (details?.message ?? failure.data?.message ?? '').slice(0, MAX_REASON)
	if (status === 401 || status === 403) return new AppError('providerKey', asked)
	if (status === 413 || details?.code === 'context_length_exceeded') return new AppError('providerContext', { provider })
	if (status === 402 || status === 429) return new AppError('providerQuota', { provider })
	if (status === 408 || (status !== undefined && status >= 500)) return new AppError('providerOverloaded', { provider })
	if (TOO_LONG.test(reason)) return new AppError('providerContext', { provider })
	return new AppError('providerRefused', { provider, reason: clean(short(reason)) || String(status ?? details?.type ?? 'unknown') })
}

/** `fetch` itself failed: refused, unknown host, no route, no TLS. Both SDKs wrap that in a class of this name. */
const isConnectionFailure = (error: unknown): boolean =>
	error instanceof Unreachable || (error instanceof Error && /^APIConnection(Timeout)?Error$/.test(error.constructor.name))

/** `{error: {message, type, code}}` or what is inside of it. */
function detailsOf(body: unknown): z.infer<typeof Details> | undefined {
	const nested = z.object({ error: z.unknown() }).safeParse(body)
	const details = Details.safeParse(nested.success ? nested.data.error : body)
	return details.success ? details.data : undefined
}

function statusOf(details: z.infer<typeof Details> | undefined): number | undefined {
	if (typeof details?.code === 'number') return details.code
	return STATUS[details?.code ?? ''] ?? STATUS[details?.type ?? '']
}

/** One line, without markup. */
const short = (reason: string): string =>
	reason
		.replace(/<[^>]*>/g, ' ')
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, 200)

const KEY_LIKE = /\b(?:sk|pk|rk|key|gsk|xai|hf|AIza)[-_][\w*.-]{6,}|\bBearer\s+\S+|\b(?=\w*\d)\w{32,}\b/g

/** The text without the key, and without anything that looks like one. */
export function redact(text: string, apiKey: string | undefined): string {
	const known = apiKey ? text.replaceAll(apiKey, '***') : text
	return known.replace(KEY_LIKE, '***')
}
