import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DocumentNews } from '../../src/documents/following.ts'
import { RECONCILE } from '../../src/documents/reconciling/reconciler.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const viewer = { id: 1, username: 'admin', role: 'admin', sessionId: '' } as const
const forever = new AbortController().signal

describe.skipIf(!hasRedisServer)('documents that others process while Redis is away (redis-server)', () => {
	let server: RedisServer
	let app: TestApp

	beforeAll(async () => {
		server = await startRedisServer()
		app = await bootApp({ environment: { REDIS_URL: server.url } })
	})
	afterAll(() => server.end())
	afterAll(() => app.end())

	/** As another process writes it. */
	async function write(filename: string, status: 'parsing' | 'embedding' | 'processed'): Promise<number> {
		const { id: workspaceId } = await app.prisma.workspace.findUniqueOrThrow({ where: { slug: 'default-workspace' } })
		const fixed = { originalName: filename, mimeType: 'text/plain', format: 'txt', size: 1, hash: filename, storageKey: filename }
		const where = { workspaceId_filename: { workspaceId, filename } }
		const { id } = await app.prisma.document.upsert({ where, create: { ...fixed, filename, workspaceId, status }, update: { status } })
		return id
	}

	async function subscribe(documentId: number | null): Promise<AsyncIterator<DocumentNews>> {
		const events = await app.services.documents.events(viewer, 'default-workspace', documentId, forever)
		return events[Symbol.asyncIterator]()
	}

	async function take(events: AsyncIterator<DocumentNews>, count: number): Promise<string[]> {
		const seen: string[] = []
		while (seen.length < count) {
			const { done, value } = await events.next()
			if (done) return [...seen, 'end']
			seen.push(value.type === 'state' ? `${value.document.filename} ${value.document.status}` : 'deleted')
		}
		return seen
	}

	it('are told when it is back: those that were known, those that came and went meanwhile, those that are gone, and the end of the one that is followed', async () => {
		// the reconciler of the start would take up what is written here
		const runs = () => app.prisma.$queryRaw`SELECT id FROM pgboss.job WHERE name = ${RECONCILE} AND state <= 'active'`
		await expect.poll(runs, { timeout: 20_000 }).toEqual([])
		const followed = await write('a.txt', 'parsing')
		await write('b.txt', 'parsing')
		const gone = await write('d.txt', 'parsing')
		const [all, one] = [await subscribe(null), await subscribe(followed)]
		expect(await take(all, 3)).toEqual(['a.txt parsing', 'b.txt parsing', 'd.txt parsing'])
		expect(await take(one, 1)).toEqual(['a.txt parsing'])
		await server.kill()
		await write('a.txt', 'processed')
		await write('b.txt', 'embedding')
		await write('c.txt', 'processed')
		await app.prisma.document.delete({ where: { id: gone } })
		await server.start()
		expect(await take(all, 4)).toEqual(['deleted', 'a.txt processed', 'b.txt embedding', 'c.txt processed'])
		expect(await take(one, 2)).toEqual(['a.txt processed', 'end'])
		await all.return?.()
	})
})
