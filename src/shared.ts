/** There was no answer in time. */
class Late extends Error {
	override name = 'Late'
}

interface Limits {
	/** Whoever asks waits so long at most; then the signal aborts. */
	timeoutMs: number
	/** An answer, good or bad, is given again for so long. */
	freshMs: number
	/** A question that hangs is asked anew after so long; until then everybody hears at once that there is no answer. Default 30 s. */
	givenUpMs?: number
}

interface Asked<Answer> {
	answer: Promise<Answer>
	at: number
	endedAt: number | null
}

/**
 * One question that many may ask at once: it is put once for all of them.
 * @returns what asks; rejects as `ask` does, or with Late.
 */
export function shared<Answer>(ask: (signal: AbortSignal) => Promise<Answer>, limits: Limits): () => Promise<Answer> {
	const { timeoutMs, freshMs, givenUpMs = 30_000 } = limits
	let last: Asked<Answer> | undefined

	function begin(): Asked<Answer> {
		const late = Promise.withResolvers<never>()
		const over = new AbortController()
		const timer = setTimeout(() => {
			const reason = new Late(`no answer within ${timeoutMs} ms`)
			over.abort(reason)
			late.reject(reason)
		}, timeoutMs)
		const asked: Asked<Answer> = { answer: late.promise, at: performance.now(), endedAt: null }
		const work = (async () => ask(over.signal))().finally(() => {
			clearTimeout(timer)
			asked.endedAt = performance.now()
		})
		asked.answer = Promise.race([work, late.promise])
		asked.answer.catch(() => undefined) // whoever asks hears of it
		return asked
	}

	function isGood({ at, endedAt }: Asked<Answer>): boolean {
		const now = performance.now()
		return endedAt === null ? now - at < givenUpMs : now - endedAt < freshMs
	}

	return () => {
		if (!last || !isGood(last)) last = begin()
		return last.answer
	}
}
