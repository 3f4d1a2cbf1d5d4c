import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { textFile } from '../support/documents.ts'
import { recordingLog } from '../support/log.ts'
import { logout } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

interface Message {
	type: string
	id?: string
	// biome-ignore lint/suspicious/noExplicitAny: tests read answers as they are documented
	payload?: any
}

const { log, lines } = recordingLog()

let app: TestApp
let admin: string
const open = new Set<WebSocket>()
beforeAll(async () => {
	app = await bootApp({ log })
	admin = await app.tokenOf('admin')
})
afterEach(() => {
	vi.useRealTimers()
	vi.restoreAllMocks()
	for (const socket of open) socket.terminate()
	open.clear()
})
afterAll(() => app.end())

/** A socket, seen from close by. */
async function connect(protocol = 'graphql-transport-ws', path = '/graphql', headers = {}) {
	const socket = new WebSocket(`${(await app.url()).replace('http', 'ws')}${path}`, protocol, { headers })
	open.add(socket)
	const messages: Message[] = []
	let ring = Promise.withResolvers<void>()
	socket.on('message', (data) => {
		messages.push(JSON.parse(String(data)) as Message)
		ring.resolve()
		ring = Promise.withResolvers()
	})
	const closed = new Promise<number>((resolve) => socket.on('close', resolve))
	await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
	return {
		socket,
		closed,
		send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
		/** The first message that fits, of those that came and those that come. */
		async message(fits: (message: Message) => boolean): Promise<Message> {
			for (;;) {
				const found = messages.find(fits)
				if (found) return found
				await ring.promise
			}
		},
	}
}

/** A socket that was let in. */
async function enter(payload?: object, headers = {}) {
	const connection = await connect('graphql-transport-ws', '/graphql', headers)
	connection.send({ type: 'connection_init', ...(payload && { payload }) })
	await connection.message(({ type }) => type === 'connection_ack')
	let ids = 0
	return {
		...connection,
		async ask(query: string, variables = {}): Promise<Message> {
			const id = String(++ids)
			connection.send({ type: 'subscribe', id, payload: { query, variables } })
			return connection.message((message) => message.id === id && message.type !== 'complete')
		},
	}
}

const FOLLOW_DOCUMENTS = 'subscription { documentEvents(slug: "default-workspace") { ... on DocumentProgressed { filename status } } }'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const login = async () => (await app.services.auth.login('admin', ADMIN_PASSWORD)).token

describe('a WebSocket', () => {
	it.each<[string, (token: string) => object]>([
		['authorization', bearer],
		['Authorization', (token) => ({ Authorization: `bearer ${token}` })],
		['token', (token) => ({ token })],
	])('is let in by a token as %s, and asks as its user', async (_as, payload) => {
		const { ask } = await enter(payload(admin))
		expect((await ask('{ verify { user { username } } }')).payload).toEqual({ data: { verify: { user: { username: 'admin' } } } })
	})

	it.each<[string, () => object | Promise<object>]>([
		['wrong', () => bearer('wrong')],
		['empty', () => ({ authorization: '' })],
		['without Bearer', () => ({ authorization: admin })],
		['empty, as token', () => ({ token: '' })],
		[
			'of a session that has ended',
			async () => {
				const token = await login()
				await surfaces[0]?.ask(app, logout, {}, token)
				return bearer(token)
			},
		],
	])('is closed with 4403 when its token is %s', async (_how, payload) => {
		const { send, closed } = await connect()
		send({ type: 'connection_init', payload: await payload() })
		expect(await closed).toBe(4403)
	})

	it('without a token asks what is public, and nothing else', async () => {
		const { ask } = await enter()
		const refused = await ask('{ verify { valid } }')
		expect(refused.payload.errors).toEqual([expect.objectContaining({ path: ['verify'], extensions: { code: 'UNAUTHENTICATED' } })])
		const followed = await ask('subscription { documentEvents(slug: "default-workspace") { documentId } }')
		expect(followed.payload.errors).toEqual([
			expect.objectContaining({ path: ['documentEvents'], extensions: { code: 'UNAUTHENTICATED' } }),
		])
		const begun = await ask(`mutation { login(input: { username: "admin", password: "${ADMIN_PASSWORD}" }) { token } }`)
		expect(begun.payload.data.login.token).toMatch(/^eyJ/)
	})

	it.each([
		['a syntax error', '{ verify { '],
		['a field that is none', '{ nonsense }'],
		['a missing argument', '{ workspace { id } }'],
	])('answers %s with BAD_REQUEST, and goes on', async (_what, query) => {
		const { ask } = await enter(bearer(admin))
		expect(await ask(query)).toMatchObject({
			type: 'error',
			payload: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
		})
		expect((await ask('{ verify { valid } }')).payload.data).toEqual({ verify: { valid: true } })
	})

	it.each([
		['zh-CN', '工作空间 "nowhere" 不存在。'],
		['en', 'There is no workspace "nowhere".'],
	])('says what is wrong in the language that it came with, and where: %s', async (language, message) => {
		const { ask } = await enter(bearer(admin), { 'accept-language': language })
		const { payload } = await ask('{ here: workspace(slug: "nowhere") { id } }')
		expect(payload.errors).toEqual([expect.objectContaining({ message, path: ['here'], extensions: { code: 'NOT_FOUND' } })])
	})

	it('carries many operations side by side, and ends one alone', async () => {
		const { ask, send, message } = await enter(bearer(admin))
		send({
			type: 'subscribe',
			id: 'endless',
			payload: { query: FOLLOW_DOCUMENTS },
		})
		expect((await ask('{ verify { valid } }')).payload.data.verify.valid).toBe(true)
		const body = new FormData()
		body.set('file', textFile('beside.txt', 'Beside others'))
		await rest(app, 'POST', '/workspaces/default-workspace/documents', body, admin)
		await message(({ id, payload }) => id === 'endless' && payload.data.documentEvents.filename === 'beside.txt')
		send({ type: 'complete', id: 'endless' })
		expect((await ask('{ verify { valid } }')).payload.data.verify.valid).toBe(true)
	})

	it('is closed with 4403 when its session ends', async () => {
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
		const token = await login()
		const { ask, closed } = await enter(bearer(token))
		const other = await enter(bearer(admin))
		vi.advanceTimersByTime(6_000)
		expect((await ask('{ verify { valid } }')).payload.data.verify.valid).toBe(true)
		await surfaces[0]?.ask(app, logout, {}, token)
		expect(await closed).toBe(4403)
		expect((await other.ask('{ verify { valid } }')).payload.data.verify.valid).toBe(true)
	})

	it.each<[string, unknown, number]>([
		['no JSON', 'nonsense', 4400],
		['no message of the protocol', { type: 'nonsense' }, 4400],
		['what only a server says', { type: 'next', id: '1', payload: { data: {} } }, 4400],
		['an operation before it was let in', { type: 'subscribe', id: '1', payload: { query: '{ __typename }' } }, 4401],
		['more than a mebibyte', { type: 'subscribe', id: '1', payload: { query: `{ __typename } #${'x'.repeat(1_100_000)}` } }, 1009],
	])('is closed when it sends %s', async (_what, message, code) => {
		const error = vi.spyOn(console, 'error')
		const { send, closed } = await connect()
		send(message)
		expect(await closed).toBe(code)
		expect(error).not.toHaveBeenCalled()
	})

	it('is closed with 4408 when it does not ask to be let in', async () => {
		const { closed } = await connect()
		expect(await closed).toBe(4408)
	})

	it('is closed with 4409 when it uses an id twice at a time', async () => {
		const { send, closed } = await enter(bearer(admin))
		const payload = { query: 'subscription { documentEvents(slug: "default-workspace") { documentId } }' }
		for (let turn = 0; turn < 2; turn++) send({ type: 'subscribe', id: 'same', payload })
		expect(await closed).toBe(4409)
	})

	it('is closed with 4429 when it asks to be let in twice', async () => {
		const { send, closed } = await enter(bearer(admin))
		send({ type: 'connection_init', payload: bearer(admin) })
		expect(await closed).toBe(4429)
	})

	it('hears a pong for its ping', async () => {
		const { send, message } = await enter(bearer(admin))
		send({ type: 'ping', payload: { at: 1 } })
		expect(await message(({ type }) => type === 'pong')).toMatchObject({ payload: { at: 1 } })
	})

	it('that cannot be looked up is closed with 4500, and hears nothing of why', async () => {
		const told = lines.length
		vi.spyOn(app.services.auth, 'authenticate').mockRejectedValueOnce(new Error('secret hunter2'))
		const { socket, send } = await connect()
		send({ type: 'connection_init', payload: bearer(admin) })
		const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
		expect([code, String(reason)]).toEqual([4500, 'Internal server error'])
		expect(lines.slice(told).filter(({ level }) => level === 50)).toEqual([
			expect.objectContaining({ err: expect.objectContaining({ message: 'secret hunter2' }) }),
		])
	})

	it('that is let in is closed by more than a mebibyte', async () => {
		const { send, closed } = await enter(bearer(admin))
		send({ type: 'subscribe', id: '1', payload: { query: `{ __typename } #${'x'.repeat(1_100_000)}` } })
		expect(await closed).toBe(1009)
	})

	it('of another protocol, or elsewhere, is not let in', async () => {
		await expect(connect('graphql-ws')).rejects.toThrow('subprotocol')
		await expect(connect('graphql-transport-ws', '/elsewhere')).rejects.toThrow('404')
	})

	it('is one of fifty that a user may have', async () => {
		const busy = await app.tokenOf('busy')
		const sockets = await Promise.all(Array.from({ length: 50 }, () => enter(bearer(busy))))
		const one = await connect()
		one.send({ type: 'connection_init', payload: bearer(busy) })
		expect(await one.closed).toBe(4429)
		sockets[0]?.socket.close()
		await sockets[0]?.closed
		await enter(bearer(admin))
		await vi.waitFor(() => enter(bearer(busy)), { timeout: 5_000 })
	})

	it('runs a hundred operations at once; the next one is refused with words, and goes when another has ended', async () => {
		const { send, message, ask } = await enter(bearer(admin))
		const following = Array.from({ length: 99 }, (_, at) => `following-${at}`)
		for (const id of following) send({ type: 'subscribe', id, payload: { query: FOLLOW_DOCUMENTS } })
		expect(await ask('{ verify { valid } }')).toMatchObject({ type: 'next' })
		for (const id of ['the-hundredth', 'one-more']) send({ type: 'subscribe', id, payload: { query: FOLLOW_DOCUMENTS } })
		const refused = await message(({ id }) => id === 'one-more')
		expect(refused).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] })
		expect(refused.payload[0].message).toContain('100')
		send({ type: 'complete', id: 'the-hundredth' })
		expect(await ask('{ verify { valid } }')).toMatchObject({ type: 'next' })
	})

	it('is one of five hundred that hear of a document, and are closed with 1001 when the server stops', async () => {
		const crowded = await bootApp()
		const before = app
		app = crowded
		try {
			const users = Array.from({ length: 10 }, (_, at) => `listener-${at}`)
			const tokens = await Promise.all(users.map((user) => crowded.tokenOf(user)))
			for (const user of users) await crowded.join(user, 'default-workspace', 'viewer')
			const sockets = await Promise.all(tokens.flatMap((token) => Array.from({ length: 50 }, () => enter(bearer(token)))))
			for (const { send } of sockets) send({ type: 'subscribe', id: 'documents', payload: { query: FOLLOW_DOCUMENTS } })
			await Promise.all(sockets.map(({ ask }) => ask('{ verify { valid } }')))
			const body = new FormData()
			body.set('file', textFile('for-all.txt', 'Heard by all'))
			await rest(crowded, 'POST', '/workspaces/default-workspace/documents', body, await crowded.tokenOf('admin'))
			const heard = await Promise.all(sockets.map(({ message }) => message(({ id, type }) => id === 'documents' && type === 'next')))
			expect(new Set(heard.map(({ payload }) => payload.data.documentEvents.filename))).toEqual(new Set(['for-all.txt']))
			await crowded.end()
			expect(new Set(await Promise.all(sockets.map(({ closed }) => closed)))).toEqual(new Set([1001]))
		} finally {
			app = before
		}
	}, 120_000)

	it('is closed with 1001 when the server stops', async () => {
		const stopping = await bootApp()
		const before = app
		app = stopping
		try {
			const [idle, following] = await Promise.all([enter(), enter(bearer(await stopping.tokenOf('admin')))])
			following.send({
				type: 'subscribe',
				id: 'endless',
				payload: { query: 'subscription { documentEvents(slug: "default-workspace") { documentId } }' },
			})
			await following.ask('{ verify { valid } }')
			await stopping.end()
			expect(await Promise.all([idle.closed, following.closed])).toEqual([1001, 1001])
		} finally {
			app = before
		}
	})
})
