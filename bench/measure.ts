import autocannon from 'autocannon'
import type { Server } from './child.ts'

export const percentile = (values: readonly number[], share: number): number =>
	values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
export const median = (values: readonly number[]): number => percentile(values, 0.5)

export interface Load {
	path: string
	method?: 'GET' | 'POST' | 'PUT'
	headers?: Record<string, string>
	body?: string
	connections?: number
	seconds?: number
	/** Requests before it is measured: what V8 has not compiled yet costs several times as much. Default 1,500. */
	warmUp?: number
}

/** Requests a second, and processor time of the server for one, in microseconds. The load generator is this process. */
export async function load(
	server: Pick<Server, 'url' | 'usage'>,
	{ path, method = 'GET', headers = {}, body, connections = 10, seconds = 3, warmUp = 1_500 }: Load,
) {
	const run = (length: { amount: number } | { duration: number }) =>
		autocannon({ url: server.url + path, method, headers, connections, ...length, ...(body !== undefined && { body }) })
	await run({ amount: warmUp })
	const before = await server.usage()
	const { requests, non2xx, errors } = await run({ duration: seconds })
	const after = await server.usage()
	if (non2xx + errors > 0) throw new Error(`${path}: ${non2xx} refusals, ${errors} errors`)
	return { perSecond: requests.total / seconds, cpuMicros: (after.cpuMicros - before.cpuMicros) / requests.total }
}

/** Calls `ask` so many times, `concurrency` at once. @returns the time of each in milliseconds, and calls a second. */
export async function repeat(
	times: number,
	concurrency: number,
	ask: (at: number) => Promise<unknown>,
): Promise<{ ms: number[]; perSecond: number }> {
	const ms: number[] = []
	let started = 0
	const begin = performance.now()
	await Promise.all(
		Array.from({ length: concurrency }, async () => {
			while (started < times) {
				const at = started++
				const begin = performance.now()
				await ask(at)
				ms.push(performance.now() - begin)
			}
		}),
	)
	return { ms, perSecond: (times * 1_000) / (performance.now() - begin) }
}
