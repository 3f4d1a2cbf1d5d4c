import { type OwnQuestion, UsageError } from './questions.ts'
import { comparable, containsAny, type Outcome, type Removed, type SetRun } from './run.ts'
import { bestOf } from './score.ts'
import { type Hit, nameKey, type Workspace } from './workspace.ts'

/** Half of the documents, and the names of their files. */
export interface Half {
	workspace: Pick<Workspace, 'search'>
	files: ReadonlySet<string>
}

interface Options {
	name: string
	questions: readonly OwnQuestion[]
	workspace: Workspace
	/** Without them refusals are measured by the questions that are said to have no answer alone. */
	halves: readonly Half[]
	/** Whether answers are asked for, which may cost something, or passages alone. */
	withAnswers: boolean
}

/** Asks one's own questions in a workspace. @throws UsageError where a document of theirs is not there. */
export async function evaluateOwn({ name, questions, workspace, halves, withAnswers }: Options): Promise<SetRun> {
	const { count, named } = await workspace.documents()
	const missing = questions.filter(({ document }) => document !== null && !named.has(nameKey(document)))
	if (missing.length > 0) {
		const words = missing.slice(0, 20).map(({ id, document }) => `${id}: there is no processed document "${document}"`)
		throw new UsageError([`${name}: documents of ${missing.length} questions are missing`, ...words].join('\n  '))
	}
	const outcomes: Outcome[] = []
	for (const question of questions) {
		const documentIds = question.document === null ? null : (named.get(nameKey(question.document)) ?? null)
		outcomes.push(await ask(workspace, question, documentIds, withAnswers))
	}
	return { name, documents: count, outcomes, removed: await askHalves(halves, questions) }
}

/** Each question in one half: every other one in that with its document. Those that name none are left out. */
async function askHalves(halves: readonly Half[], questions: readonly OwnQuestion[]): Promise<Removed[]> {
	const removed: Removed[] = []
	const inDocuments = questions.filter(({ isAnswerable, document }) => isAnswerable && document !== null)
	for (const [at, { id, language, question, document }] of inDocuments.entries()) {
		const half = halves.length > 0 ? halves[at % halves.length] : undefined
		if (!half) continue
		const score = bestOf(await half.workspace.search(question))
		removed.push({ id, language, isAnswerable: half.files.has(nameKey(document ?? '')), score })
	}
	return removed
}

async function ask(
	workspace: Workspace,
	asked: OwnQuestion,
	documentIds: ReadonlySet<number> | null,
	withAnswers: boolean,
): Promise<Outcome> {
	const { id, question, language, isAnswerable, answers } = asked
	const started = performance.now()
	const hits = await workspace.search(question)
	const ms = performance.now() - started
	const answer = withAnswers ? await workspace.ask(question) : null
	return {
		...{ id, question, language, isAnswerable },
		ranks: isAnswerable ? ranksOf(asked, hits, documentIds) : [],
		relevant: isAnswerable ? 1 : 0,
		score: bestOf(hits),
		found: hits[0]?.document ?? null,
		isAnswered: answer && answers.length > 0 ? containsAny(answer.text, answers) : null,
		isRefused: answer?.isRefused ?? null,
		quotes: answer?.quotes ?? { all: 0, found: 0 },
		ms,
	}
}

/**
 * The rank of the first right result: of the chunks that have the passage, or where the question names its document alone, of the documents; where it
 * names nothing but answers, of the chunks that have one of them.
 */
export function ranksOf(
	{ document, contains, answers }: OwnQuestion,
	hits: readonly Hit[],
	documentIds: ReadonlySet<number> | null,
): number[] {
	const isInDocument = ({ documentId }: Hit): boolean => documentIds === null || documentIds.has(documentId)
	if (document !== null && contains === null) {
		const documents = [...new Map(hits.map((hit) => [hit.documentId, hit])).values()]
		return first(documents.findIndex(isInDocument))
	}
	const wanted = contains === null ? answers : [contains]
	return first(hits.findIndex((hit) => isInDocument(hit) && (containsAny(hit.chunk, wanted) || isPartOf(hit.chunk, contains))))
}

const first = (at: number): number[] => (at < 0 ? [] : [at + 1])

/** A chunk of a passage that is longer than chunks are. */
const isPartOf = (chunk: string, passage: string | null): boolean => {
	const part = comparable(chunk)
	return passage !== null && part.length >= 100 && comparable(passage).includes(part)
}
