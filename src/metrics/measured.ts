import type { Embedder } from '../embedding/embedder.ts'
import type { ChatModel, ModelEvent } from '../models/model.ts'
import type { ChunkIndex } from '../retrieval/chunk-index.ts'
import type { Metrics } from './metrics.ts'
import { type Outcome, outcomeOf, stopwatch, timed } from './timed.ts'

/** The same index, its calls counted and timed. */
export function measuredIndex<Index extends ChunkIndex>(index: Index, metrics: Metrics): Index {
	const tell = (operation: 'search' | 'upsert' | 'remove') => (outcome: Outcome, seconds: number) =>
		metrics.indexed(operation, outcome, seconds)
	return {
		...index,
		upsert: (generation, chunks) => timed(() => index.upsert(generation, chunks), tell('upsert')),
		removeChunks: (chunkIds) => timed(() => index.removeChunks(chunkIds), tell('remove')),
		removeDocument: (documentId) => timed(() => index.removeDocument(documentId), tell('remove')),
		removeWorkspace: (workspaceId) => timed(() => index.removeWorkspace(workspaceId), tell('remove')),
		search: (generation, query) => timed(() => index.search(generation, query), tell('search')),
	}
}

/** The same embedder, its calls counted and timed. */
export function measuredEmbedder<E extends Embedder>(embedder: E, metrics: Metrics): E {
	return {
		...embedder,
		embed: (texts, kind, signal) =>
			timed(
				() => embedder.embed(texts, kind, signal),
				(outcome, seconds) => metrics.embedded(kind, texts.length, outcome, seconds),
				signal,
			),
	}
}

/** The same model, its answers timed and its tokens counted. Leaving an answer before its end counts as `cancelled`. */
export function measuredModel<Model extends ChatModel>(chatModel: Model, metrics: Metrics): Model {
	const { provider, model } = chatModel
	const labels = { provider, model }
	return { ...chatModel, stream: (prompt, signal) => watched(chatModel.stream(prompt, signal), signal) }

	/** No generator: one that waits for its source could not be left. */
	function watched(source: AsyncIterable<ModelEvent>, signal: AbortSignal): AsyncIterableIterator<ModelEvent> {
		const events = source[Symbol.asyncIterator]()
		let seconds: (() => number) | undefined
		let hasText = false
		let isOver = false

		function end(outcome: Outcome): void {
			if (!isOver && seconds) metrics.answered(labels, outcome, seconds())
			isOver = true
		}

		function see(event: ModelEvent): void {
			if (event.type === 'finish') {
				metrics.used(labels, event.usage)
				end('ok')
			} else if (!hasText && seconds) {
				hasText = true
				metrics.firstToken(labels, seconds())
			}
		}

		return {
			async next() {
				seconds ??= stopwatch()
				try {
					const step = await events.next()
					if (!step.done) see(step.value)
					return step
				} catch (error) {
					end(outcomeOf(error, signal))
					throw error
				}
			},
			async return() {
				end('cancelled')
				return (await events.return?.()) ?? { done: true, value: undefined }
			},
			[Symbol.asyncIterator]() {
				return this
			},
		}
	}
}
