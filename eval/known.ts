import { cite } from '../src/chat/citations.ts'
import { buildPrompt } from '../src/chat/prompt.ts'
import { createExtractiveModel } from '../src/models/extractive.ts'
import type { Product, Searchable } from './product.ts'
import { containsAny, type Outcome, RESULTS, type Removed, type SetRun } from './run.ts'
import { bestOf, SOURCES } from './score.ts'
import type { Passage, Question, QuestionSet } from './sets.ts'

/** Asks the questions of a set, at most so many of them, spread over it, in workspaces of its passages: all of them, and each half. */
export async function evaluateSet(product: Product, set: QuestionSet, limit: number | undefined): Promise<SetRun> {
	const questions = spread(set.questions, limit)
	const texts = new Map(set.passages.map(({ id, text }) => [id, text.normalize('NFKC')]))
	const whole = await product.load(set.passages)
	const outcomes: Outcome[] = []
	for (const question of questions) outcomes.push(await ask(whole, question, texts))
	return { name: set.name, documents: set.passages.length, outcomes, removed: await askHalves(product, set.passages, questions) }
}

/** At most so many, from the first to the last. */
export function spread<Item>(items: readonly Item[], limit = items.length): Item[] {
	const length = Math.min(limit, items.length)
	return Array.from({ length }, (_, at) => items[Math.floor((at * items.length) / length)] as Item)
}

/** Over both halves, since one may be much easier than the other; half of the questions for each. */
async function askHalves(product: Product, passages: readonly Passage[], questions: readonly Question[]): Promise<Removed[]> {
	const removed: Removed[] = []
	for (const odd of [false, true]) {
		const half = halfOf(passages, odd)
		const ids = new Set(half.map(({ id }) => id))
		const searchable = await product.load(half)
		for (const { id, lang, question, gold_docs } of questions.filter((_, at) => at % 2 === Number(odd))) {
			const score = bestOf(await searchable.search(question, RESULTS))
			removed.push({ id, language: lang, isAnswerable: gold_docs.some((document) => ids.has(document)), score })
		}
	}
	return removed
}

/** Every other article, by title; `odd` for the others. */
function halfOf(passages: readonly Passage[], odd: boolean): Passage[] {
	const titles = [...new Set(passages.map(({ title }) => title))]
	const chosen = new Set(titles.filter((_, at) => at % 2 === Number(odd)))
	return passages.filter(({ title }) => chosen.has(title))
}

/** @param texts as they are stored, by the ids of their passages. */
async function ask(searchable: Searchable, asked: Question, texts: ReadonlyMap<string, string>): Promise<Outcome> {
	const { id, lang, question, answers, gold_docs } = asked
	const started = performance.now()
	const found = await searchable.search(question, RESULTS)
	const ms = performance.now() - started
	const sources = found.slice(0, SOURCES).map((hit) => ({ ...hit, chunk: hit.text }))
	const answer = await answerFrom(question, sources)
	const quoted = cite(answer, sources).filter(({ quote }) => quote !== null)
	const standing = quoted.filter(({ document, start, end, quote }) => texts.get(document)?.slice(start ?? 0, end ?? 0) === quote)
	const documents = [...new Set(found.map(({ document }) => document))]
	return {
		...{ id, question, language: lang, isAnswerable: true },
		ranks: documents.flatMap((document, at) => (gold_docs.includes(document) ? at + 1 : [])),
		relevant: gold_docs.length,
		score: bestOf(found),
		found: documents[0] ?? null,
		isAnswered: containsAny(answer, answers),
		isRefused: null,
		quotes: { all: quoted.length, found: standing.length },
		ms,
	}
}

/** By the model without a key. */
async function answerFrom(question: string, sources: Parameters<typeof buildPrompt>[0]['sources']): Promise<string> {
	const prompt = buildPrompt({ question, mode: 'query', history: [], sources })
	let answer = ''
	for await (const event of createExtractiveModel().stream(prompt, new AbortController().signal))
		if (event.type === 'text') answer += event.text
	return answer
}
