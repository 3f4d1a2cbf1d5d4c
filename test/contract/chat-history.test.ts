import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { chatHistory, sendMessage } from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const slug = 'shared'
interface Row {
	id: unknown
	message: string
	threadId: string
}

let app: TestApp
/** Of the viewers: two questions of ann in one thread, one in another, one of ben. */
let threads: { ann: string; annOther: string; ben: string }
beforeAll(async () => {
	app = await bootApp()
	await rest(app, 'POST', '/workspaces', { name: 'Shared', slug }, await app.tokenOf('owner'))
	await Promise.all(['ann', 'ben', 'editor', 'stranger'].map((name) => app.tokenOf(name)))
	for (const name of ['ann', 'ben']) await app.join(name, slug, 'viewer')
	await app.join('editor', slug, 'editor')
	const ann = await ask('ann', 'ann 1')
	const ben = await ask('ben', 'ben 1')
	await ask('ann', 'ann 2', ann)
	threads = { ann, ben, annOther: await ask('ann', 'ann 3') }
})
afterAll(() => app.end())

async function ask(username: string, message: string, threadId?: string): Promise<string> {
	const { data } = await rest(app, 'POST', `/workspaces/${slug}/chat`, { message, threadId: threadId ?? null }, await app.tokenOf(username))
	return data.threadId
}

describe.each(surfaces)('the history over $name', (surface) => {
	const history = async (username: string | null, args: { threadId?: string; limit?: number } = {}) =>
		surface.ask(app, chatHistory, { slug, ...args }, username && (await app.tokenOf(username)))
	const messages = async (username: string, args?: { threadId?: string; limit?: number }) =>
		((await history(username, args)).data.chats as Row[]).map(({ message }) => message)

	it('shows one’s own chats, oldest first', async () => {
		expect(await messages('ann')).toEqual(['ann 1', 'ann 2', 'ann 3'])
		expect(await messages('ben')).toEqual(['ben 1'])
		expect(await messages('editor')).toEqual([])
	})

	it('shows all chats to owners and admins', async () => {
		for (const manager of ['owner', 'admin']) expect(await messages(manager)).toEqual(['ann 1', 'ben 1', 'ann 2', 'ann 3'])
	})

	it('of a thread has its chats alone', async () => {
		expect(await messages('ann', { threadId: threads.ann })).toEqual(['ann 1', 'ann 2'])
		expect(await messages('owner', { threadId: threads.ben })).toEqual(['ben 1'])
	})

	it('keeps the newest of a limit, still oldest first', async () => {
		expect(await messages('ann', { limit: 2 })).toEqual(['ann 2', 'ann 3'])
		expect(await messages('ann', { threadId: threads.ann, limit: 1 })).toEqual(['ann 2'])
	})

	it('of another’s thread is a 404, as of one that is not there', async () => {
		for (const threadId of [threads.ben, 'thread-0123456789abcdef']) expect((await history('ann', { threadId })).code).toBe('NOT_FOUND')
	})

	it('is for members', async () => {
		expect((await history('stranger')).code).toBe('NOT_FOUND')
		expect((await history(null)).code).toBe('UNAUTHENTICATED')
	})

	it.each([
		[{ limit: 0 }, 'UNPROCESSABLE'],
		[{ limit: 1_001 }, 'UNPROCESSABLE'],
		[{ limit: 'ten' as unknown as number }, 'BAD_REQUEST'],
	])('refuses %j with %s', async (args, code) => {
		expect((await history('ann', args)).code).toBe(code)
	})

	it('has 50 chats unless asked otherwise', async () => {
		await app.tokenOf(`chatty-${surface.name}`)
		await app.join(`chatty-${surface.name}`, slug, 'viewer')
		const user = await app.prisma.user.findUniqueOrThrow({ where: { username: `chatty-${surface.name}` } })
		const { workspaceId } = await app.prisma.thread.findUniqueOrThrow({ where: { id: threads.ann } })
		const thread = { id: `thread-chatty-${surface.name.toLowerCase()}`, workspaceId, userId: user.id, title: 'chatty' }
		await app.prisma.thread.create({ data: thread })
		const runs = Array.from({ length: 55 }, (_, index) => ({ id: `run-${surface.name.toLowerCase()}-${index}`, message: `m${index}` }))
		const common = { workspaceId, threadId: thread.id }
		await app.prisma.run.createMany({
			data: runs.map((run) => ({ ...run, ...common, userId: user.id, mode: 'chat', status: 'completed', provider: 'x', model: 'x' })),
		})
		await app.prisma.chat.createMany({
			data: runs.map(({ id, message }) => ({ ...common, runId: id, message, response: 'r', sources: [], citations: [] })),
		})
		expect(await messages(`chatty-${surface.name}`)).toEqual(runs.slice(5).map(({ message }) => message))
		await app.prisma.thread.delete({ where: { id: thread.id } })
	})

	it('says what each answer was made from', async () => {
		const asked = await surface.ask(
			app,
			sendMessage,
			{ slug, input: { message: `Once more over ${surface.name}` } },
			await app.tokenOf('ben'),
		)
		const { data } = await history('ben', { threadId: asked.data.threadId })
		const { response, sources, citations, runId, chatId } = asked.data
		expect(data.chats).toEqual([
			expect.objectContaining({ id: chatId, response, sources, citations, runId, createdAt: expect.stringMatching(/\.\d{3}Z$/) }),
		])
		await app.prisma.thread.delete({ where: { id: asked.data.threadId } })
	})
})

describe('the history over REST', () => {
	it('has the form of the reference', async () => {
		const { status, data } = await rest(
			app,
			'GET',
			`/workspaces/${slug}/chats?threadId=${threads.ann}&limit=1`,
			undefined,
			await app.tokenOf('ann'),
		)
		expect(status).toBe(200)
		expect(Object.keys(data)).toEqual(['chats'])
		expect(data.chats[0]).toMatchObject({
			id: expect.any(Number),
			message: 'ann 2',
			response: expect.any(String),
			threadId: threads.ann,
			createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
		})
	})

	it('is in the workspace too: its threads, one’s own or all', async () => {
		const threadsOf = async (username: string) =>
			(await rest(app, 'GET', `/workspaces/${slug}`, undefined, await app.tokenOf(username))).data.workspace.threads as {
				id: string
				title: string
			}[]
		expect((await threadsOf('ann')).map(({ id }) => id)).toEqual([threads.ann, threads.annOther])
		expect((await threadsOf('owner')).map(({ title }) => title)).toEqual(['ann 1', 'ben 1', 'ann 3'])
	})
})

describe('the threads of a workspace in GraphQL', () => {
	it('have their chats', async () => {
		const query = `{ workspace(slug: "${slug}") { threads(first: 5) { totalCount edges { node { id title chats { totalCount edges { node { message } } } } } } } }`
		const { data } = await graphql(app, query, {}, await app.tokenOf('ann'))
		expect(data.threads.totalCount).toBe(2)
		expect(data.threads.edges[0].node).toMatchObject({ id: threads.ann, title: 'ann 1', chats: { totalCount: 2 } })
		expect(data.threads.edges[0].node.chats.edges.map(({ node }: { node: Row }) => node.message)).toEqual(['ann 1', 'ann 2'])
	})
})
