/** How well the default retrieval finds, answers and refuses: `npm run eval [set …]`. Prints tables and writes eval/results/. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ask, halfOf, measureRefusals, measureRetrieval, type Refusals, type Retrieval } from './measures.ts'
import { openProduct, type Product } from './product.ts'
import { type QuestionSet, readSet, TARGETS } from './sets.ts'

const THRESHOLDS = Array.from({ length: 21 }, (_, at) => (20 + at) / 100)

interface Result {
	set: string
	passages: number
	questions: number
	retrieval: Retrieval
	refusals: Refusals[]
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TARGETS)
const sets = (await Promise.all(names.map(readSet))).filter((set) => set !== null)
const results: Result[] = []
{
	await using product = await openProduct()
	for (const set of sets) results.push(await evaluate(product, set))
}
print(results)
const file = path.join(import.meta.dirname, 'results', 'retrieval.json')
await mkdir(path.dirname(file), { recursive: true })
await writeFile(file, JSON.stringify({ at: new Date().toISOString(), node: process.version, results }, null, '\t'))
if (results.some(({ set, retrieval }) => retrieval['R@1'] < (TARGETS[set] ?? 0))) process.exitCode = 1

async function evaluate(product: Product, set: QuestionSet): Promise<Result> {
	console.log(`${set.name}: ${set.passages.length} passages, ${set.questions.length} questions …`)
	const retrieval = await measureRetrieval(await ask(await product.load(set.passages), set.questions))
	const half = halfOf(set)
	const refusals = measureRefusals(await ask(await product.load(half.passages), half.questions), half.isAnswerable, THRESHOLDS)
	return { set: set.name, passages: set.passages.length, questions: set.questions.length, retrieval, refusals }
}

function print(results: readonly Result[]): void {
	console.table(
		Object.fromEntries(
			results.map(({ set, passages, questions, retrieval }) => [set, { passages, questions, ...retrieval, 'target R@1': TARGETS[set] }]),
		),
	)
	console.log('\nHalf of the articles removed: answerable questions kept / others refused, per cent')
	console.table(
		Object.fromEntries(
			THRESHOLDS.map((threshold, at) => [
				threshold.toFixed(2),
				Object.fromEntries(results.map(({ set, refusals }) => [set, `${refusals[at]?.kept} / ${refusals[at]?.refused}`])),
			]),
		),
	)
}
