import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createDictatedModel } from '../support/model.ts'
import { CHAT_SUBSCRIPTION, sendMessage } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'
import { heard, type Told, type Transport, transports } from '../support/transports.ts'

const slug = 'default-workspace'
const model = createDictatedModel()

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ model })
	admin = await app.tokenOf('admin')
	await rest(app, 'POST', '/workspaces', { name: 'Elsewhere', slug: 'elsewhere' }, admin)
})
afterAll(() => app.end())

const follow = (transport: Transport, input: object, token = admin, to = slug) =>
	transport.follow(app, CHAT_SUBSCRIPTION, { slug: to, input }, token)
const chatOf = async (stream: AsyncGenerator<Told, void, undefined>) => ((await stream.next()).value as Told).data.chat

/** Runs a question to its end. */
async function answered(transport: Transport, input: object) {
	model.say('An answer in ')
	model.say('two parts.')
	model.finish()
	return (await heard(follow(transport, input))).events
}

describe.each(transports)('a requestId over $name', (transport) => {
	const idOf = (what: string) => ({ message: `What about ${what}?`, requestId: `${what} ${transport.name}` })

	it('follows the run that it started from its first event, while it runs', async () => {
		const { asked } = model
		const first = follow(transport, idOf('two listeners'))
		const started = await chatOf(first)
		await chatOf(first)
		model.say('Early. ')
		const early = await chatOf(first)
		const second = follow(transport, idOf('two listeners'))
		expect(await chatOf(second)).toEqual(started)
		await chatOf(second)
		expect(await chatOf(second)).toEqual(early)
		model.say('Late.')
		model.finish()
		const [one, other] = await Promise.all([heard(first), heard(second)])
		expect(one.events).toEqual(other.events)
		expect(one.events.at(-1)?.chat.response).toBe('Early. Late.')
		expect(model.asked).toBe(asked + 1)
	})

	it('replays the run after it has ended, every event the same', async () => {
		const events = await answered(transport, idOf('a replay'))
		const { asked } = model
		for (const again of transports) expect((await heard(follow(again, idOf('a replay')))).events).toEqual(events)
		expect(model.asked).toBe(asked)
	})

	it('starts one run, however many ask at once', async () => {
		const { asked } = model
		const streams = Array.from({ length: 5 }, () => follow(transport, idOf('a crowd')))
		const runs = await Promise.all(streams.map(chatOf))
		expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1)
		model.say('One for all.')
		model.finish()
		for (const { events } of await Promise.all(streams.map(heard))) expect(events.at(-1)?.chat.response).toBe('One for all.')
		expect(model.asked).toBe(asked + 1)
	})

	it('with another message, or in another workspace, is refused: 422', async () => {
		await answered(transport, idOf('one thing'))
		const refused = await heard(follow(transport, { ...idOf('one thing'), message: 'Another thing' }))
		expect(refused).toMatchObject({ events: [], code: 'UNPROCESSABLE', error: '此 requestId 已用于另一条消息。' })
		expect((await heard(follow(transport, idOf('one thing'), admin, 'elsewhere'))).code).toBe('UNPROCESSABLE')
	})

	it('is one’s own: another’s is another run', async () => {
		const mine = await answered(transport, idOf('everybody'))
		const ann = await app.tokenOf(`ann-${transport.name}`)
		await app.join(`ann-${transport.name}`, slug, 'viewer')
		model.say('Hers.')
		model.finish()
		const hers = (await heard(follow(transport, idOf('everybody'), ann))).events
		expect(hers[0]?.runId).not.toBe(mine[0]?.runId)
		expect(hers.at(-1)?.chat.response).toBe('Hers.')
	})
})

describe.each(surfaces)('a requestId over $name', (surface) => {
	it('gives the same answer again, and another message 422', async () => {
		const input = { message: 'What again?', requestId: `again ${surface.name}` }
		model.say('The answer.')
		model.finish()
		const first = await surface.ask(app, sendMessage, { slug, input }, admin)
		const again = await surface.ask(app, sendMessage, { slug, input }, admin)
		expect(first.data.response).toBe('The answer.')
		expect(again.data).toEqual(first.data)
		const other = await surface.ask(app, sendMessage, { slug, input: { ...input, message: 'What else?' } }, admin)
		expect(other.code).toBe('UNPROCESSABLE')
	})
})

describe('after the server has started anew', () => {
	const transport = transports[0] as Transport
	const completed = { message: 'What lasts?', requestId: 'lasting' }
	const killed = { message: 'What was cut off?', requestId: 'killed' }

	beforeAll(async () => {
		before = await answered(transport, completed)
		await leaveRunning()
		await app.stop()
		app = await bootApp({ model, place: app.place })
		admin = await app.tokenOf('admin')
	})
	let before: unknown[]

	/** What a process that was killed leaves behind. */
	async function leaveRunning(): Promise<void> {
		const common = { workspaceId: 1, userId: 1 }
		await app.prisma.thread.create({ data: { id: 'thread-killed', title: 'killed', ...common } })
		await app.prisma.run.create({
			data: {
				id: 'run-killed',
				threadId: 'thread-killed',
				...common,
				...killed,
				mode: 'chat',
				status: 'running',
				provider: 'x',
				model: 'x',
			},
		})
	}

	it.each(transports)('a run replays from the database, every event the same: $name', async (again) => {
		const { asked } = model
		expect((await heard(follow(again, completed))).events).toEqual(before)
		expect(model.asked).toBe(asked)
	})

	it.each(surfaces)('its answer is given again: $name', async (surface) => {
		const { data } = await surface.ask(app, sendMessage, { slug, input: completed }, admin)
		expect(data.response).toBe('An answer in two parts.')
	})

	it('a run that was cut off has failed, with a number past any that somebody may have seen', async () => {
		const { events } = await heard(follow(transport, killed))
		expect(events[0]).toEqual({ __typename: 'ChatStarted', sequence: 1, runId: 'run-killed', threadId: 'thread-killed' })
		expect(events.slice(1)).toEqual([
			{ __typename: 'ChatFailed', sequence: expect.any(Number), code: 'INTERRUPTED', error: '服务器在回答完成之前停止了。', partial: '' },
		])
		expect(events[1]?.sequence).toBeGreaterThan(1_000_000)
		expect(await app.prisma.run.findUniqueOrThrow({ where: { id: 'run-killed' } })).toMatchObject({
			status: 'failed',
			endedAt: expect.any(Date),
		})
	})

	it.each(surfaces)('its caller hears 503 INTERRUPTED: $name', async (surface) => {
		const reply = await surface.ask(app, sendMessage, { slug, input: killed }, admin)
		expect(reply).toMatchObject({ code: 'INTERRUPTED', error: '服务器在回答完成之前停止了。' })
		if (surface.name === 'REST') expect(reply.status).toBe(503)
	})

	it('its thread can go on', async () => {
		model.say('On we go.')
		model.finish()
		const { data } = await rest(app, 'POST', `/workspaces/${slug}/chat`, { message: 'And now?', threadId: 'thread-killed' }, admin)
		expect(data).toMatchObject({ response: 'On we go.', threadId: 'thread-killed' })
	})
})

describe('a server that stops', () => {
	it('fails what does not end in time, with what was said, and takes no more', async () => {
		const transport = transports[0] as Transport
		const stream = follow(transport, { message: 'Will this end?' })
		await chatOf(stream)
		await chatOf(stream)
		model.say('Not in')
		await chatOf(stream)
		const stopped = app.services.chat.stop(1)
		const { events } = await heard(stream)
		await stopped
		expect(events).toEqual([
			{ __typename: 'ChatFailed', sequence: 4, code: 'INTERRUPTED', error: '服务器在回答完成之前停止了。', partial: 'Not in' },
		])
		for (const surface of surfaces)
			expect((await surface.ask(app, sendMessage, { slug, input: { message: 'One more?' } }, admin)).code).toBe('UNAVAILABLE')
	})
})
