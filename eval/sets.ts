import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const Passage = z.object({ id: z.string(), title: z.string(), text: z.string() })
const Question = z.object({
	id: z.string(),
	lang: z.string(),
	question: z.string(),
	answers: z.array(z.string()),
	gold_docs: z.array(z.string()),
})

export type Passage = z.infer<typeof Passage>
export type Question = z.infer<typeof Question>

/** Passages, and questions that one of them answers each. */
export interface QuestionSet {
	name: string
	passages: Passage[]
	questions: Question[]
}

const DIRECTORY = path.resolve(import.meta.dirname, '../../shared/qa')

interface Target {
	'R@1': number
	/** Of the questions that nothing answers, at the threshold that keeps 97 of 100 others. */
	refused97: number
	refused90: number
}

/** What each set must reach, per cent. */
export const TARGETS: Readonly<Record<string, Target>> = {
	'xquad-en': { 'R@1': 95, refused97: 88, refused90: 94 },
	'xquad-zh': { 'R@1': 93, refused97: 88, refused90: 94 },
	'drcd-dev': { 'R@1': 94.5, refused97: 78, refused90: 94 },
	'cmrc2018-trial': { 'R@1': 97, refused97: 88, refused90: 94 },
}

/** Questions in one language about passages in the other: line n of both is the same. Only a multilingual embedder finds them. */
const ACROSS: Readonly<Record<string, { passages: string; questions: string }>> = {
	'xquad-zh-en': { passages: 'xquad-en', questions: 'xquad-zh' },
	'xquad-en-zh': { passages: 'xquad-zh', questions: 'xquad-en' },
}

export const SETS: readonly string[] = [...Object.keys(TARGETS), ...Object.keys(ACROSS)]

/** Null, and a line that says so, where the set is not on this machine. */
export async function readSet(name: string): Promise<QuestionSet | null> {
	const from = ACROSS[name]
	if (!from) return readDirectory(name)
	const [inOne, inOther] = [await readDirectory(from.passages), await readDirectory(from.questions)]
	if (!inOne || !inOther) return null
	const twins = new Map(inOther.passages.map(({ id }, at) => [id, inOne.passages[at]?.id ?? id]))
	const questions = inOther.questions.map(({ answers: _, gold_docs, ...question }, at) => ({
		...question,
		answers: inOne.questions[at]?.answers ?? [],
		gold_docs: gold_docs.map((id) => twins.get(id) ?? id),
	}))
	return { name, passages: inOne.passages, questions }
}

async function readDirectory(name: string): Promise<QuestionSet | null> {
	const directory = path.join(DIRECTORY, name)
	if (!existsSync(directory)) {
		console.log(`${name}: skipped, there is no ${directory}`)
		return null
	}
	const [passages, questions] = await Promise.all([
		readLines(path.join(directory, 'corpus.jsonl'), Passage),
		readLines(path.join(directory, 'queries.jsonl'), Question),
	])
	return { name, passages, questions }
}

async function readLines<Item>(file: string, schema: z.ZodType<Item>): Promise<Item[]> {
	const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
	return lines.map((line) => schema.parse(JSON.parse(line)))
}
