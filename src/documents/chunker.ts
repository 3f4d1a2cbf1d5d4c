import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { batches } from './batches.ts'
import { type ChunkDraft, type ChunkOptions, chunk } from './chunking.ts'
import type { ParsedText } from './parsing/types.ts'

/** What a thread is asked for. */
export interface Cutting {
	parsed: ParsedText
	options: ChunkOptions
	/** Chunks in a batch. */
	size: number
}

/** Cut here, this takes some 10 ms; a thread takes longer to begin. */
const SHORT_TEXT = 100_000
const MAX_HEAP_MB = 512

/** The chunks of a text, in batches. A long one is cut in a thread of its own, as it would hold the server. @throws the signal's reason */
export async function* chunkBatches(cutting: Cutting, signal: AbortSignal): AsyncGenerator<ChunkDraft[], void, void> {
	const { parsed, options, size } = cutting
	if (parsed.text.length <= SHORT_TEXT) return yield* batches(chunk(parsed, options), size)
	signal.throwIfAborted()
	const thread = new Worker(new URL('./chunking-thread.ts', import.meta.url), {
		workerData: cutting,
		env: {},
		resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
	})
	try {
		for await (const [spans] of on(thread, 'message', { signal, close: ['exit'] }) as AsyncIterable<[Omit<ChunkDraft, 'text'>[] | null]>) {
			if (spans === null) return
			yield spans.map((span) => ({ ...span, text: parsed.text.slice(span.start, span.end) }))
		}
		throw new Error('the thread that cuts a text ended by itself')
	} catch (error) {
		signal.throwIfAborted()
		throw error
	} finally {
		await thread.terminate()
	}
}
