import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createDictatedModel } from '../support/model.ts'
import {
	CHAT_SUBSCRIPTION,
	chatHistory,
	createThread,
	deleteThread,
	getThread,
	listThreads,
	sendMessage,
	updateThread,
} from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'
import { heard, type Told, transports } from '../support/transports.ts'

const model = createDictatedModel()

let app: TestApp
beforeAll(async () => {
	app = await bootApp({ model })
	await Promise.all(['ann', 'ben', 'stranger'].map((name) => app.tokenOf(name)))
})
afterAll(() => app.end())

describe.each(surfaces)('threads over $name', (surface) => {
	const slug = `threads-${surface.name.toLowerCase()}`
	const as = (name: string) => app.tokenOf(name)
	const create = async (input: object, name = 'ann', headers = {}) =>
		surface.ask(app, createThread, { slug, input }, await as(name), headers)
	const list = async (args = {}, name = 'ann') => surface.ask(app, listThreads, { slug, ...args }, await as(name))
	const titles = async (args = {}, name = 'ann') => (await list(args, name)).data.threads.map(({ title }: { title: string }) => title)
	const rename = async (threadId: string, input: object, name = 'ann') =>
		surface.ask(app, updateThread, { slug, threadId, input }, await as(name))
	const remove = async (threadId: string, name = 'ann') => surface.ask(app, deleteThread, { slug, threadId }, await as(name))
	const get = async (threadId: string, name = 'ann') => surface.ask(app, getThread, { slug, threadId }, await as(name))

	beforeAll(async () => {
		await rest(app, 'POST', '/workspaces', { name: 'Threads', slug }, await as('admin'))
		for (const name of ['ann', 'ben']) await app.join(name, slug, 'viewer')
	})

	it('are made, asked in, renamed and deleted', async () => {
		const made = await create({ title: ' Plans ' })
		const { thread } = made.data
		expect(thread).toMatchObject({ id: expect.stringMatching(/^thread-/), title: 'Plans' })
		if (surface.name === 'REST')
			expect([made.status, made.headers.get('location')]).toEqual([201, `/api/workspaces/${slug}/threads/${thread.id}`])
		model.say('An answer.')
		model.finish()
		await surface.ask(app, sendMessage, { slug, input: { message: 'What?', threadId: thread.id } }, await as('ann'))
		expect((await rename(thread.id, { title: '计划' })).data.thread).toMatchObject({ id: thread.id, title: '计划' })
		expect((await get(thread.id)).data.thread.title).toBe('计划')
		expect((await remove(thread.id)).status).toBe(200)
		expect((await get(thread.id)).code).toBe('NOT_FOUND')
		expect((await surface.ask(app, chatHistory, { slug }, await as('ann'))).data.chats).toEqual([])
	})

	it('have a title from the start, in the language of who made them', async () => {
		expect((await create({})).data.thread.title).toBe('新对话')
		expect((await create({ title: null }, 'ann', { 'accept-language': 'en' })).data.thread.title).toBe('New conversation')
		for (const { data } of [await create({}), await create({})]) await remove(data.thread.id)
	})

	it('are listed in pages, those that went on last first, each viewer’s own, and all for who manages', async () => {
		for (const title of ['first', 'second', 'third']) await create({ title }, 'ben')
		expect(await titles({ search: 'IR' }, 'ben')).toEqual(['third', 'first'])
		expect(await titles({ limit: 2 }, 'ben')).toEqual(['third', 'second'])
		expect((await list({ limit: 2, page: 2 }, 'ben')).data.pagination).toEqual({ page: 2, limit: 2, total: 3, pages: 2 })
		expect(await titles({ search: 'second' }, 'ann')).toEqual([])
		expect(await titles({ search: 'second' }, 'admin')).toEqual(['second'])
	})

	it('of others, and in workspaces that one may not know of, are not there: 404', async () => {
		const { id } = (await create({ title: 'private' })).data.thread
		for (const refused of [
			await get(id, 'ben'),
			await rename(id, { title: 'mine' }, 'ben'),
			await remove(id, 'ben'),
			await create({}, 'stranger'),
		])
			expect(refused.code).toBe('NOT_FOUND')
		expect((await rename(id, { title: 'managed' }, 'admin')).data.thread.title).toBe('managed')
		await remove(id, 'admin')
	})

	it('are made once for an Idempotency-Key', async () => {
		const key = { 'idempotency-key': `thread-${surface.name}` }
		const [one, other] = [await create({ title: 'once' }, 'ann', key), await create({ title: 'once' }, 'ann', key)]
		expect(other.data).toEqual(one.data)
		expect(await titles({ search: 'once' })).toEqual(['once'])
	})

	it('that go stop what is being answered in them', async () => {
		const [transport] = transports
		const stream = transport?.follow(app, CHAT_SUBSCRIPTION, { slug, input: { message: 'Still there?' } }, await as('ann'))
		if (!stream) throw new Error('no transport')
		const { threadId } = ((await stream.next()).value as Told).data.chat
		await stream.next()
		model.say('Yes ')
		await stream.next()
		await remove(threadId)
		const { events } = await heard(stream)
		expect(events.at(-1)?.__typename).toMatch(/^Chat(Cancelled|Failed)$/)
	})
})
