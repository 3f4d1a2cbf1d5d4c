/** An iteration, and the way out of it. Who has one iterates it to its end, or leaves it, or aborts its signal. */
export interface Leavable<T> extends AsyncIterableIterator<T> {
	return(): Promise<IteratorResult<T>>
}

/**
 * An iteration that can be left while it waits. A bare async generator takes `return()` only at its next event, so that a
 * follower that goes away in a silence would stay; this one aborts the wait first.
 */
export function leavable<T>(signal: AbortSignal, follow: (signal: AbortSignal) => AsyncGenerator<T, void, void>): Leavable<T> {
	const left = new AbortController() // `AbortSignal.any` would weigh kilobytes
	const abort = () => left.abort(signal.reason)
	if (signal.aborted) abort()
	signal.addEventListener('abort', abort, { once: true })
	const leave = () => {
		signal.removeEventListener('abort', abort)
		left.abort()
	}
	const generator = follow(left.signal)
	return {
		async next() {
			let step: IteratorResult<T, void> | undefined
			try {
				step = await generator.next()
				return step
			} finally {
				if (step?.done !== false) leave()
			}
		},
		return() {
			leave()
			return generator.return()
		},
		[Symbol.asyncIterator]() {
			return this
		},
	}
}

/** What `follow` makes of a source. Leaving it, or its end, leaves the source; it ends with the source, so it needs no signal of its own. */
export function following<Source, T>(
	source: Leavable<Source>,
	follow: (source: AsyncIterable<Source>) => AsyncGenerator<T, void, void>,
): Leavable<T> {
	const generator = follow(source)
	return {
		async next() {
			let step: IteratorResult<T, void> | undefined
			try {
				step = await generator.next()
				return step
			} finally {
				if (step?.done !== false) await source.return()
			}
		},
		async return() {
			await source.return()
			return generator.return()
		},
		[Symbol.asyncIterator]() {
			return this
		},
	}
}

/** Waits until `waiting` is rung or the signal aborts; then it is in `waiting` no more. */
export function ring(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve()
	return new Promise((resolve) => {
		const wake = () => {
			waiting.delete(wake)
			signal.removeEventListener('abort', wake)
			resolve()
		}
		waiting.add(wake)
		signal.addEventListener('abort', wake)
	})
}

/** Each item changed; leaving this leaves the source at once, also while it waits. */
export function mapped<T, U>(source: AsyncIterable<T>, change: (item: T) => U): AsyncIterableIterator<U> {
	const items = source[Symbol.asyncIterator]()
	const pass = ({ done, value }: IteratorResult<T>): IteratorResult<U> => (done ? { done, value: undefined } : { value: change(value) })
	return {
		next: async () => pass(await items.next()),
		return: async () => {
			await items.return?.()
			return { done: true, value: undefined }
		},
		[Symbol.asyncIterator]() {
			return this
		},
	}
}
