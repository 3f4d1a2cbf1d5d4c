/** No caller waits longer because a provider says so; it hears of it instead. */
export const MAX_PATIENCE_MS = 20_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8_000

/** Before the nth try, from 1: twice as long each time, and half of it left to chance, so that those who failed together do not come together. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
	const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
	return longest * (0.5 + random() / 2)
}

/** What `Retry-After` asks for, in seconds or as a date, or `retry-after-ms`; undefined when it says nothing that can be read. */
export function retryAfterMs(headers: Headers): number | undefined {
	const exact = headers.get('retry-after-ms')
	if (exact !== null && Number(exact) >= 0) return Number(exact)
	const header = headers.get('retry-after')
	if (header === null || header.trim() === '') return undefined
	const seconds = Number(header)
	const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000
	return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** How a provider names what is left of its limits, and when they are whole again. */
const RATE_HEADERS = [
	['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
	['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
	['x-ratelimit-remaining', 'x-ratelimit-reset'],
	['ratelimit-remaining', 'ratelimit-reset'],
] as const

/** Until a limit that is used up is whole again; 0 while something is left, or where nothing says. */
export function exhaustedMs(headers: Headers, now: number = Date.now()): number {
	const waits = RATE_HEADERS.map(([remaining, reset]) => {
		const left = headers.get(remaining)
		return left !== null && left.trim() !== '' && Number(left) <= 0 ? durationMs(headers.get(reset) ?? '', now) : 0
	})
	return Math.max(...waits)
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
/** Larger numbers are no seconds to wait, but a time. */
const EPOCH_SECONDS = 1_000_000_000

/** `6m0s`, `20ms`, seconds, or a time in seconds since 1970; else 0. */
function durationMs(text: string, now: number): number {
	const seconds = Number(text)
	if (text.trim() !== '' && !Number.isNaN(seconds)) return Math.max(0, seconds > EPOCH_SECONDS ? seconds * 1_000 - now : seconds * 1_000)
	return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/g)].reduce(
		(sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0),
		0,
	)
}
