import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { allEventsIn, eventsIn } from '../support/sse.ts'
import { rest, ways } from '../support/surfaces.ts'

const slug = 'default-workspace'
const STAGES = ['uploaded', 'parsing', 'chunking', 'embedding', 'indexing', 'processed']
/** A document that nobody works on. */
const ROW = { workspaceId: 1, originalName: 'waiting', mimeType: 'text/plain', format: 'text', size: 1, storageKey: 'none' }

let app: TestApp
let admin: string
let waitingId: number
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await app.tokenOf('stranger')
	waitingId = (await app.prisma.document.create({ data: { ...ROW, hash: 'waiting', status: 'parsing', filename: 'waiting' } })).id
})
afterAll(() => app.end())

async function upload(file: File): Promise<number> {
	const body = new FormData()
	body.set('file', file)
	return (await rest(app, 'POST', `/workspaces/${slug}/documents`, body, admin)).data.document.id
}
const documentPath = (id: number) => `/workspaces/${slug}/documents/${id}/events`

interface Asked {
	token?: string | null
	accept?: string
	method?: string
	signal?: AbortSignal
	language?: string
}

describe.each(ways)('documents followed by REST $name', (way) => {
	const ask = (path: string, { token = admin, accept = 'text/event-stream', method = 'GET', signal, language = 'en' }: Asked = {}) =>
		way.to(app).fetch(
			new Request(`http://localhost/api${path}`, {
				method,
				headers: { accept, 'accept-language': language, ...(token && { authorization: `Bearer ${token}` }) },
				...(signal && { signal }),
			}),
		)

	it('tells of one document until it ends, in the words of REST', async () => {
		const id = await upload(textFile('followed.txt', `Followed ${way.name}`))
		const response = await ask(documentPath(id))
		expect(response.status).toBe(200)
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'content-type': expect.stringContaining('text/event-stream'),
			'cache-control': 'no-store',
			'x-accel-buffering': 'no',
			'x-request-id': expect.any(String),
		})
		expect(response.headers.has('content-encoding')).toBe(false)
		const events = await allEventsIn(response)
		const stages = events.map(({ data }) => STAGES.indexOf(data.status))
		expect(stages).toEqual(stages.toSorted((one, other) => one - other))
		expect(stages).not.toContain(-1)
		expect(events.at(-1)).toEqual({
			event: 'progressed',
			data: {
				documentId: id,
				filename: expect.stringMatching(/^followed/),
				version: 1,
				status: 'processed',
				progress: expect.objectContaining({ stage: 'processed', done: 1, total: 1 }),
				error: null,
			},
		})
	})

	it('tells why a document failed, in the language of the caller', async () => {
		const { id } = await takeIn(app, slug, new File([`%PDF-1.4\nno PDF, ${way.name}`], 'broken.pdf'), admin)
		const [event] = await allEventsIn(await ask(documentPath(id), { language: 'zh' }))
		expect(event?.data).toMatchObject({
			status: 'failed',
			error: { code: 'UNPROCESSABLE', reason: expect.stringMatching(/\p{Script=Han}/u) },
		})
	})

	it('goes on with a workspace until the client leaves, and tells of what is deleted', async () => {
		const leaving = new AbortController()
		const events = eventsIn(await ask(`/workspaces/${slug}/events`, { signal: leaving.signal }))
		expect((await events.next()).value).toMatchObject({ event: 'progressed', data: { documentId: waitingId, status: 'parsing' } })
		const id = await upload(textFile('deleted.txt', `Deleted ${way.name}`))
		let isDeleted = false
		for await (const { event, data } of events) {
			expect(data.documentId).toBe(id)
			if (event === 'deleted') break
			if (!isDeleted) await rest(app, 'DELETE', `/workspaces/${slug}/documents/${id}`, undefined, admin)
			isDeleted = true
		}
		leaving.abort()
	})

	it.each([
		['without a token', documentPath(1), { token: null }, 401, 'UNAUTHENTICATED'],
		['of a document that is not there', documentPath(987_654), {}, 404, 'NOT_FOUND'],
		['of a workspace that is not there', '/workspaces/none/events', {}, 404, 'NOT_FOUND'],
		['of an id that is none', `/workspaces/${slug}/documents/x/events`, {}, 400, 'BAD_REQUEST'],
		['for JSON', documentPath(1), { accept: 'application/json' }, 406, 'NOT_ACCEPTABLE'],
		['by POST', documentPath(1), { method: 'POST' }, 405, 'METHOD_NOT_ALLOWED'],
	] as const)('is refused in the envelope when it is asked %s', async (_what, path, asked, status, code) => {
		const response = await ask(path, asked)
		expect([response.status, response.headers.get('x-error-code')]).toEqual([status, code])
		expect(await response.json()).toMatchObject({ success: false, data: null, error: expect.any(String) })
	})

	it('is refused to who may not know of the workspace', async () => {
		expect((await ask(`/workspaces/${slug}/events`, { token: await app.tokenOf('stranger') })).status).toBe(404)
	})

	it('answers HEAD like GET, without following', async () => {
		const response = await ask(`/workspaces/${slug}/events`, { method: 'HEAD' })
		expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
		expect(await response.text()).toBe('')
		expect((await ask(documentPath(987_654), { method: 'HEAD' })).status).toBe(404)
	})

	it('ends with the session, and says why', async () => {
		await app.tokenOf('leaver', 'admin')
		const { token } = await app.services.auth.login('leaver', 'password')
		const events = eventsIn(await ask(`/workspaces/${slug}/events`, { token }))
		expect((await events.next()).value).toMatchObject({ data: { documentId: waitingId } })
		await rest(app, 'POST', '/auth/logout', undefined, token)
		expect((await events.next()).value).toMatchObject({ event: 'error', data: { code: 'UNAUTHENTICATED', error: expect.any(String) } })
		expect((await events.next()).done).toBe(true)
	})

	it('is followed fifty times at once by one user, and not more', async () => {
		await app.tokenOf('follower', 'admin')
		const { token } = await app.services.auth.login('follower', 'password')
		const leaving = new AbortController()
		const path = `/workspaces/${slug}/events`
		const streams = await Promise.all(Array.from({ length: 50 }, () => ask(path, { token, signal: leaving.signal })))
		expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200))
		const refused = await ask(path, { token })
		expect([refused.status, refused.headers.get('x-error-code')]).toEqual([429, 'RATE_LIMITED'])
		leaving.abort()
		await expect
			.poll(async () => {
				const again = await ask(path, { token, method: 'HEAD' })
				return again.status
			})
			.toBe(200)
	})
})
