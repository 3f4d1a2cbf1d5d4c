/** A request whose body stops halfway. */
export interface Stalled {
	request: Request
	/** Resolves when whoever answers reads the file: all before it has arrived, and more of it than anybody holds unread. */
	isRead: Promise<void>
	/** Lets the rest arrive. */
	goOn(): void
	/** Cuts the body off. */
	breakOff(): void
}

const PIECE = 65_536
/** More than what lies between a reader and its wire. */
const HELD_BYTES = 12 * PIECE

/** The same request, its body in pieces, the last of which waits. It must be larger than {@link HELD_BYTES}. */
export async function stalled(request: Request): Promise<Stalled> {
	const bytes = new Uint8Array(await request.arrayBuffer())
	if (bytes.length < HELD_BYTES + 2 * PIECE) throw new Error(`a body of ${bytes.length} bytes may be read by nobody`)
	const isRead = Promise.withResolvers<void>()
	const gate = Promise.withResolvers<'whole' | 'cut'>()
	let at = 0
	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				if (at > HELD_BYTES) isRead.resolve()
				const end = Math.min(at + PIECE, bytes.length)
				if (end === bytes.length && (await gate.promise) === 'cut') return controller.error(new Error('the line is cut'))
				controller.enqueue(bytes.subarray(at, end))
				at = end
				if (at === bytes.length) controller.close()
			},
		},
		{ highWaterMark: 0 },
	)
	return {
		request: new Request(request, { body, duplex: 'half' } as RequestInit),
		isRead: isRead.promise,
		goOn: () => gate.resolve('whole'),
		breakOff: () => gate.resolve('cut'),
	}
}
