/** What a body is made of, a piece at a time. */
export interface Pieces {
	/** Null at the end. Rejects when there is no way on: the body is cut off. */
	next(): Promise<Uint8Array | null>
	/** Nobody wants more: called once, also after the end, whatever is under way. */
	leave(): void
}

interface Options {
	/** Aborts when the client has gone. */
	signal: AbortSignal
	/** The body is cut off: whoever reads it would wait for ever. */
	broken(cause: unknown): void
}

/** A body that makes a piece when there is room for it, and none before. */
export function streamed(pieces: Pieces, { signal, broken }: Options): ReadableStream<Uint8Array> {
	let isLeft = false
	const leave = () => {
		if (isLeft) return
		isLeft = true
		signal.removeEventListener('abort', leave)
		pieces.leave()
	}
	if (signal.aborted) leave()
	else signal.addEventListener('abort', leave)
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				try {
					const piece = isLeft ? null : await pieces.next()
					if (piece) return controller.enqueue(piece)
					leave()
					controller.close()
				} catch (error) {
					if (!isLeft) broken(error)
					leave()
					controller.error(error)
				}
			},
			cancel: leave,
		},
		{ highWaterMark: 0 },
	)
}
