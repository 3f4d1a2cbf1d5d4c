import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createDictatedModel } from '../support/model.ts'
import { CHAT_EVENTS, CHAT_SUBSCRIPTION, cancelChat, chatHistory, getRun, sendMessage } from '../support/operations.ts'
import { type Surface, surfaces } from '../support/surfaces.ts'
import { heard, type Told, type Transport, transports } from '../support/transports.ts'

const slug = 'default-workspace'
const model = createDictatedModel()

let app: TestApp
let admin: string
let ann: string
let ben: string
beforeAll(async () => {
	app = await bootApp({ model })
	;[admin, ann, ben] = await Promise.all([app.tokenOf('admin'), app.tokenOf('ann'), app.tokenOf('ben')])
	for (const name of ['ann', 'ben']) await app.join(name, slug, 'viewer')
})
afterAll(() => app.end())

const chatOf = async (stream: AsyncGenerator<Told, void, undefined>) => ((await stream.next()).value as Told).data.chat

/** A run of ann's that has said this much and goes on, and its followers' place in it. */
async function running(transport: Transport, ...words: string[]) {
	const stream = transport.follow(app, CHAT_SUBSCRIPTION, { slug, input: { message: 'What goes on?' } }, ann)
	const { runId, threadId }: { runId: string; threadId: string } = await chatOf(stream)
	await chatOf(stream)
	for (const word of words) {
		model.say(word)
		await chatOf(stream)
	}
	return { runId, threadId, stream }
}

const spelled = (surface: Surface, status: string) => (surface.name === 'REST' ? status : status.toUpperCase())

describe.each(transports)('the events of a run over $name', (transport) => {
	const follow = (runId: string, after = 0, token = ann) => transport.follow(app, CHAT_EVENTS, { runId, after }, token)

	it('are followed from any place, while it runs and when it has ended, without a gap or a repetition', async () => {
		const { runId, stream } = await running(transport, 'One. ', 'Two. ')
		const late = heard(follow(runId, 3))
		model.say('Three.')
		model.finish()
		await heard(stream)
		const all = (await heard(follow(runId))).events
		expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6])
		expect((await late).events).toEqual(all.slice(3))
		for (const after of [0, 1, 5, 6, 1_000]) expect((await heard(follow(runId, after))).events).toEqual(all.slice(after))
	})

	it('are the author’s and the managers’ alone', async () => {
		const { runId, stream } = await running(transport)
		model.say('Mine.')
		model.finish()
		await heard(stream)
		expect((await heard(follow(runId, 0, admin))).events).toHaveLength(4)
		expect(await heard(follow(runId, 0, ben))).toMatchObject({ events: [], code: 'NOT_FOUND' })
		expect(await heard(follow('run-never'))).toMatchObject({ events: [], code: 'NOT_FOUND' })
	})
})

describe.each(surfaces)('a run over $name', (surface) => {
	const transport = transports[0] as Transport
	const run = (runId: string, token = ann, of = slug) => surface.ask(app, getRun, { slug: of, runId }, token)
	const cancel = (runId: string, token = ann) => surface.ask(app, cancelChat, { slug, runId }, token)

	it('is shown while it runs, and when it is completed', async () => {
		const { runId, threadId, stream } = await running(transport, 'Half ')
		expect((await run(runId)).data.run).toMatchObject({
			id: runId,
			threadId,
			status: spelled(surface, 'running'),
			usage: null,
			endedAt: null,
		})
		model.say('and whole.')
		model.finish()
		await heard(stream)
		expect((await run(runId)).data.run).toMatchObject({
			...{ status: spelled(surface, 'completed'), usage: { totalTokens: 18 }, error: null, partial: null, message: 'What goes on?' },
			...{ provider: 'dictated', model: 'dictated', endedAt: expect.any(String) },
		})
	})

	it('that failed says why, and what it had', async () => {
		const { runId, stream } = await running(transport, 'Not ')
		model.fail(new Error('the model went away'))
		await heard(stream)
		expect((await run(runId)).data.run).toMatchObject({
			...{ status: spelled(surface, 'failed'), error: { code: 'INTERNAL', reason: expect.any(String) }, partial: 'Not ' },
		})
	})

	it('is stopped, with what it has, for all who follow it; once more changes nothing', async () => {
		const { runId, threadId, stream } = await running(transport, 'As far as ')
		const { data, status } = await cancel(runId)
		expect(status).toBe(200)
		expect(data.run).toMatchObject({ id: runId, status: spelled(surface, 'cancelled'), partial: 'As far as ', error: null })
		expect((await heard(stream)).events).toMatchObject([{ __typename: 'ChatCancelled', sequence: 4, partial: 'As far as ' }])
		expect((await cancel(runId)).data).toEqual(data)
		expect((await surface.ask(app, chatHistory, { slug, threadId }, ann)).data.chats).toEqual([])
	})

	it('that has ended stays as it is', async () => {
		const { runId, stream } = await running(transport)
		model.say('Done.')
		model.finish()
		await heard(stream)
		expect((await cancel(runId)).data.run.status).toBe(spelled(surface, 'completed'))
	})

	it('that is waited for ends with a conflict when it is cancelled: 409', async () => {
		const threads = async () => (await app.prisma.run.findMany({ where: { status: 'running' } })).map(({ id }) => id)
		const waiting = surface.ask(app, sendMessage, { slug, input: { message: 'Who waits?' } }, ann)
		await expect.poll(threads).toHaveLength(1)
		const [runId = ''] = await threads()
		await cancel(runId)
		expect(await waiting).toMatchObject({ code: 'CONFLICT', error: '回答已被取消。' })
	})

	it('is the author’s and the managers’ alone: 404', async () => {
		const { runId, stream } = await running(transport)
		for (const refused of [await run(runId, ben), await cancel(runId, ben), await run(runId, ann, 'elsewhere'), await run('run-never')])
			expect(refused.code).toBe('NOT_FOUND')
		expect((await cancel(runId, admin)).data.run.status).toBe(spelled(surface, 'cancelled'))
		await heard(stream)
	})
})
