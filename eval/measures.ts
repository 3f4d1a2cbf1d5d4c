import { buildPrompt } from '../src/chat/prompt.ts'
import { createExtractiveModel } from '../src/models/extractive.ts'
import type { Found } from '../src/retrieval/retrieval.ts'
import type { Searchable } from './product.ts'
import type { Passage, Question, QuestionSet } from './sets.ts'

/** What the search answered to a question. */
export interface Asked {
	question: Question
	found: Found[]
	ms: number
}

/** All shares in per cent. */
export interface Retrieval {
	'R@1': number
	'R@5': number
	'MRR@10': number
	p50Ms: number
	/** Questions whose answer, as the set has it, is in the answer of the model without a key. */
	answered: number
}

const RESULTS = 10
/** As many as a chat takes. */
const SOURCES = 5

/** One after the other, as the time of each is told. */
export async function ask(searchable: Searchable, questions: readonly Question[]): Promise<Asked[]> {
	const asked: Asked[] = []
	for (const question of questions) {
		const started = performance.now()
		const found = await searchable.search(question.question, RESULTS)
		asked.push({ question, found, ms: performance.now() - started })
	}
	return asked
}

export async function measureRetrieval(asked: readonly Asked[]): Promise<Retrieval> {
	const ranks = asked.map(rankOf)
	const answered = await Promise.all(asked.map(isAnswered))
	return {
		'R@1': percent(ranks.map((rank) => rank === 1)),
		'R@5': percent(ranks.map((rank) => rank <= 5)),
		'MRR@10': rounded((100 * ranks.reduce((sum, rank) => sum + 1 / rank, 0)) / ranks.length),
		p50Ms: rounded(asked.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(asked.length / 2)] ?? 0),
		answered: percent(answered),
	}
}

/** From 1; Infinity when the right passage was not found. */
function rankOf({ question, found }: Asked): number {
	const documents = [...new Set(found.map(({ document }) => document))]
	const at = documents.findIndex((document) => question.gold_docs.includes(document))
	return at < 0 ? Number.POSITIVE_INFINITY : at + 1
}

async function isAnswered({ question, found }: Asked): Promise<boolean> {
	const sources = found.slice(0, SOURCES).map((hit) => ({ ...hit, chunk: hit.text }))
	const prompt = buildPrompt({ question: question.question, mode: 'query', history: [], sources })
	let answer = ''
	for await (const event of createExtractiveModel().stream(prompt, new AbortController().signal))
		if (event.type === 'text') answer += event.text
	return question.answers.some((expected) => comparable(answer).includes(comparable(expected)))
}

const comparable = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, '')

/** The passages of half of the articles, and whether they answer a question. */
export interface Half {
	passages: Passage[]
	isAnswerable(question: Question): boolean
}

/** Every other article, by title; `odd` for the others. */
export function halfOf({ passages }: QuestionSet, odd: boolean): Half {
	const titles = [...new Set(passages.map(({ title }) => title))]
	const chosen = new Set(titles.filter((_, at) => at % 2 === Number(odd)))
	const kept = passages.filter(({ title }) => chosen.has(title))
	const ids = new Set(kept.map(({ id }) => id))
	return { passages: kept, isAnswerable: ({ gold_docs }) => gold_docs.some((id) => ids.has(id)) }
}

/** The best score of each question's sources: of those that the passages answer, and of the others. */
export interface Scores {
	answerable: number[]
	others: number[]
}

export function scoresOf(asked: readonly Asked[], { isAnswerable }: Half): Scores {
	const best = (of: readonly Asked[]) => of.map(({ found }) => Math.max(0, ...found.slice(0, SOURCES).map(({ score }) => score)))
	return {
		answerable: best(asked.filter(({ question }) => isAnswerable(question))),
		others: best(asked.filter(({ question }) => !isAnswerable(question))),
	}
}

/** At a threshold: of the questions that can be answered how many keep a source, and of the others how many lose them all. */
export interface Refusals {
	threshold: number
	kept: number
	refused: number
}

export const refusalsAt = ({ answerable, others }: Scores, threshold: number): Refusals => ({
	threshold: Math.round(threshold * 1000) / 1000,
	kept: percent(answerable.map((score) => score >= threshold)),
	refused: percent(others.map((score) => score < threshold)),
})

/** At the threshold that keeps this share of the questions that can be answered. */
export function refusalsKeeping(scores: Scores, share: number): Refusals {
	const sorted = scores.answerable.toSorted((a, b) => a - b)
	return refusalsAt(scores, sorted[Math.floor(sorted.length * (1 - share))] ?? 0)
}

const percent = (answers: readonly boolean[]): number => rounded((100 * answers.filter(Boolean).length) / answers.length)

const rounded = (value: number): number => Math.round(value * 10) / 10
