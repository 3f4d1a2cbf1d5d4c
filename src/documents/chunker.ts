import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { batches } from './batches.ts'
import { type ChunkDraft, type ChunkOptions, chunk } from './chunking.ts'
import { decoded, type EncodedText } from './encoded-text.ts'

/** What a thread is asked for: one batch for each message that it gets. */
export interface Cutting extends Omit<EncodedText, 'utf8'> {
	utf8: Uint8Array
	options: ChunkOptions
	/** Chunks in a batch. */
	size: number
}

/** Cut here, this takes some 10 ms; a thread takes longer to begin. */
const SHORT_BYTES = 100_000
const MAX_HEAP_MB = 512

interface Options {
	/** A long one is handed over to a thread: it is empty afterwards. */
	text: EncodedText
	options: ChunkOptions
	size: number
}

/** The chunks of a text, in batches. A long one is cut in a thread of its own, as it would hold the server. @throws the signal's reason */
export async function* chunkBatches({ text, options, size }: Options, signal: AbortSignal): AsyncGenerator<ChunkDraft[], void, void> {
	if (text.utf8.length <= SHORT_BYTES) return yield* batches(chunk(decoded(text), options), size)
	signal.throwIfAborted()
	const utf8 = ownBuffer(text.utf8)
	const thread = new Worker(new URL('./chunking-thread.ts', import.meta.url), {
		workerData: { ...text, utf8, options, size } satisfies Cutting,
		transferList: [utf8.buffer],
		env: {},
		resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
	})
	try {
		thread.postMessage('next')
		for await (const [batch] of on(thread, 'message', { signal, close: ['exit'] }) as AsyncIterable<[ChunkDraft[] | null]>) {
			if (batch === null) return
			thread.postMessage('next') // while this one is stored
			yield batch
		}
		throw new Error('the thread that cuts a text ended by itself')
	} catch (error) {
		signal.throwIfAborted()
		throw error
	} finally {
		await thread.terminate()
	}
}

/** Bytes that can be handed over: not a part of what others share. */
function ownBuffer(bytes: Buffer): Uint8Array<ArrayBuffer> {
	const { buffer, byteOffset, length } = bytes
	return buffer instanceof ArrayBuffer && buffer.byteLength === length ? new Uint8Array(buffer, byteOffset, length) : Uint8Array.from(bytes)
}
