import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { recordingLog } from '../support/log.ts'
import { listWorkspaces, login, verify } from '../support/operations.ts'
import { graphql, rest, surfaces, ways } from '../support/surfaces.ts'
import { heard, transports } from '../support/transports.ts'

const { log, lines } = recordingLog()
const SECRET = 'secret hunter2'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ log })
	admin = await app.tokenOf('admin')
})
afterEach(() => {
	vi.restoreAllMocks()
})
afterAll(() => app.end())

/** The lines that tell of an unexpected error. */
const reports = () =>
	lines.filter(({ msg }) => msg === 'an unexpected error') as { err: { message: string; stack: string }; requestId: string }[]

describe.each(ways.flatMap((way) => surfaces.map((surface) => ({ name: `${surface.name} ${way.name}`, way, surface }))))(
	'what nobody expected, over $name',
	({ way, surface }) => {
		it.each([
			['the caller’s request id', { 'x-request-id': 'asked-with-this-id' }],
			['a request id of ours', {}],
			['a request id of ours, the caller’s being harmful', { 'x-request-id': 'not a good id' }],
		])('is a 500 that tells nothing, and a line in the log under %s', async (_which, headers: Record<string, string>) => {
			vi.spyOn(app.services.workspaces, 'page').mockRejectedValueOnce(new Error(SECRET))
			const told = reports().length
			const reply = await surface.ask(way.to(app), listWorkspaces, {}, admin, headers)
			expect(reply).toMatchObject({ code: 'INTERNAL', error: '服务器内部错误，详情见日志中对应的请求编号。' })
			if (surface.name === 'REST') expect(reply.status).toBe(500)
			expect(JSON.stringify([reply.data, reply.error, [...reply.headers]])).not.toContain('hunter2')
			const [report, ...more] = reports().slice(told)
			expect(more).toEqual([])
			expect(report?.err.message).toBe(SECRET)
			expect(report?.err.stack).toContain('failures.test.ts')
			expect(report?.requestId).toBe(reply.headers.get('x-request-id'))
			expect(report?.requestId).toMatch(/^[\w.-]{1,64}$/)
		})
	},
)

describe.each(transports)('a stream that breaks over $name', (transport) => {
	const query = 'subscription { documentEvents(slug: "default-workspace") { ... on DocumentProgressed { status } } }'

	it('before it begins tells nothing', async () => {
		vi.spyOn(app.services.documents, 'events').mockRejectedValueOnce(new Error(SECRET))
		const told = reports().length
		expect(await heard(transport.follow(app, query, {}, admin))).toMatchObject({
			events: [],
			code: 'INTERNAL',
			error: expect.not.stringContaining('hunter2'),
		})
		expect(
			reports()
				.slice(told)
				.map(({ err }) => err.message),
		).toEqual([SECRET])
	})

	it('in the middle ends with an error that tells nothing', async () => {
		const document = {
			id: 1,
			workspaceId: 1,
			filename: 'a.txt',
			status: 'parsing',
			errorCode: null,
			errorProblem: null,
			stageDone: 0,
			stageTotal: 0,
			chunkCount: 0,
		}
		async function* breaking() {
			yield { type: 'state', document } as const
			throw new Error(SECRET)
		}
		vi.spyOn(app.services.documents, 'events').mockResolvedValueOnce(breaking() as never)
		const told = reports().length
		const { events, code, error } = await heard(transport.follow(app, query, {}, admin))
		expect(events).toEqual([{ status: 'PARSING' }])
		expect(code).toBe('INTERNAL')
		expect(error).not.toContain('hunter2')
		expect(
			reports()
				.slice(told)
				.map(({ err }) => err.message),
		).toEqual([SECRET])
	})
})

describe('the log', () => {
	it('has a line of every answer, with its request id, at the level debug', async () => {
		const { headers } = await rest(app, 'GET', '/workspaces?search=x', undefined, admin)
		const line = lines.findLast(({ requestId }) => requestId === headers.get('x-request-id'))
		expect(line).toMatchObject({ level: 20, method: 'GET', path: '/api/workspaces', status: 200, ms: expect.any(Number) })
	})

	it('never has a password or a token, wherever a request carries it', async () => {
		const planted = 'PLANTED0123456789'
		const asAdmin = { username: 'admin', password: ADMIN_PASSWORD }
		await app.prisma.user.update({ where: { username: 'admin' }, data: { lastLogin: null } })
		for (const surface of surfaces) {
			await surface.ask(app, login, { input: { ...asAdmin, password: planted } })
			await surface.ask(app, login, { input: { ...asAdmin, token: planted } })
			await surface.ask(app, login, { input: { username: planted.repeat(40), password: planted.repeat(100) } })
			await surface.ask(app, verify, {}, `${planted}.${planted}.${planted}`)
			const { data } = await surface.ask(app, login, { input: asAdmin })
			await surface.ask(app, verify, {}, data.token)
			for (const part of (data.token as string).split('.').slice(1)) expect(JSON.stringify(lines)).not.toContain(part)
			vi.spyOn(app.services.auth, 'login').mockRejectedValueOnce(new Error('the database is away'))
			await surface.ask(app, login, { input: { ...asAdmin, password: planted } })
		}
		await rest(app, 'POST', '/auth/login', `{"username":"admin","password":"${planted}"`)
		await rest(app, 'GET', `/workspaces?token=${planted}&password=${planted}`, undefined, admin)
		await rest(app, 'GET', '/workspaces', undefined, undefined, { cookie: `token=${planted}`, authorization: `Basic ${planted}` })
		await graphql(app, `mutation { login(input: { username: "admin", password: "${planted}" }) { token } }`)
		await graphql(app, `mutation { login(input: { username: "admin", password: "${planted}" ) { token } }`)
		await graphql(app, 'query ($x: Int!) { verify { valid } }', { x: planted })
		await refusedSocket({ authorization: `Bearer ${planted}` })
		expect(lines.some(({ path }) => path === '/api/auth/login')).toBe(true)
		expect(reports().some(({ err }) => err.message === 'the database is away')).toBe(true)
		const written = JSON.stringify(lines)
		expect(written).not.toContain(planted)
		expect(written).not.toContain(admin)
	})
})

async function refusedSocket(payload: object): Promise<void> {
	const socket = new WebSocket(`${(await app.url()).replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
	socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })))
	await new Promise((resolve) => socket.on('close', resolve))
}
