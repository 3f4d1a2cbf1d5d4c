import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { type MilvusServer, ownMilvus } from '../support/milvus.ts'
import { rest } from '../support/surfaces.ts'

const program = process.env['TEST_MILVUS_BIN'] ?? ''
const SLUG = 'default-workspace'
const UNAVAILABLE = { status: 503, code: 'UNAVAILABLE', error: expect.stringContaining('milvus') }

describe.skipIf(!program)('the product while Milvus is away (TEST_MILVUS_BIN)', () => {
	let milvus: MilvusServer
	let app: TestApp
	let admin: string

	beforeAll(async () => {
		milvus = await ownMilvus(program)
		app = await bootApp({ environment: { MILVUS_ADDRESS: milvus.address } })
		admin = await app.tokenOf('admin')
	})
	afterAll(async () => {
		await app?.end()
		await milvus?.end()
	})

	const ask = (method: string, path: string, body?: unknown) => rest(app, method, `/workspaces/${SLUG}${path}`, body, admin)
	const find = async (query: string): Promise<string[]> =>
		(await ask('GET', `/search?query=${query}`)).data.results.map(({ document }: { document: string }) => document)
	const readiness = async () => {
		const response = await app.fetch(new Request('http://localhost/health/ready'))
		return { ...((await response.json()) as { parts: object }), status: response.status }
	}

	const processed = (signal: AbortSignal, id: number) =>
		until(signal, async () => (await app.prisma.document.count({ where: { id, status: 'processed' } })) === 1)

	async function upload(name: string, text: string): Promise<number> {
		const body = new FormData()
		body.set('file', textFile(name, text))
		const { status, data } = await ask('POST', '/documents', body)
		expect(status).toBe(201)
		return data.document.id
	}

	it('starts, says what is missing, answers 503 where it needs it, takes documents and removals, and catches up by itself', async ({
		signal,
	}) => {
		expect(await readiness()).toMatchObject({ status: 503, parts: { database: 'up', milvus: 'down' } })
		const [kept, removed] = [await upload('kept.txt', 'Badgers dig at night.'), await upload('removed.txt', 'Badgers sleep all day.')]
		await until(signal, async () => (await app.prisma.document.count({ where: { status: 'indexing' } })) === 2)
		expect(await ask('GET', '/search?query=badgers')).toMatchObject(UNAVAILABLE)
		expect(await ask('POST', '/chat', { message: 'When do badgers dig?' })).toMatchObject(UNAVAILABLE)
		expect(await ask('DELETE', `/documents/${removed}`)).toMatchObject({ status: 200 })
		const { status, attempts } = await app.prisma.document.findUniqueOrThrow({ where: { id: kept } })
		expect({ status, counted: attempts > 1 }).toEqual({ status: 'indexing', counted: false })

		await milvus.start()
		await processed(signal, kept)
		expect(await find('badgers')).toEqual(['kept.txt'])
		await until(signal, async () => (await readiness()).status === 200)
		expect((await ask('POST', '/chat', { message: 'When do badgers dig?' })).data.sources).toHaveLength(1)
	}, 180_000)

	it('survives its restart in the middle of processing', async ({ signal }) => {
		await takeIn(app, SLUG, textFile('before.txt', 'Otters swim.'), admin)
		await milvus.kill()
		const during = await upload('during.txt', 'Otters dive.')
		await until(signal, async () => (await app.prisma.document.count({ where: { id: during, status: 'indexing' } })) === 1)
		await milvus.start()
		await processed(signal, during)
		expect(await find('otters')).toEqual(expect.arrayContaining(['before.txt', 'during.txt']))
	}, 180_000)
})

async function until(signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
	while (!(await isSo())) await sleep(50, undefined, { signal })
}
