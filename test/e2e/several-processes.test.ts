import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { ServerProcess } from '../support/process.ts'
import { createDatabase, dropDatabase } from '../support/services.ts'
import type { Session } from '../support/session.ts'
import { stalled } from '../support/stalled.ts'
import { type ChatEvent, chat, type DocumentEvent, documentEvents, emptyDirectory, serve, signInAsAdmin } from './support.ts'

const { TEST_DATABASE_URL, TEST_MILVUS_ADDRESS, TEST_REDIS_URL } = process.env

describe.skipIf(!TEST_DATABASE_URL || !TEST_MILVUS_ADDRESS || !TEST_REDIS_URL)(
	'two APIs and two workers (TEST_DATABASE_URL, TEST_MILVUS_ADDRESS, TEST_REDIS_URL)',
	() => {
		const name = `processes_${process.pid}`
		const services = { databaseUrl: TEST_DATABASE_URL ?? '' }
		const LONG = 'This answer takes longer than anybody waits. '.repeat(200)
		const SHORT = 'An answer of some words, said one after the other.'
		let environment: Record<string, string>
		let directory: string
		let mock: LLMock
		let database: pg.Client
		let apis: [ServerProcess, ServerProcess]
		let workers: [ServerProcess, ServerProcess]
		let here: Session
		let there: Session

		const startApi = () => serve(directory, { ...environment, ROLE: 'api' })
		const startWorker = () => serve(directory, { ...environment, ROLE: 'worker' })

		beforeAll(async () => {
			mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
			mock.onMessage('a short question', { content: SHORT }, { chunkSize: 5, latency: 100 })
			mock.onMessage('a long question', { content: LONG }, { chunkSize: 5, latency: 50 })
			directory = await emptyDirectory()
			await symlink(path.join(inject('template'), 'models'), path.join(directory, 'models'))
			const url = await createDatabase(services, name)
			database = new pg.Client(url)
			await database.connect()
			environment = {
				...{ DATABASE_URL: url, MILVUS_ADDRESS: TEST_MILVUS_ADDRESS ?? '', REDIS_URL: TEST_REDIS_URL ?? '' },
				...{ JWT_SECRET: 'of the tests: thirty-two characters', SETTINGS_KEY: 'of the tests: thirty-two characters' },
				ADMIN_PASSWORD: 'password',
				...{ LLM_PROVIDER: 'openai', LLM_MODEL: 'some-model', LLM_BASE_URL: `${mock.url}/v1`, LLM_API_KEY: 'some-key' },
			}
			const [first, second, third, fourth] = await Promise.all([startApi(), startApi(), startWorker(), startWorker()])
			apis = [first, second]
			workers = [third, fourth]
			;[here, there] = await Promise.all([signInAsAdmin(first), signInAsAdmin(second)])
		})
		afterAll(async () => {
			await Promise.all([...apis, ...workers].map((server) => server.end('SIGKILL')))
			await Promise.all([mock.stop(), database.end()])
			await dropDatabase(services, name)
		})

		const count = async (sql: string): Promise<number> =>
			Number((await database.query<{ count: string }>(`SELECT count(*) FROM ${sql}`)).rows[0]?.count)

		it('begin together on an empty database, and make the first things once', async () => {
			expect([await count('"User"'), await count('"Workspace"'), await count('"Generation"'), await count('"Installation"')]).toEqual([
				1, 1, 1, 1,
			])
			for (const { url } of [...apis, ...workers]) {
				const ready = await fetch(`${url}/health/ready`)
				expect(await ready.json()).toEqual({ status: 'ok', parts: { database: 'up', milvus: 'up', redis: 'up' } })
			}
			expect((await fetch(`${workers[0].url}/api/workspaces`)).status).toBe(404)
		})

		it('process a document that one took in, and tell it at the other', async () => {
			const all = documentEvents(there)
			const isProcessed = until(all, ({ status }) => status === 'PROCESSED')
			const { data } = await here.upload(
				'default-workspace',
				'tea.txt',
				'The tea of the third terrace is picked before sunrise. '.repeat(20),
			)
			expect(await isProcessed).toMatchObject({ documentId: String(data.document.id), error: null })
			await all.return()
			const found = await there.rest<{ results: { documentId: number }[] }>('GET', '/workspaces/default-workspace/search?query=terrace')
			expect(found.results[0]?.documentId).toBe(data.document.id)
		})

		it('let a run that one has be followed through the other, live and ended', async () => {
			const question = { message: 'a short question', requestId: 'shared' }
			const first = chat(here, question)
			const begun = await take(first, ({ type }) => type === 'ChatDelta')
			const elsewhere = Array.fromAsync(chat(there, question))
			const all = [...begun, ...(await Array.fromAsync(first))]
			expect(await elsewhere).toEqual(all)
			expect(all.at(-1)).toMatchObject({ type: 'ChatCompleted', chat: { response: SHORT } })
			expect(await Array.fromAsync(chat(there, question))).toEqual(all)
			expect(await count(`"Run" WHERE "requestId" = 'shared'`)).toBe(1)
		})

		it('end the run of one that is killed with what it had said, for whoever follows it through the other', async () => {
			const question = { message: 'a long question', requestId: 'killed' }
			const cut = chat(here, question)
			await take(cut, ({ type }) => type === 'ChatDelta')
			const following = chat(there, question)
			const begun = await take(following, ({ type }) => type === 'ChatDelta')
			await apis[0].end('SIGKILL')
			await expect(Array.fromAsync(cut)).rejects.toThrow()
			const seen = [...begun, ...(await Array.fromAsync(following))]
			const last = seen.at(-1)
			expect(last).toMatchObject({ type: 'ChatFailed', code: 'INTERRUPTED', partial: textOf(seen) })
			expect(seen.slice(0, -1).map(({ sequence }) => sequence)).toEqual(seen.slice(0, -1).map((_, at) => at + 1))
			expect(last?.sequence).toBeGreaterThan(seen.length)
			apis[0] = await startApi()
			here = await signInAsAdmin(apis[0])
			expect(await Array.fromAsync(chat(here, question))).toEqual(seen)
		})

		it('make what one was asked for that is killed on the way, when its lease has ended', async () => {
			const upload = () => {
				const body = new FormData()
				body.set('file', new File([`Sent twice.${' '.repeat(2_000_000)}`], 'twice.txt'))
				return new Request(`${apis[0].url}/api/workspaces/default-workspace/documents`, {
					method: 'POST',
					body,
					headers: { authorization: `Bearer ${here.token}`, 'idempotency-key': 'sent-twice' },
				})
			}
			const { request, isRead } = await stalled(upload())
			const cut = expect(fetch(request)).rejects.toThrow()
			await isRead
			await expect.poll(() => count(`"IdempotencyKey" WHERE key = 'sent-twice'`), { timeout: 60_000 }).toBe(1)
			await apis[0].end('SIGKILL')
			await cut
			const again = async () => (await fetch(new Request(upload().url.replace(apis[0].url, apis[1].url), upload()))).status
			expect(await again()).toBe(409)
			await expect.poll(again, { timeout: 60_000, interval: 1_000 }).toBe(201)
			expect(await again()).toBe(201)
			expect(await count(`"Document" WHERE "originalName" = 'twice.txt'`)).toBe(1)
			apis[0] = await startApi()
			here = await signInAsAdmin(apis[0])
		})

		it('take over the documents of workers that are killed, one after the other, and lose none', { timeout: 240_000 }, async () => {
			const texts = Array.from(
				{ length: 6 },
				(_, at) => `Word${at}abc stands in file ${at}. ${'The harvest of the year was counted by hand. '.repeat(400)}${at}`,
			)
			const all = documentEvents(there)
			const isWorking = ({ status, progress }: DocumentEvent) => status === 'EMBEDDING' && progress.done > 0
			const firstWork = until(all, isWorking)
			const uploads = await Promise.all(texts.map((text, at) => here.upload('default-workspace', `file-${at}.txt`, text)))
			const waiting = new Set(uploads.map(({ data }) => String(data.document.id)))
			await firstWork
			await workers[0].end('SIGKILL')
			const another = startWorker()
			await until(all, isWorking)
			await workers[1].end('SIGKILL')
			workers = await Promise.all([another, startWorker()])
			const { documents } = await there.rest<{ documents: { id: number; status: string }[] }>(
				'GET',
				'/workspaces/default-workspace/documents?limit=100',
			)
			for (const { id, status } of documents) if (status === 'processed') waiting.delete(String(id))
			while (waiting.size > 0) {
				const { documentId, status, error } = await until(all, ({ status }) => status === 'PROCESSED' || status === 'FAILED')
				expect([status, error]).toEqual(['PROCESSED', null])
				waiting.delete(documentId)
			}
			await all.return()
			for (const [at, { data }] of uploads.entries()) {
				const found = await there.rest<{ results: { documentId: number }[] }>(
					'GET',
					`/workspaces/default-workspace/search?query=Word${at}abc`,
				)
				expect(found.results[0]?.documentId).toBe(data.document.id)
			}
			expect(await count('"Chunk" GROUP BY "documentId", ordinal HAVING count(*) > 1')).toBeNaN()
		})

		it('leave a document to the worker that took it over, when the one that was frozen comes back', { timeout: 240_000 }, async () => {
			const text = `Frozenword stands here. ${'The harvest of the year was counted by hand. '.repeat(3_000)}`
			const all = documentEvents(there)
			const isWorking = until(all, ({ status, progress }) => status === 'EMBEDDING' && progress.done > 0)
			const { data } = await here.upload('default-workspace', 'frozen.txt', text)
			await isWorking
			const [, other] = workers
			await other.end('SIGKILL') // so that it is known who has it
			const taken = await until(all, ({ status, progress }) => status === 'EMBEDDING' && progress.done > 0)
			expect(taken.documentId).toBe(String(data.document.id))
			process.kill(workers[0].pid, 'SIGSTOP')
			workers[1] = await startWorker()
			expect(await until(all, ({ status }) => status === 'PROCESSED')).toMatchObject({ documentId: String(data.document.id) })
			process.kill(workers[0].pid, 'SIGCONT')
			await here.upload('default-workspace', 'after.txt', 'Afterwards another one is processed.')
			await until(all, ({ status }) => status === 'PROCESSED')
			await all.return()
			const found = await there.rest<{ results: { documentId: number }[] }>('GET', '/workspaces/default-workspace/search?query=Frozenword')
			expect(found.results[0]?.documentId).toBe(data.document.id)
			expect(
				(await there.rest<{ document: { status: string } }>('GET', `/workspaces/default-workspace/documents/${data.document.id}`)).document
					.status,
			).toBe('processed')
		})

		it('stop when they are told to', async () => {
			await Promise.all([here.close(), there.close()])
			const ended = await Promise.all([...apis, ...workers].map((server) => server.end()))
			expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0])
		})
	},
)

const textOf = (events: readonly ChatEvent[]): string => events.map(({ text = '' }) => text).join('')

/** The first event of a kind. */
async function until<Event>(events: AsyncGenerator<Event, void, undefined>, isIt: (event: Event) => boolean): Promise<Event> {
	const taken = await take(events, isIt)
	return taken.at(-1) as Event
}

/** The events up to the first of a kind; the rest is still to come. */
async function take<Event>(events: AsyncGenerator<Event, void, undefined>, isLast: (event: Event) => boolean): Promise<Event[]> {
	const taken: Event[] = []
	for (;;) {
		const { value, done } = await events.next()
		if (done) throw new Error('the stream ended')
		taken.push(value)
		if (isLast(value)) return taken
	}
}
