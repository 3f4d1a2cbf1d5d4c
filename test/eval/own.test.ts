import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesIn, takeInDocuments } from '../../eval/documents.ts'
import { measuresOf } from '../../eval/measures.ts'
import { evaluateOwn } from '../../eval/own.ts'
import { parseQuestions } from '../../eval/questions.ts'
import type { SetRun } from '../../eval/run.ts'
import { createServer, ServerError } from '../../eval/server.ts'
import { createWorkspace } from '../../eval/workspace.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'

const KETTLE =
	'The Aurora kettle holds 1.7 litres of water. Its warranty lasts for three years. Descale it every two months with citric acid.'
const HANDBOOK = '员工手册\n\n密码不得少于十四位，每一百八十天更换一次。连续输错五次密码的账号会被锁定三十分钟。'
const QUESTIONS = [
	{ id: 'warranty', question: 'How long is the warranty of the Aurora kettle?', document: 'kettle.txt', answers: ['three years'] },
	{ id: 'locked', question: '连续输错几次密码账号会被锁定？', document: '员工手册.md', answers: ['五次'] },
	{ id: 'acid', question: 'What is the kettle descaled with?', contains: 'citric acid' },
	{ id: 'nothing', question: 'Who won the football world cup in 1954?', unanswerable: true },
]
const questions = parseQuestions(Buffer.from(QUESTIONS.map((line) => JSON.stringify(line)).join('\n')), 'my.jsonl')

const expected = { questions: 3, 'R@1': 100, 'nDCG@10': 100, answered: 100, quotes: 100, refused: 100, kept: 100 }

describe('one’s own questions about one’s own files', () => {
	let folder: string
	let set: SetRun
	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'eval-own-'))
		await writeFile(path.join(folder, 'kettle.txt'), KETTLE)
		await writeFile(path.join(folder, '员工手册.md'), HANDBOOK)
		await writeFile(path.join(folder, '.hidden'), 'no document')
		await using own = await takeInDocuments(await filesIn([folder]), {}, true)
		set = await evaluateOwn({ name: 'my.jsonl', questions, withAnswers: true, ...own })
	}, 120_000)
	afterAll(() => rm(folder, { recursive: true }))

	it('are found, answered, quoted and refused by the product', () => {
		expect(set).toMatchObject({ name: 'my.jsonl', documents: 2 })
		expect(measuresOf(set.outcomes)).toMatchObject(expected)
		expect(set.outcomes.map(({ quotes }) => quotes.all > 0)).toEqual([true, true, true, false])
	})

	it('are asked while half of the documents are away, those that name one', () => {
		expect(set.removed.map(({ id }) => id)).toEqual(['warranty', 'locked'])
		for (const { isAnswerable, score } of set.removed) expect(score > 0.34).toBe(isAnswerable)
	})
})

describe('files to evaluate with', () => {
	it('are there', async () => {
		await expect(filesIn(['/nowhere'])).rejects.toThrow('/nowhere: there is no such file or folder')
	})
})

describe('one’s own questions to a running server', () => {
	let app: TestApp
	let url: string
	let token: string
	beforeAll(async () => {
		app = await bootApp()
		;[url, token] = await Promise.all([app.url(), app.tokenOf('admin')])
		for (const file of [textFile('kettle.txt', KETTLE), textFile('员工手册.md', HANDBOOK)])
			await takeIn(app, 'default-workspace', file, token)
	})
	afterAll(() => app.end())
	const workspace = (slug = 'default-workspace', as = token) => createWorkspace(createServer({ url, token: as }), slug)
	const ask = (of: typeof questions, withAnswers = true) =>
		evaluateOwn({ name: 'my.jsonl', questions: of, workspace: workspace(), halves: [], withAnswers })

	it('measure the same, and leave nothing in the workspace', async () => {
		const set = await ask(questions)
		expect(measuresOf(set.outcomes)).toMatchObject(expected)
		expect(await app.prisma.thread.count()).toBe(0)
		expect(await app.prisma.chat.count()).toBe(0)
	})

	it('ask no model where passages are enough', async () => {
		const before = await app.prisma.run.count()
		const { outcomes } = await ask(questions, false)
		expect(measuresOf(outcomes)).toMatchObject({ 'R@1': 100, answered: null, quotes: null, refused: null })
		expect(await app.prisma.run.count()).toBe(before)
	})

	it('say which document is missing', async () => {
		const wrong = parseQuestions(Buffer.from('{"question":"Who?","document":"away.txt"}'), 'my.jsonl')
		await expect(ask(wrong)).rejects.toThrow('line-1: there is no processed document "away.txt"')
	})

	it('tell what the figures depend on', async () => {
		expect(await workspace().configuration()).toMatchObject({ threshold: 0.34, configuration: { chunkTokens: 400, rerank: false } })
	})

	it('are refused in the server’s words, without the token', async () => {
		const refusal = await workspace('default-workspace', 'a-secret-token')
			.documents()
			.catch((error: unknown) => error)
		expect(refusal).toBeInstanceOf(ServerError)
		expect(refusal).toMatchObject({ status: 401 })
		expect(String(refusal)).not.toContain('a-secret-token')
		await expect(workspace('nope').documents()).rejects.toThrow('404')
	})
})

describe('a server that is far away', () => {
	const server = (...answers: Response[]) =>
		createServer({ url: 'http://far.example', token: 'a-secret-token', fetch: async () => answers.shift() ?? Response.error() })

	it('is asked again when it says that it was too early', async () => {
		const early = new Response(null, { status: 429, headers: { 'retry-after': '1' } })
		const answer = Response.json({ success: true, data: { documents: [], pagination: { pages: 1 } }, error: null })
		expect((await createWorkspace(server(early, answer), 'any').documents()).count).toBe(0)
	})

	it('does not get away with a quote that is not in the text where it says', async () => {
		const text = '0123456789'
		const quotes = [
			[2, 5, '234'],
			[3, 6, '234'],
			[null, null, null],
		] as const
		const citations = quotes.map(([start, end, quote]) => ({ documentId: 1, start, end, quote }))
		const data = [{ response: '…', sources: [{}], threadId: 'thread-1', citations }, { text }, {}]
		const answers = data.map((given) => Response.json({ success: true, data: given, error: null }))
		expect((await createWorkspace(server(...answers), 'any').ask('Who?')).quotes).toEqual({ all: 2, found: 1 })
	})

	it.each([
		['another product', new Response('<html>', { status: 200 }), 'no answer of this product'],
		['another form', Response.json({ success: true, data: {}, error: null }), 'an answer of another form'],
	])('is refused with %s', async (_name, answer, words) => {
		await expect(createWorkspace(server(answer), 'any').documents()).rejects.toThrow(words)
	})
})
