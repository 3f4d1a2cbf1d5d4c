import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { createDictatedModel } from '../support/model.ts'
import { CHAT_SUBSCRIPTION } from '../support/operations.ts'
import { rest } from '../support/surfaces.ts'
import { heard, type Told, type Transport, transports } from '../support/transports.ts'

const slug = 'default-workspace'
const model = createDictatedModel()

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ model })
	admin = await app.tokenOf('admin')
	await takeIn(app, slug, textFile('tides.txt', 'The tide in the bay of Fundy rises sixteen metres.'), admin)
})
afterAll(() => app.end())

/** Follows a question event by event. */
function listen(transport: Transport, input: object, token: string | null = admin) {
	const stream = transport.follow(app, CHAT_SUBSCRIPTION, { slug, input }, token)
	return {
		stream,
		async next() {
			const { value, done } = await stream.next()
			if (done) throw new Error('the stream has ended')
			return (value as Told).data.chat
		},
	}
}

describe.each(transports)('a run over $name', (transport) => {
	const message = 'How high does the tide in the bay of Fundy rise?'

	it('tells started, sources, what is said when it is said, completed: 1, 2, 3 …', async () => {
		const { stream, next } = listen(transport, { message })
		const started = await next()
		expect(started).toEqual({
			__typename: 'ChatStarted',
			sequence: 1,
			runId: expect.stringMatching(/^run-/),
			threadId: expect.stringMatching(/^thread-/),
		})
		const told = await next()
		expect(told).toMatchObject({ __typename: 'ChatSources', sequence: 2, sources: [expect.objectContaining({ document: 'tides.txt' })] })
		model.say('The tide rises ')
		expect(await next()).toEqual({ __typename: 'ChatDelta', sequence: 3, text: 'The tide rises ' })
		model.say('sixteen metres [1].')
		expect(await next()).toEqual({ __typename: 'ChatDelta', sequence: 4, text: 'sixteen metres [1].' })
		model.finish()
		const completed = await next()
		expect(completed).toMatchObject({
			__typename: 'ChatCompleted',
			sequence: 5,
			chat: { threadId: started.threadId, mode: 'CHAT', message, response: 'The tide rises sixteen metres [1].', sources: told.sources },
			usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18, estimated: false },
			citations: [{ marker: 1, document: 'tides.txt', quote: expect.stringContaining('sixteen metres'), supported: true }],
		})
		expect((await stream.next()).done).toBe(true)
		const { data } = await rest(app, 'GET', `/workspaces/${slug}/chats?threadId=${started.threadId}`, undefined, admin)
		expect(data.chats).toHaveLength(1)
		expect(data.chats[0]).toMatchObject({ id: Number(completed.chat.id), runId: started.runId, response: completed.chat.response })
		expect(data.chats[0].createdAt).toBe(completed.chat.createdAt)
	})

	it.each<[string, Error, string, string]>([
		['breaks off', new AppError('providerBroke', { provider: 'dictated' }), 'PROVIDER_ERROR', '模型服务 "dictated" 的回答中断或无法读取。'],
		['fails as nobody expected', new Error('secret hunter2'), 'INTERNAL', '服务器内部错误，详情见日志中对应的请求编号。'],
	])('that %s ends failed, with what was said so far, and makes no chat', async (_how, error, code, words) => {
		const { stream, next } = listen(transport, { message })
		const { runId, threadId } = await next()
		await next()
		model.say('As far as')
		await next()
		model.fail(error)
		expect(await next()).toEqual({ __typename: 'ChatFailed', sequence: 4, code, error: words, partial: 'As far as' })
		expect((await stream.next()).done).toBe(true)
		expect(await app.prisma.run.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({ status: 'failed', endedAt: expect.any(Date) })
		expect(await app.prisma.chat.count({ where: { threadId } })).toBe(0)
	})

	it('goes on when its listener leaves', async () => {
		const { stream, next } = listen(transport, { message: `${message} Leaving ${transport.name}`, requestId: `leaving-${transport.name}` })
		const { threadId } = await next()
		await stream.return()
		model.say('Said to nobody.')
		model.finish()
		const back = await heard(
			listen(transport, { message: `${message} Leaving ${transport.name}`, requestId: `leaving-${transport.name}` }).stream,
		)
		expect(back.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
		expect(back.events.at(-1)?.chat).toMatchObject({ threadId, response: 'Said to nobody.' })
		expect(await app.prisma.chat.count({ where: { threadId } })).toBe(1)
	})

	it('refuses in the mode query without asking the model', async () => {
		const { asked } = model
		const { events } = await heard(listen(transport, { message: 'Who painted the ceiling?', mode: 'QUERY' }).stream)
		expect(events.map(({ __typename }) => __typename)).toEqual(['ChatStarted', 'ChatSources', 'ChatDelta', 'ChatCompleted'])
		expect(events[1]?.sources).toEqual([])
		expect(model.asked).toBe(asked)
	})

	it('remembers the thread', async () => {
		const first = listen(transport, { message })
		const { threadId } = await first.next()
		model.say('First.')
		model.finish()
		await heard(first.stream)
		const second = listen(transport, { message: 'And then?', threadId })
		expect((await second.next()).threadId).toBe(threadId)
		model.say('Second.')
		model.finish()
		await heard(second.stream)
		const chats = await app.prisma.chat.findMany({ where: { threadId }, orderBy: { id: 'asc' } })
		expect(chats.map(({ response }) => response)).toEqual(['First.', 'Second.'])
	})

	it('is asked beside others, and each hears its own', async () => {
		const streams = ['one', 'two'].map((word) => listen(transport, { message: `${message} ${word} ${transport.name}` }))
		const runs = await Promise.all(streams.map(({ next }) => next()))
		expect(runs[0]?.runId).not.toBe(runs[1]?.runId)
		for (const word of ['a', 'b']) {
			model.say(word)
			model.finish()
		}
		const ends = await Promise.all(streams.map(async ({ stream }) => (await heard(stream)).events.at(-1)?.chat))
		expect(ends.map(({ message: asked }) => asked)).toEqual(['one', 'two'].map((word) => `${message} ${word} ${transport.name}`))
	})

	it.each<[string, object, () => Promise<string | null>, string]>([
		['nobody', { message }, async () => null, 'UNAUTHENTICATED'],
		['a stranger', { message }, () => app.tokenOf('stranger'), 'NOT_FOUND'],
		['somebody who says nothing', { message: ' ' }, async () => admin, 'UNPROCESSABLE'],
		['somebody in a thread that is not there', { message, threadId: 'thread-nowhere' }, async () => admin, 'NOT_FOUND'],
		['somebody who knows no mode', { message, mode: 'LOUD' }, async () => admin, 'BAD_REQUEST'],
	])('of %s is an error, not a stream, and starts nothing', async (_who, input, token, code) => {
		const count = await app.prisma.run.count()
		const { events, code: said } = await heard(listen(transport, input, await token()).stream)
		expect({ events, said }).toEqual({ events: [], said: code })
		expect(await app.prisma.run.count()).toBe(count)
	})
})
