import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { hasRedisServer, type RedisServer, startRedisServer } from '../events/redis-server.ts'
import { type MilvusServer, ownMilvus } from '../support/milvus.ts'
import { ownPostgres, type PostgresServer } from '../support/postgres.ts'
import type { ServerProcess } from '../support/process.ts'
import type { Session } from '../support/session.ts'
import { emptyDirectory, serve, signInAsAdmin } from './support.ts'

const { TEST_POSTGRES_BIN = '', TEST_MILVUS_BIN = '', TEST_SERVICE_USER } = process.env
const slug = 'default-workspace'
const SECRET = 'of the tests: thirty-two characters'
/** Longer than any call may take; what takes longer hangs. */
const HANGS_MS = 30_000
/** Nobody asks a server that is busy at once again. */
const AFTER_503_MS = 200

interface Answer {
	what: string
	status: number
	error: string | null
}

describe.skipIf(!TEST_POSTGRES_BIN || !TEST_MILVUS_BIN || !hasRedisServer)(
	'services that go and come under load (TEST_POSTGRES_BIN, TEST_MILVUS_BIN, redis-server)',
	{ timeout: 300_000 },
	() => {
		let postgres: PostgresServer
		let milvus: MilvusServer
		let redis: RedisServer
		let server: ServerProcess
		let session: Session
		const answers: Answer[] = []
		const uploaded = new Map<number, string>()
		const chats = new Map<number, string>()
		const ending = new AbortController()
		let load: Promise<unknown>

		beforeAll(async () => {
			;[postgres, milvus, redis] = await Promise.all([
				ownPostgres(TEST_POSTGRES_BIN, TEST_SERVICE_USER),
				ownMilvus(TEST_MILVUS_BIN),
				startRedisServer(),
			])
			await Promise.all([postgres.start(), milvus.start()])
			const directory = await emptyDirectory()
			await symlink(path.join(inject('template'), 'models'), path.join(directory, 'models'))
			server = await serve(directory, {
				...{ DATABASE_URL: postgres.url, MILVUS_ADDRESS: milvus.address, REDIS_URL: redis.url },
				...{ JWT_SECRET: SECRET, SETTINGS_KEY: SECRET, ADMIN_PASSWORD: 'password' },
			})
			session = await signInAsAdmin(server)
			await session.upload(slug, 'harbour.txt', 'The harbour of Port Nameless freezes in the second week of January.')
			load = Promise.all([
				keepUploading(),
				keepChatting(),
				keepAsking('/workspaces'),
				keepAsking(`/workspaces/${slug}/search?query=harbour`),
			])
		})
		afterAll(async () => {
			ending.abort()
			await load
			await server.end('SIGKILL')
			await Promise.all([postgres.end(), milvus.end(), redis.end()])
		})

		async function ask<Data>(what: string, method: string, url: string, body?: object | FormData): Promise<Data | null> {
			const isForm = body instanceof FormData
			const response = await fetch(`${server.url}/api${url}`, {
				method,
				headers: {
					authorization: `Bearer ${session.token}`,
					'accept-language': 'en',
					...(body && !isForm && { 'content-type': 'application/json' }),
				},
				...(body && { body: isForm ? body : JSON.stringify(body) }),
				signal: AbortSignal.timeout(HANGS_MS),
			})
			const { data, error } = (await response.json()) as { data: Data; error: string | null }
			answers.push({ what, status: response.status, error })
			if (response.ok) return data
			await delay(AFTER_503_MS)
			return null
		}

		async function keepUploading(): Promise<void> {
			for (let count = 0; !ending.signal.aborted; count++) {
				const form = new FormData()
				form.set('file', new File([`Crate ${count} holds item${count}x of the cargo.`], `crate-${count}.txt`))
				const data = await ask<{ document: { id: number } }>('upload', 'POST', `/workspaces/${slug}/documents`, form)
				if (data) uploaded.set(data.document.id, `item${count}x`)
			}
		}

		async function keepChatting(): Promise<void> {
			for (let count = 0; !ending.signal.aborted; count++) {
				const message = `When does the harbour freeze, asked for the time ${count}?`
				const data = await ask<{ chatId: number }>('chat', 'POST', `/workspaces/${slug}/chat`, { message })
				if (data) chats.set(data.chatId, message)
			}
		}

		async function keepAsking(url: string): Promise<void> {
			while (!ending.signal.aborted) await ask(url, 'GET', url)
		}

		const readiness = async () =>
			(await (await fetch(`${server.url}/health/ready`)).json()) as { status: string; parts: Record<string, string> }
		const isDown = (part: string) =>
			expect.poll(async () => (await readiness()).parts[part], { timeout: 30_000, interval: 100 }).toBe('down')
		const isReady = () => expect.poll(async () => (await readiness()).status, { timeout: 30_000, interval: 100 }).toBe('ok')
		/** Everything is answered well again. */
		async function goesOn(): Promise<void> {
			await isReady()
			const from = answers.length
			for (const what of new Set(answers.map(({ what }) => what)))
				await expect
					.poll(() => answers.slice(from).some((answer) => answer.what === what && answer.status < 300), { timeout: 30_000, interval: 50 })
					.toBe(true)
		}

		it.each([
			['database', 'killed', () => postgres.stop(), () => postgres.start()],
			['database', 'frozen', () => postgres.freeze(), () => postgres.thaw()],
			['milvus', 'killed', () => milvus.kill(), () => milvus.start()],
			['milvus', 'frozen', () => milvus.freeze(), () => milvus.thaw()],
			['redis', 'killed', () => redis.kill(), () => redis.start()],
			['redis', 'frozen', () => redis.freeze(), () => redis.thaw()],
		] as const)('%s is %s and comes back: 503 or better meanwhile, and everything goes on by itself', async (part, _how, away, back) => {
			await goesOn()
			const from = answers.length
			await away()
			await isDown(part)
			const others = Object.entries((await readiness()).parts).filter(([name]) => name !== part)
			expect(others.map(([, state]) => state)).toEqual(['up', 'up'])
			const isFelt = () => part === 'redis' || answers.slice(from).some(({ status }) => status === 503)
			await expect.poll(isFelt, { timeout: HANGS_MS, interval: 50 }).toBe(true)
			await back()
			await goesOn()
			for (const { status, error } of answers.slice(from)) {
				expect([200, 201, 503]).toContain(status)
				if (status === 503) expect(error).toContain(`"${part}"`)
			}
		})

		it('lost nothing that was acknowledged', async () => {
			ending.abort()
			await load
			await expect
				.poll(async () => (await documents()).filter(({ status }) => status !== 'processed'), { timeout: 120_000, interval: 500 })
				.toEqual([])
			const known = new Set((await documents()).map(({ id }) => id))
			for (const [id, word] of uploaded) {
				expect(known.has(id)).toBe(true)
				const { results } = await session.rest<{ results: { documentId: number }[] }>(
					'GET',
					`/workspaces/${slug}/search?query=${word}&limit=5`,
				)
				expect(results.map(({ documentId }) => documentId)).toContain(id)
			}
			const kept = await session.rest<{ chats: { id: number; message: string }[] }>('GET', `/workspaces/${slug}/chats?limit=1000`)
			const messages = new Map(kept.chats.map(({ id, message }) => [id, message]))
			for (const [id, message] of chats) expect(messages.get(id)).toBe(message)
			expect(chats.size).toBeGreaterThan(10)
			expect(uploaded.size).toBeGreaterThan(10)
			expect((await server.end()).code).toBe(0)
		})

		async function documents(): Promise<{ id: number; status: string }[]> {
			const all: { id: number; status: string }[] = []
			for (let page = 1; ; page++) {
				const found = await session.rest<{ documents: { id: number; status: string }[] }>(
					'GET',
					`/workspaces/${slug}/documents?limit=100&page=${page}`,
				)
				all.push(...found.documents)
				if (found.documents.length < 100) return all
			}
		}
	},
)
