import type { Plugin } from 'graphql-yoga'

/** A part that the server needs, asked whether it is there: rejects when it is not. */
export type Checks = Readonly<Record<string, () => Promise<void>>>

const CHECK_TIMEOUT_MS = 2_000

/** `/health/live`: the process runs. `/health/ready`: all it needs is there, else 503 with the names of what is not. */
export function useHealth(checks: Checks): Plugin {
	return {
		async onRequest({ request, url, endResponse, fetchAPI }) {
			if (!url.pathname.startsWith('/health/') || !['GET', 'HEAD'].includes(request.method)) return
			if (url.pathname === '/health/live') endResponse(answer(fetchAPI.Response, {}))
			if (url.pathname === '/health/ready') endResponse(answer(fetchAPI.Response, await stateOf(checks)))
		},
	}
}

async function stateOf(checks: Checks): Promise<Record<string, 'up' | 'down'>> {
	const states = Object.entries(checks).map(async ([name, check]) => [name, await isUp(check)] as const)
	return Object.fromEntries(await Promise.all(states))
}

async function isUp(check: () => Promise<void>): Promise<'up' | 'down'> {
	let timer: NodeJS.Timeout | undefined
	const late = new Promise<'down'>((resolve) => {
		timer = setTimeout(resolve, CHECK_TIMEOUT_MS, 'down')
	})
	const asked = check().then(
		() => 'up' as const,
		() => 'down' as const,
	)
	return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}

function answer(ResponseClass: typeof Response, parts: Record<string, 'up' | 'down'>): Response {
	const isReady = Object.values(parts).every((state) => state === 'up')
	const body = { status: isReady ? 'ok' : 'unavailable', parts }
	return new ResponseClass(JSON.stringify(body), {
		status: isReady ? 200 : 503,
		headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
	})
}
