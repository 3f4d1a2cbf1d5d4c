/**
 * How well the default retrieval finds, answers and refuses: `npm run eval [set …]`. Prints tables and writes eval/results/.
 * With MILVUS_ADDRESS (and MILVUS_TOKEN) the index is in Milvus, as the product's would be.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { environment, readConfig } from '../src/config.ts'
import {
	ask,
	halfOf,
	measureRetrieval,
	type Refusals,
	type Retrieval,
	refusalsAt,
	refusalsKeeping,
	type Scores,
	scoresOf,
} from './measures.ts'
import { openProduct, type Product } from './product.ts'
import { type QuestionSet, readSet, TARGETS } from './sets.ts'

const THRESHOLDS = Array.from({ length: 21 }, (_, at) => (20 + at) / 100)

interface Result {
	set: string
	passages: number
	questions: number
	retrieval: Retrieval
	/** With half of the articles removed. */
	refusals: { keeping97: Refusals; keeping90: Refusals; at: Refusals[] }
}

const { milvus } = readConfig(environment())
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TARGETS)
const sets = (await Promise.all(names.map(readSet))).filter((set) => set !== null)
const results: Result[] = []
{
	await using product = await openProduct({ milvus })
	for (const set of sets) results.push(await evaluate(product, set))
}
print(results)
const file = path.join(import.meta.dirname, 'results', milvus ? 'retrieval-milvus.json' : 'retrieval.json')
await mkdir(path.dirname(file), { recursive: true })
await writeFile(file, JSON.stringify({ at: new Date().toISOString(), node: process.version, results }, null, '\t'))
const missed = results.filter(missesItsTarget)
if (missed.length > 0) {
	console.log(`below its target: ${missed.map(({ set }) => set).join(', ')}`)
	process.exitCode = 1
}

async function evaluate(product: Product, set: QuestionSet): Promise<Result> {
	console.log(`${set.name}: ${set.passages.length} passages, ${set.questions.length} questions …`)
	const retrieval = await measureRetrieval(await ask(await product.load(set.passages), set.questions))
	const scores = await refusalScores(product, set)
	const refusals = {
		keeping97: refusalsKeeping(scores, 0.97),
		keeping90: refusalsKeeping(scores, 0.9),
		at: THRESHOLDS.map((threshold) => refusalsAt(scores, threshold)),
	}
	return { set: set.name, passages: set.passages.length, questions: set.questions.length, retrieval, refusals }
}

/** Over both halves, since one may be much easier than the other; half of the questions for each. */
async function refusalScores(product: Product, set: QuestionSet): Promise<Scores> {
	const scores: Scores = { answerable: [], others: [] }
	for (const odd of [false, true]) {
		const half = halfOf(set, odd)
		const questions = set.questions.filter((_, at) => at % 2 === Number(odd))
		const { answerable, others } = scoresOf(await ask(await product.load(half.passages), questions), half)
		scores.answerable.push(...answerable)
		scores.others.push(...others)
	}
	return scores
}

function missesItsTarget({ set, retrieval, refusals }: Result): boolean {
	const target = TARGETS[set]
	if (!target) return false
	return retrieval['R@1'] < target['R@1'] || refusals.keeping97.refused < target.refused97 || refusals.keeping90.refused < target.refused90
}

function print(results: readonly Result[]): void {
	const bySet = <Row>(row: (result: Result) => Row) => Object.fromEntries(results.map((result) => [result.set, row(result)]))
	console.table(bySet(({ passages, questions, retrieval }) => ({ passages, questions, ...retrieval })))
	console.log(
		'\nHalf of the articles removed: share of the questions refused that nothing answers, at the threshold that keeps 97 (90) % of the others',
	)
	console.table(
		bySet(({ refusals: { keeping97, keeping90 } }) => ({
			'at 97 %': keeping97.refused,
			threshold: keeping97.threshold,
			'at 90 %': keeping90.refused,
			'its threshold': keeping90.threshold,
		})),
	)
	console.log('\nThe same at one threshold for all: kept / refused, per cent')
	console.table(
		Object.fromEntries(
			THRESHOLDS.map((threshold, row) => [
				threshold.toFixed(2),
				bySet(({ refusals }) => `${refusals.at[row]?.kept} / ${refusals.at[row]?.refused}`),
			]),
		),
	)
	console.log('\nTargets, per cent')
	console.table(TARGETS)
}
