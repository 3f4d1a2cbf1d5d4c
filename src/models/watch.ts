import { Silence } from '../providers/silence.ts'

/**
 * The items of a stream that may fall silent: a wait (for the stream to open, for an item) longer than `timeoutMs()` throws
 * Silence, an abort throws the signal's reason, both at once whatever the source does. However the iteration ends, the signal
 * that the source was given is aborted then.
 */
export async function* watch<T>(
	open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
	timeoutMs: () => number,
	signal: AbortSignal,
): AsyncGenerator<T, void, void> {
	signal.throwIfAborted()
	const ending = new AbortController()
	try {
		const source = await within(open(AbortSignal.any([signal, ending.signal])), timeoutMs(), signal)
		const items = source[Symbol.asyncIterator]()
		for (;;) {
			const next = await within(items.next(), timeoutMs(), signal)
			if (next.done) return
			yield next.value
		}
	} finally {
		ending.abort()
	}
}

function within<T>(promise: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
	return new Promise<T>((resolve, reject) => {
		const abort = () => reject(signal.reason)
		const timer = setTimeout(() => reject(new Silence()), timeoutMs)
		const settle = () => {
			clearTimeout(timer)
			signal.removeEventListener('abort', abort)
		}
		signal.addEventListener('abort', abort)
		if (signal.aborted) abort()
		promise.then(resolve, reject).finally(settle)
	})
}
