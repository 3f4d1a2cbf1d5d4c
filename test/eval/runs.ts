import type { Outcome, Run } from '../../eval/run.ts'

export const outcome = (given: Partial<Outcome> = {}): Outcome => ({
	...{ id: 'one', question: 'Who?', language: 'en', isAnswerable: true },
	...{ ranks: [1], relevant: 1, score: 0.8, found: 'a.txt' },
	...{ isAnswered: true, isRefused: false, quotes: { all: 2, found: 2 }, ms: 3 },
	...given,
})

export const run = (outcomes: Outcome[], given: Partial<Run> = {}): Run => ({
	...{ version: 1, label: 'a run', at: '2026-11-24T00:00:00.000Z', commit: 'abc', node: 'v24.0.0', threshold: 0.34 },
	configuration: { embedder: 'local' },
	sets: [{ name: 'mine', documents: 2, outcomes, removed: [] }],
	...given,
})
