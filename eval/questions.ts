import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { languageOf } from '../src/text/language.ts'

/** What was asked for cannot be done, in words for whoever asked. */
export class UsageError extends Error {}

const MAX_BYTES = 64 * 2 ** 20
const MAX_QUESTIONS = 20_000
/** Named in one refusal. */
const MAX_TOLD = 20

const some = (most: number) => z.string().trim().min(1).max(most)

const Line = z
	.strictObject({
		id: some(200).optional(),
		/** No longer than a search takes. */
		question: some(2_000),
		/** One of them has to be in the answer; what stands in none of the results counts as not found where nothing else says what is right. */
		answers: z.array(some(2_000)).min(1).max(20).optional(),
		/** The name of the file with the answer. */
		document: some(1_000).optional(),
		/** What the right chunk says. */
		contains: some(10_000).optional(),
		/** The same by another name. */
		passage: some(10_000).optional(),
		unanswerable: z.boolean().optional(),
		language: some(35).optional(),
	})
	.refine((line) => line.contains === undefined || line.passage === undefined, 'contains and passage are the same: one of them')
	.refine(
		({ unanswerable, answers, document, contains, passage }) =>
			unanswerable === true || (answers ?? document ?? contains ?? passage) !== undefined,
		'nothing says what is right: answers, document, contains, or unanswerable',
	)
	.refine(
		({ unanswerable, answers, contains, passage }) => unanswerable !== true || (answers ?? contains ?? passage) === undefined,
		'unanswerable, and yet an answer',
	)

/** A question of one's own. */
export interface OwnQuestion {
	id: string
	question: string
	language: string
	isAnswerable: boolean
	answers: string[]
	document: string | null
	contains: string | null
}

/** One JSON object a line; empty lines are passed over. @throws UsageError naming the lines that are wrong, and why. */
export async function readQuestions(file: string): Promise<OwnQuestion[]> {
	const { size } = await stat(file).catch(() => {
		throw new UsageError(`${file}: there is no such file`)
	})
	if (size > MAX_BYTES) throw new UsageError(`${file}: more than ${MAX_BYTES / 2 ** 20} MiB`)
	return parseQuestions(await readFile(file), file)
}

/** @param name what the lines are called in what is said about them. */
export function parseQuestions(bytes: Uint8Array, name: string): OwnQuestion[] {
	const questions: OwnQuestion[] = []
	const wrong: string[] = []
	const lineOf = new Map<string, number>()
	for (const [at, line] of decode(bytes, name).split(/\r?\n/).entries()) {
		if (line.trim() === '') continue
		const number = at + 1
		const read = parseLine(line, number)
		if (typeof read === 'string') wrong.push(`line ${number}: ${read}`)
		else {
			const before = lineOf.get(read.id)
			if (before !== undefined) wrong.push(`line ${number}: line ${before} has the id "${read.id}" too`)
			lineOf.set(read.id, number)
			questions.push(read)
		}
	}
	if (wrong.length > 0) {
		const rest = wrong.length > MAX_TOLD ? [`and ${wrong.length - MAX_TOLD} more`] : []
		throw new UsageError([`${name} is wrong:`, ...wrong.slice(0, MAX_TOLD), ...rest].join('\n  '))
	}
	if (questions.length === 0) throw new UsageError(`${name}: no question in it`)
	if (questions.length > MAX_QUESTIONS) throw new UsageError(`${name}: ${questions.length} questions, ${MAX_QUESTIONS} at most`)
	return questions
}

function decode(bytes: Uint8Array, name: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
	} catch {
		throw new UsageError(`${name}: no UTF-8`)
	}
}

/** @returns the question, or what is wrong. */
function parseLine(line: string, number: number): OwnQuestion | string {
	let json: unknown
	try {
		json = JSON.parse(line)
	} catch {
		return 'no JSON'
	}
	const { success, data, error } = Line.safeParse(json)
	if (!success) return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ')
	const { id = `line-${number}`, question, answers = [], document = null, contains, passage, unanswerable = false } = data
	const [told = ''] = languageOf(question).split('-') // few questions have a character that tells which script
	const language = data.language ?? told
	return { id, question, language, isAnswerable: !unanswerable, answers, document, contains: contains ?? passage ?? null }
}
