import { createHash, timingSafeEqual } from 'node:crypto'
import { BlockList, isIPv6 } from 'node:net'
import type { Metrics } from '../metrics/metrics.ts'
import { type Checks, createHealth } from './health.ts'

/** A request, as far as it matters here. */
export interface Asked {
	method: string
	/** Without the query string. */
	path: string
	authorization: string | null
	/** Of the socket's other end; undefined when there is none. */
	address: string | undefined
}

export interface Reply {
	status: number
	headers: Record<string, string>
	/** Null for HEAD. */
	body: string | null
}

/** What machines ask a process about itself. */
export interface Probes {
	serves(path: string): boolean
	/** Of a path that is served. */
	answer(asked: Asked): Promise<Reply>
}

interface Options {
	checks: Checks
	metrics: Metrics
	/** Bearer token of `/metrics`; undefined: it answers this machine alone. */
	metricsToken: string | undefined
}

const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'

/**
 * `/health/live`: the process runs. `/health/ready`: all it needs is there, else 503 with the names of what is not. `/metrics`: figures for
 * Prometheus, for who has the token, else for this machine. No limit holds for them.
 */
export function createProbes({ checks, metrics, metricsToken }: Options): Probes {
	const health = createHealth(checks)
	const refuse = gate(metricsToken)
	metrics.reportParts(health)

	const figures = async (): Promise<Reply> => ({
		status: 200,
		headers: { 'content-type': metrics.contentType },
		body: await metrics.text(),
	})
	const pages = new Map<string, (asked: Asked) => Promise<Reply>>([
		['/health/live', async () => state({})],
		['/health/ready', async () => state(await health())],
		['/metrics', async (asked) => refuse(asked) ?? (await figures())],
	])

	return {
		serves: (path) => pages.has(path),
		async answer(asked) {
			const { method, path } = asked
			const page = method === 'GET' || method === 'HEAD' ? pages.get(path) : notRead
			const { status, headers, body } = (await page?.(asked)) ?? plain(404, `There is no ${path}.`)
			return { status, headers: { ...headers, 'cache-control': 'no-store' }, body: method === 'HEAD' ? null : body }
		},
	}
}

const notRead = async (): Promise<Reply> => plain(405, 'This page is only read: GET or HEAD.', { allow: 'GET, HEAD' })

function state(parts: Readonly<Record<string, 'up' | 'down'>>): Reply {
	const isReady = Object.values(parts).every((part) => part === 'up')
	const body = JSON.stringify({ status: isReady ? 'ok' : 'unavailable', parts })
	return { status: isReady ? 200 : 503, headers: { 'content-type': JSON_TYPE }, body }
}

/** Who may not read the figures, and why; undefined for who may. */
function gate(token: string | undefined): (asked: Asked) => Reply | undefined {
	if (token === undefined)
		return ({ address }) =>
			isLoopback(address) ? undefined : plain(403, 'Only this machine may read the metrics, as METRICS_TOKEN is not set.')
	const expected = digest(token)
	return ({ authorization }) => {
		const [, sent = ''] = /^Bearer +(.*?) *$/i.exec(authorization ?? '') ?? []
		if (timingSafeEqual(digest(sent), expected)) return undefined
		return plain(401, 'The metrics need METRICS_TOKEN as bearer token.', { 'www-authenticate': 'Bearer' })
	}
}

/** Of one length, so that a comparison tells nothing of the text. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8) // as IPv6 too: ::ffff:127.0.0.1
loopback.addAddress('::1', 'ipv6')

const isLoopback = (address: string | undefined): boolean =>
	address !== undefined && loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

const plain = (status: number, text: string, headers: Record<string, string> = {}): Reply => ({
	status,
	headers: { ...headers, 'content-type': TEXT_TYPE },
	body: `${text}\n`,
})
