import type pg from 'pg'
import { AppError } from '../errors.ts'
import { createCircuit } from './circuit.ts'
import type { Reranker } from './reranker.ts'

/** How a call ended; `skipped`: it was not made, for those before it failed. */
export type RerankOutcome = 'ok' | 'failed' | 'skipped' | 'cancelled'

interface Dependencies<Config extends object> {
	pool: pg.Pool
	/** Who reranks from now on: the same object until that changes. */
	config(): Promise<Config>
	/** Null where nobody does. */
	make(config: Config): Promise<Reranker | null>
	/** Hears of each call. */
	watch(outcome: RerankOutcome, seconds: number): void
	/** Hears why there was no answer. */
	report(problem: string): void
	/** Nobody waits longer for it; 3 s. */
	deadlineMs?: number
}

/** Whether and how results were put in order by a reranker. */
export type Reranked =
	/** Nobody reranks, or a workspace does not want it. */
	| { status: 'off' }
	/** One score a document, in their order. */
	| { status: 'done'; scores: readonly number[] }
	/** It did not answer, or not in time: the order stays. */
	| { status: 'failed' }

export type Reranking = ReturnType<typeof createReranking>

/** The reranker that is set. A search has an order without it, so nothing here fails but with its caller's signal, and nobody waits long. */
export function createReranking<Config extends object>(dependencies: Dependencies<Config>) {
	const { pool, config, make, watch, report, deadlineMs = 3_000 } = dependencies
	let serving: { config: Config; reranker: Promise<Reranker | null>; circuit: ReturnType<typeof createCircuit> } | undefined

	async function current() {
		const set = await config()
		if (serving?.config !== set) serving = { config: set, reranker: make(set), circuit: createCircuit() }
		const { reranker, circuit } = serving
		return { reranker: await reranker, circuit }
	}

	/** Texts are sent to a reranker only where each of their workspaces wants it. */
	async function isWanted(workspaceIds: readonly number[]): Promise<boolean> {
		const { rows } = await pool.query<{ all: boolean | null }>(WANTED_SQL, [workspaceIds])
		return rows[0]?.all === true
	}

	return {
		/** For texts of these workspaces. @throws the signal's reason. */
		async rerank(workspaceIds: readonly number[], query: string, documents: readonly string[], signal: AbortSignal): Promise<Reranked> {
			const begin = performance.now()
			const end = (outcome: RerankOutcome) => watch(outcome, (performance.now() - begin) / 1_000)
			const set = await current().catch((error: unknown) => void report(reason(error)))
			if (!set) return { status: 'failed' }
			const { reranker, circuit } = set
			if (!reranker || !(await isWanted(workspaceIds))) return { status: 'off' }
			if (documents.length === 0) return { status: 'done', scores: [] }
			if (!circuit.mayAsk()) {
				end('skipped')
				return { status: 'failed' }
			}
			const deadline = AbortSignal.timeout(deadlineMs)
			try {
				const scores = await reranker.rerank(query, documents, AbortSignal.any([signal, deadline]))
				circuit.succeeded()
				end('ok')
				return { status: 'done', scores }
			} catch (error) {
				if (signal.aborted) {
					end('cancelled')
					throw signal.reason
				}
				circuit.failed()
				end('failed')
				report(`results are not reranked: ${deadline.aborted ? `"${reranker.id}" did not answer in ${deadlineMs} ms` : reason(error)}`)
				return { status: 'failed' }
			}
		},
	}
}

const WANTED_SQL = 'SELECT bool_and(rerank) AS "all" FROM "Workspace" WHERE id = ANY ($1::int[])'

/** In words without a key. */
const reason = (error: unknown): string => (error instanceof AppError ? error.message : 'it broke')
