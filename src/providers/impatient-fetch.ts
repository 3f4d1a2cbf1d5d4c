/** The SDKs wait as long as `Retry-After` says (one of them for days); past this the caller hears of it instead. */
const MAX_RETRY_AFTER_MS = 20_000

/**
 * `fetch` for the SDKs: an answer that asks for a long wait is not retried (`x-should-retry` is what both obey), and no redirect is followed, which
 * would take the key along.
 */
export async function impatientFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
	const response = await fetch(input, { ...init, redirect: 'error' })
	if (response.ok || retryAfterMs(response.headers.get('retry-after')) <= MAX_RETRY_AFTER_MS) return response
	const headers = new Headers(response.headers)
	headers.set('x-should-retry', 'false')
	return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

/** Seconds or a date; 0 when it says nothing. */
function retryAfterMs(header: string | null): number {
	const seconds = Number(header ?? 0)
	return Number.isNaN(seconds) ? Date.parse(header ?? '') - Date.now() || 0 : seconds * 1_000
}
