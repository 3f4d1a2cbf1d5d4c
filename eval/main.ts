/** `npm run eval`: how well documents are found, questions answered, and refused that nothing answers. `npm run eval -- --help` tells the rest. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { THRESHOLDS } from '../src/chat/chat.ts'
import { ConfigError, environment, readConfig } from '../src/config.ts'
import { compare } from './compare.ts'
import { filesIn, takeInDocuments } from './documents.ts'
import { evaluateSet, spread } from './known.ts'
import { measuresOf, refusalsKeeping, scoresOf } from './measures.ts'
import { evaluateOwn } from './own.ts'
import { comparisonPage, runPage } from './page.ts'
import { printComparison, printRun } from './print.ts'
import { openProduct } from './product.ts'
import { type OwnQuestion, readQuestions, UsageError } from './questions.ts'
import type { Run, SetRun } from './run.ts'
import { commit, keepRun, nameOf, readRun } from './runs.ts'
import { createServer } from './server.ts'
import { readSet, SETS, TARGETS } from './sets.ts'
import { createWorkspace } from './workspace.ts'

const HELP = `npm run eval [-- set …]                   known sets: ${SETS.join(', ')}; without a name those with a target
npm run eval -- --questions my.jsonl --documents folder-or-file …
                                          questions of one's own, in a throw-away server
npm run eval -- --questions my.jsonl --server http://localhost:3001 --workspace slug
                                          in a workspace of a running server; EVAL_TOKEN is the token
npm run eval -- --compare before.json after.json

--limit n         at most so many questions of each set, spread over it
--search-only     no answers: one's own questions are searched for alone
--label text      what the run is called
--output folder   where it is kept (eval/results)

A line of questions: {"question": …} and what is right: "document" (the name of the file), "contains" (what the passage says), "answers" ([…], one of
which the answer has to have), or "unanswerable": true. "id" and "language" are optional.`

try {
	await main()
} catch (error) {
	if (!(error instanceof UsageError || error instanceof ConfigError)) throw error
	console.error(error.message)
	process.exitCode = 2
}

type Options = ReturnType<typeof optionsOf>

async function main(): Promise<void> {
	const options = optionsOf(process.argv.slice(2))
	if (options.help) console.log(HELP)
	else if (options.compare) await compareRuns(options)
	else await evaluate(options)
}

/** @throws UsageError for options that are none, or do not go together. */
function optionsOf(args: string[]) {
	const { values, positionals } = parsed(args)
	const { questions, documents, server, workspace, limit, compare: isComparing = false } = values
	const given = (...names: (keyof typeof values)[]) => names.filter((name) => values[name] !== undefined).map((name) => `--${name}`)
	const refuse = (words: string): never => {
		throw new UsageError(`${words}\n\n${HELP}`)
	}
	if (limit !== undefined && !/^[1-9]\d{0,6}$/.test(limit)) refuse('--limit: a number from 1 on')
	if (isComparing && positionals.length !== 2) refuse('--compare: two files')
	if (isComparing && given('questions', 'documents', 'server', 'workspace', 'limit').length > 0) refuse('--compare asks no questions')
	if (questions === undefined && given('documents', 'server', 'workspace').length > 0)
		refuse(`${given('documents', 'server', 'workspace').join(', ')}: with --questions`)
	if (questions !== undefined && (documents === undefined) === (server === undefined))
		refuse('--questions: with --documents or with --server')
	if ((server === undefined) !== (workspace === undefined)) refuse('--server and --workspace go together')
	if (positionals.length > 0 && server !== undefined) refuse(`${positionals.join(', ')}: not with --server`)
	const unknown = questions === undefined && !isComparing ? positionals.filter((name) => !SETS.includes(name)) : []
	if (unknown.length > 0) refuse(`no such set: ${unknown.join(', ')}`)
	return { ...values, limit: limit === undefined ? undefined : Number(limit), positionals }
}

function parsed(args: string[]) {
	try {
		return parseArgs({
			args,
			allowPositionals: true,
			options: {
				questions: { type: 'string' },
				documents: { type: 'string', multiple: true },
				server: { type: 'string' },
				workspace: { type: 'string' },
				compare: { type: 'boolean' },
				limit: { type: 'string' },
				'search-only': { type: 'boolean', default: false },
				label: { type: 'string' },
				output: { type: 'string', default: path.join(import.meta.dirname, 'results') },
				help: { type: 'boolean', default: false },
			},
		})
	} catch (error) {
		if (error instanceof TypeError) throw new UsageError(`${error.message}\n\n${HELP}`)
		throw error
	}
}

async function compareRuns({ positionals: [before = '', after = ''], output }: Options): Promise<void> {
	const comparison = compare(await readRun(before), await readRun(after))
	if (comparison.sets.length === 0) throw new UsageError('the two runs have no set in common')
	printComparison(comparison)
	await mkdir(output, { recursive: true })
	const file = path.join(output, `${nameOf(comparison.before)}--${nameOf(comparison.after)}.html`)
	await writeFile(file, comparisonPage(comparison))
	console.log(`\n${file}`)
}

async function evaluate(options: Options): Promise<void> {
	const at = new Date().toISOString()
	const { label = options.questions ? path.parse(options.questions).name : 'sets', output } = options
	const measured = await (options.questions === undefined ? onSets(options) : onOwnQuestions(options.questions, options))
	const run: Run = { version: 1, label, at, commit: await commit(), node: process.version, ...measured }
	printRun(run)
	const kept = await keepRun(output, run, runPage(run))
	console.log(`\n${kept}.json\n${kept}.html`)
	const wrong = run.sets.flatMap((set) => [...(options.limit === undefined ? missedBy(set) : []), ...untrueIn(set)])
	for (const words of wrong) console.log(words)
	if (wrong.length > 0) process.exitCode = 1
}

type Measured = Pick<Run, 'threshold' | 'configuration' | 'sets'>

async function onSets({ positionals, limit }: Options): Promise<Measured> {
	const names = positionals.length > 0 ? positionals : Object.keys(TARGETS)
	const known = (await Promise.all(names.map(readSet))).filter((set) => set !== null)
	await using product = await openProduct(readConfig(environment()))
	const sets: SetRun[] = []
	for (const set of known) {
		console.log(`${set.name}: ${set.passages.length} passages, ${Math.min(limit ?? Infinity, set.questions.length)} questions …`)
		sets.push(await evaluateSet(product, set, limit))
	}
	return { threshold: THRESHOLDS.query, configuration: product.configuration, sets }
}

async function onOwnQuestions(file: string, options: Options): Promise<Measured> {
	const questions = spread(await readQuestions(file), options.limit)
	const { server, workspace: slug = '', documents = [], positionals } = options
	const set = { name: path.basename(file), questions, withAnswers: !options['search-only'] }
	if (server !== undefined) {
		console.log(`${set.name}: ${questions.length} questions to ${slug} …`)
		return inWorkspace({ ...set, halves: [], workspace: createWorkspace(createServer({ url: addressOf(server), token: token() }), slug) })
	}
	const files = await filesIn([...documents, ...positionals])
	console.log(`${set.name}: ${questions.length} questions about ${files.length} files …`)
	const withHalves = questions.some(({ isAnswerable, document }: OwnQuestion) => isAnswerable && document !== null)
	await using own = await takeInDocuments(files, environment(), withHalves)
	return await inWorkspace({ ...set, ...own }) // before they are thrown away
}

async function inWorkspace(options: Parameters<typeof evaluateOwn>[0]): Promise<Measured> {
	const set = await evaluateOwn(options)
	return { ...(await options.workspace.configuration()), sets: [set] }
}

/** @throws UsageError for what is no address, or has a password in it. */
function addressOf(server: string): string {
	const url = URL.canParse(server) ? new URL(server) : null
	if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
		throw new UsageError('--server: an address such as http://localhost:3001, without a user, a password or a query')
	return url.href.replace(/\/(api\/?)?$/, '')
}

function token(): string {
	const { EVAL_TOKEN: given = '' } = environment()
	if (!/^[\x21-\x7e]+$/.test(given)) throw new UsageError('EVAL_TOKEN: the token of POST /api/auth/login, in the environment')
	return given
}

function missedBy(set: SetRun): string[] {
	const target = TARGETS[set.name]
	if (!target) return []
	const scores = scoresOf(set)
	const reached = [
		(measuresOf(set.outcomes)['R@1'] ?? 0) >= target['R@1'],
		(refusalsKeeping(scores, 0.97).refused ?? 0) >= target.refused97,
		(refusalsKeeping(scores, 0.9).refused ?? 0) >= target.refused90,
	]
	return reached.includes(false) ? [`${set.name}: below its target`] : []
}

/** Quotes have to stand where they are said to, without exception. */
function untrueIn({ name, outcomes }: SetRun): string[] {
	const untrue = outcomes.filter(({ quotes }) => quotes.found < quotes.all)
	return untrue.length > 0
		? [
				`${name}: ${untrue.length} answers quote what is not there: ${untrue
					.slice(0, 10)
					.map(({ id }) => id)
					.join(', ')}`,
			]
		: []
}
