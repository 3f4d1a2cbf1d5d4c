import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const Passage = z.object({ id: z.string(), title: z.string(), text: z.string() })
const Question = z.object({ id: z.string(), question: z.string(), answers: z.array(z.string()), gold_docs: z.array(z.string()) })

export type Passage = z.infer<typeof Passage>
export type Question = z.infer<typeof Question>

/** Passages, and questions that one of them answers each. */
export interface QuestionSet {
	name: string
	passages: Passage[]
	questions: Question[]
}

const DIRECTORY = path.resolve(import.meta.dirname, '../../shared/qa')

/** R@1 that each set must reach, per cent. */
export const TARGETS: Record<string, number> = { 'xquad-en': 95, 'xquad-zh': 93, 'drcd-dev': 94.5, 'cmrc2018-trial': 97 }

/** Null, and a line that says so, where the set is not on this machine. */
export async function readSet(name: string): Promise<QuestionSet | null> {
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
