import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { chatHistory, createWorkspace, sendMessage } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const HANDBOOK = `# 员工手册

## 年假

员工每年享有十五天带薪年假。入职满五年后增加到二十天。

## Lighthouse

The lighthouse of Skerryvore was lit for the first time in 1844. Its lamp can be seen for twenty miles.
`

let app: TestApp
let admin: string
let lin: string
beforeAll(async () => {
	app = await bootApp()
	;[admin, lin] = await Promise.all([app.tokenOf('admin'), app.tokenOf('lin')])
	await app.join('lin', slug, 'viewer')
	await takeIn(app, slug, textFile('handbook.md', HANDBOOK), admin)
})
afterAll(() => app.end())

describe.each(surfaces)('asking over $name', (surface) => {
	const ask = (input: Record<string, unknown>, token: string | null = admin) => surface.ask(app, sendMessage, { slug, input }, token)

	it('answers from the documents, with sources whose places are in the text', async () => {
		const { data, code } = await ask({ message: 'When was the lighthouse of Skerryvore lit?' })
		expect(code).toBeUndefined()
		expect(data.response).toContain('1844')
		expect(data.threadId).toMatch(/^thread-[0-9a-z-]+$/)
		expect(data.runId).toMatch(/^run-/)
		expect(data.usage).toEqual({ promptTokens: 0, completionTokens: 0, totalTokens: 0, estimated: false })
		const text = await textOf('handbook.md')
		expect(data.sources.length).toBeGreaterThan(0)
		for (const source of data.sources) {
			expect(source.document).toBe('handbook.md')
			expect(text.slice(source.start, source.end)).toBe(source.chunk)
			expect(source.score).toBeGreaterThan(0)
			expect(source.score).toBeLessThanOrEqual(1)
		}
		expect(data.sources[0].heading).toBe('员工手册')
	})

	it('answers in Chinese what is asked in Chinese', async () => {
		const { data } = await ask({ message: '员工每年有多少天带薪年假？' })
		expect(data.response).toContain('十五天带薪年假')
		expect(data.sources[0].chunk).toContain('十五天')
	})

	it('cites its sources with quotes that stand in the text, character for character', async () => {
		const { data } = await ask({ message: 'How far can the lamp of the lighthouse be seen?' })
		const text = await textOf('handbook.md')
		expect(data.citations.length).toBeGreaterThan(0)
		for (const citation of data.citations) {
			expect(citation.supported).toBe(true)
			expect(text.slice(citation.start, citation.end)).toBe(citation.quote)
			expect(data.response.slice(citation.answerStart, citation.answerEnd)).toBe(`[${citation.marker}]`)
			expect(citation.chunkId).toBe(data.sources[citation.marker - 1].chunkId)
			expect(citation.documentId).toBe(data.sources[citation.marker - 1].documentId)
		}
		expect(data.citations.map(({ quote }: { quote: string }) => quote).join(' ')).toContain('twenty miles')
	})

	it('refuses in the mode query what no document supports, with sources []', async () => {
		for (const message of ['Which dinosaurs had feathers?', '恐龙是怎么灭绝的？']) {
			const { data, code } = await ask({ message, mode: 'query' })
			expect(code).toBeUndefined()
			expect(data).toMatchObject({ sources: [], citations: [] })
			expect(data.response).toMatch(message.startsWith('W') ? /^Nothing in the documents/ : /^工作空间的文档中没有找到/)
		}
	})

	it('answers in the mode query what a document supports', async () => {
		expect((await ask({ message: 'When was the lighthouse of Skerryvore lit?', mode: 'query' })).data.response).toContain('1844')
	})

	it('takes the mode of the workspace where the question names none', async () => {
		const made = await surface.ask(
			app,
			createWorkspace,
			{ input: { name: `Strict ${surface.name}`, mode: surface.name === 'REST' ? 'query' : 'QUERY' } },
			admin,
		)
		const strict = { slug: made.data.workspace.slug as string }
		const refused = await surface.ask(app, sendMessage, { ...strict, input: { message: 'Anything?' } }, admin)
		expect(refused.data.response).toMatch(/^Nothing in the documents/)
		const said = await surface.ask(app, sendMessage, { ...strict, input: { message: 'Anything?', mode: 'chat' } }, admin)
		expect(said.data.response).not.toMatch(/^Nothing in the documents/)
	})

	it('goes on in a thread', async () => {
		const first = await ask({ message: 'When was the lighthouse lit?', threadId: null })
		const second = await ask({ message: 'And how far can its lamp be seen?', threadId: first.data.threadId })
		expect(second.data.threadId).toBe(first.data.threadId)
		const other = await ask({ message: 'When was the lighthouse lit?' })
		expect(other.data.threadId).not.toBe(first.data.threadId)
		const { data } = await surface.ask(app, chatHistory, { slug, threadId: first.data.threadId }, admin)
		expect(data.chats.map(({ message }: { message: string }) => message)).toEqual([
			'When was the lighthouse lit?',
			'And how far can its lamp be seen?',
		])
	})

	it('does not go on in a thread that is not there, or another’s, or of another workspace', async () => {
		const mine = await ask({ message: 'A thread of the admin' })
		expect((await ask({ message: 'x', threadId: mine.data.threadId }, lin)).code).toBe('NOT_FOUND')
		expect((await ask({ message: 'x', threadId: 'thread-0123456789abcdef' }, lin)).code).toBe('NOT_FOUND')
		const made = await surface.ask(app, createWorkspace, { input: { name: `Apart ${surface.name}` } }, admin)
		const apart = { slug: made.data.workspace.slug as string, input: { message: 'x', threadId: mine.data.threadId } }
		expect((await surface.ask(app, sendMessage, apart, admin)).code).toBe('NOT_FOUND')
	})

	it.each([
		[{ message: '' }, 'UNPROCESSABLE'],
		[{ message: ' \n\t　' }, 'UNPROCESSABLE'],
		[{ message: 'x'.repeat(50_001) }, 'UNPROCESSABLE'],
		[{ message: 'x', requestId: '' }, 'UNPROCESSABLE'],
		[{ message: 'x', requestId: 'x'.repeat(129) }, 'UNPROCESSABLE'],
		[{}, 'BAD_REQUEST'],
		[{ message: null }, 'BAD_REQUEST'],
		[{ message: 42 }, 'BAD_REQUEST'],
		[{ message: ['x'] }, 'BAD_REQUEST'],
		[{ message: 'x', mode: 'shout' }, 'BAD_REQUEST'],
		[{ message: 'x', threadId: 7 }, 'BAD_REQUEST'],
		[{ message: 'x', threadId: '7' }, 'BAD_REQUEST'],
		[{ message: 'x', temperature: 1 }, 'BAD_REQUEST'],
	])('refuses %j with %s, and starts nothing', async (input, code) => {
		const count = await app.prisma.run.count()
		expect((await ask(input)).code).toBe(code)
		expect(await app.prisma.run.count()).toBe(count)
	})

	it('takes a message of 50,000 characters', async () => {
		const { data, code } = await ask({ message: 'When was the lighthouse lit? '.padEnd(50_000, 'and so on ') })
		expect(code).toBeUndefined()
		expect(data.response).not.toBe('')
	})

	it('is for members: strangers 404, nobody 401', async () => {
		expect((await ask({ message: 'x' }, lin)).code).toBeUndefined()
		expect((await ask({ message: 'x' }, await app.tokenOf('stranger'))).code).toBe('NOT_FOUND')
		expect((await ask({ message: 'x' }, null)).code).toBe('UNAUTHENTICATED')
	})
})

describe('an answer over REST', () => {
	it('has the form of the reference', async () => {
		const { status, data } = await rest(
			app,
			'POST',
			`/workspaces/${slug}/chat`,
			{ message: 'When was the lighthouse lit?', mode: 'chat', threadId: null },
			admin,
		)
		expect(status).toBe(200)
		expect(Object.keys(data)).toEqual(['response', 'sources', 'threadId', 'chatId', 'runId', 'citations', 'usage'])
		expect(data.response).toEqual(expect.any(String))
		expect(Object.keys(data.sources[0])).toEqual(['document', 'chunk', 'score', 'documentId', 'chunkId', 'page', 'start', 'end', 'heading'])
		expect(data.sources[0]).toMatchObject({ document: 'handbook.md', documentId: expect.any(Number), page: null })
		expect(data.chatId).toEqual(expect.any(Number))
	})
})

async function textOf(filename: string): Promise<string> {
	const { text } = await app.prisma.documentText.findFirstOrThrow({ where: { document: { filename } } })
	return text
}
