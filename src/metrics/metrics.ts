import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { createProcessMetrics } from './process-metrics.ts'
import type { Outcome } from './timed.ts'

export type Surface = 'graphql' | 'rest' | 'websocket'

/** A queue of background jobs, as it stands. */
export interface QueueState {
	queue: string
	waiting: number
	active: number
	/** Of the job that waits longest; 0 when none does. */
	oldestSeconds: number
}

const REQUEST_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const PART_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const LONG_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export type Metrics = ReturnType<typeof createMetrics>

/**
 * What one application tells about itself, for Prometheus. Every label has few values: names of the schema, of parts, of queues and of what is
 * configured; nothing that a client makes up. Between {@link Metrics.start} and `stop` the process is watched too.
 */
export function createMetrics({ version, role }: { version: string; role: string }) {
	const registry = new Registry()
	const shared = { registers: [registry] }
	const named = (name: string, help: string) => ({ name: `anythingllm_${name}`, help, ...shared })

	const processMetrics = createProcessMetrics(registry)
	new Gauge({ ...named('build_info', 'Always 1; the labels say what runs.'), labelNames: ['version', 'node', 'role'] }).set(
		{ version, node: process.version, role },
		1,
	)
	const requests = new Counter({
		...named('requests_total', 'Answers, by root field or route, and by status: of HTTP over REST, OK or the error code over GraphQL.'),
		labelNames: ['surface', 'operation', 'status'],
	})
	const requestSeconds = new Histogram({
		...named('request_duration_seconds', 'From the arrival of a request to its answer, or to the first event of what is followed.'),
		labelNames: ['surface', 'operation'],
		buckets: REQUEST_SECONDS,
	})
	const subscriptions = new Gauge({
		...named('subscriptions', 'Subscriptions that are being followed.'),
		labelNames: ['surface', 'operation'],
	})
	const stageSeconds = new Histogram({
		...named('document_stage_duration_seconds', 'One try of one stage of a document.'),
		labelNames: ['stage', 'outcome'],
		buckets: LONG_SECONDS,
	})
	const documents = new Counter({ ...named('documents_ended_total', 'Documents that ended here.'), labelNames: ['outcome'] })
	const findings = new Counter({
		...named(
			'reconciler_findings_total',
			'What rows, files and the index did not agree in, and the reconciler has mended where that was possible.',
		),
		labelNames: ['finding'],
	})
	const reconciledAt = new Gauge(
		named('reconciler_ended_timestamp_seconds', 'When the reconciler was last through everything here; 0 before.'),
	)
	const documentBytes = new Counter({ ...named('document_bytes_total', 'Size of the documents that ended here.'), labelNames: ['outcome'] })
	const documentSeconds = new Histogram({
		...named('document_duration_seconds', 'From the upload of a document until it could be found, its wait included.'),
		buckets: [...LONG_SECONDS, 1_800, 3_600],
	})
	const indexSeconds = new Histogram({
		...named('index_duration_seconds', 'Calls of the chunk index. A search includes the wait for the vector of its query.'),
		labelNames: ['operation', 'outcome'],
		buckets: PART_SECONDS,
	})
	const embedderSeconds = new Histogram({
		...named('embedder_duration_seconds', 'Calls of the embedder: one query, or a batch of passages.'),
		labelNames: ['kind', 'outcome'],
		buckets: LONG_SECONDS,
	})
	const embedded = new Counter({ ...named('embedder_texts_total', 'Texts that were turned into vectors.'), labelNames: ['kind'] })
	const rerankerSeconds = new Histogram({
		...named('reranker_duration_seconds', 'Searches that wanted a reranker; `failed` and `skipped` ones kept the order that they had.'),
		labelNames: ['outcome'],
		buckets: PART_SECONDS,
	})
	const firstTokenSeconds = new Histogram({
		...named('model_first_token_seconds', 'From asking a model to its first text.'),
		labelNames: ['provider', 'model'],
		buckets: LONG_SECONDS,
	})
	const modelSeconds = new Histogram({
		...named('model_duration_seconds', 'From asking a model to the end of its answer.'),
		labelNames: ['provider', 'model', 'outcome'],
		buckets: LONG_SECONDS,
	})
	const tokens = new Counter({
		...named('model_tokens_total', 'Tokens as the provider counts them, else as we estimate them.'),
		labelNames: ['provider', 'model', 'kind'],
	})

	return {
		request(answer: { surface: Surface; operation: string; status: string; seconds: number }): void {
			const { surface, operation, status, seconds } = answer
			requests.inc({ surface, operation, status })
			requestSeconds.observe({ surface, operation }, seconds)
		},
		/** Something is being followed from now on. @returns what says that it is no more; may be called twice. */
		following(surface: Surface, operation: string): () => void {
			const labels = { surface, operation }
			let isOver = false
			subscriptions.inc(labels)
			return () => {
				if (!isOver) subscriptions.dec(labels)
				isOver = true
			}
		},
		stage(stage: string, outcome: string, seconds: number): void {
			stageSeconds.observe({ stage, outcome }, seconds)
		},
		documentEnded(outcome: 'processed' | 'failed', bytes: number, seconds?: number): void {
			documents.inc({ outcome })
			documentBytes.inc({ outcome }, bytes)
			if (seconds !== undefined) documentSeconds.observe(seconds)
		},
		found(finding: string, count: number): void {
			findings.inc({ finding }, count)
		},
		reconciled(): void {
			reconciledAt.setToCurrentTime()
		},
		indexed(operation: 'search' | 'upsert' | 'remove', outcome: Outcome, seconds: number): void {
			indexSeconds.observe({ operation, outcome }, seconds)
		},
		embedded(kind: 'query' | 'passage', count: number, outcome: Outcome, seconds: number): void {
			embedderSeconds.observe({ kind, outcome }, seconds)
			if (outcome === 'ok') embedded.inc({ kind }, count)
		},
		reranked(outcome: 'ok' | 'failed' | 'skipped' | 'cancelled', seconds: number): void {
			rerankerSeconds.observe({ outcome }, seconds)
		},
		firstToken(model: { provider: string; model: string }, seconds: number): void {
			firstTokenSeconds.observe(model, seconds)
		},
		answered(model: { provider: string; model: string }, outcome: Outcome, seconds: number): void {
			modelSeconds.observe({ ...model, outcome }, seconds)
		},
		used(model: { provider: string; model: string }, usage: { promptTokens: number; completionTokens: number }): void {
			tokens.inc({ ...model, kind: 'prompt' }, usage.promptTokens)
			tokens.inc({ ...model, kind: 'completion' }, usage.completionTokens)
		},

		/** Counts open sockets when it is read. */
		reportSockets(count: () => number): void {
			new Gauge({
				...named('sockets', 'Open WebSockets.'),
				collect() {
					this.set(count())
				},
			})
		},
		/** Asks for the parts when it is read; `read` has a limit of its own and never rejects. */
		reportParts(read: () => Promise<Readonly<Record<string, 'up' | 'down'>>>): void {
			new Gauge({
				...named('part_up', '1 when the part answers this process, else 0.'),
				labelNames: ['part'],
				async collect() {
					for (const [part, state] of Object.entries(await read())) this.set({ part }, state === 'up' ? 1 : 0)
				},
			})
		},
		/** Asks for the queues when it is read; null: they cannot be read now, and are left out. `read` has a limit of its own. */
		reportQueues(read: () => Promise<readonly QueueState[] | null>): void {
			new Gauge({
				...named('queue_jobs', 'Jobs in the database, the same for every process that shares it: take the maximum, not the sum.'),
				labelNames: ['queue', 'state'],
				async collect() {
					const states = await read()
					this.reset()
					for (const { queue, waiting, active } of states ?? []) {
						this.set({ queue, state: 'waiting' }, waiting)
						this.set({ queue, state: 'active' }, active)
					}
				},
			})
			new Gauge({
				...named('queue_oldest_seconds', 'Age of the job that waits longest.'),
				labelNames: ['queue'],
				async collect() {
					const states = await read()
					this.reset()
					for (const { queue, oldestSeconds } of states ?? []) this.set({ queue }, oldestSeconds)
				},
			})
		},

		start: processMetrics.start,
		stop: processMetrics.stop,
		contentType: registry.contentType,
		/** Everything, in the format that `contentType` names. */
		text: (): Promise<string> => registry.metrics(),
	}
}
