import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import { rest } from '../support/surfaces.ts'
import { type Bucket, makeBucket } from './bucket.ts'
import { type Line, lineTo } from './line.ts'

const server = process.env['TEST_S3_URL'] ?? ''
const slug = 'default-workspace'

describe.skipIf(!server)('files in S3 that goes and comes (TEST_S3_URL)', () => {
	let line: Line
	let bucket: Bucket
	let app: TestApp
	let admin: string
	const boot = async () => {
		app = await bootApp({ environment: { STORAGE_URL: bucket.url }, ...(app && { place: app.place }) })
		admin = (await app.services.auth.login('admin', 'password')).token
	}
	beforeAll(async () => {
		line = await lineTo(server)
		bucket = await makeBucket(server, line.url)
		await boot()
	})
	afterAll(async () => {
		line.mend()
		await app?.end()
		await bucket.remove()
		await line.end()
	})

	const upload = (name: string) => {
		const body = new FormData()
		body.set('file', textFile(name, `What ${name} says.`))
		return rest(app, 'POST', `/workspaces/${slug}/documents`, body, admin)
	}
	const ready = async () => (await (await app.fetch(new Request('http://localhost/health/ready'))).json()) as { parts: object }
	const isUp = () => vi.waitFor(async () => expect(await ready()).toMatchObject({ parts: { storage: 'up' } }), { timeout: 15_000 })

	it('holds the files, and nothing else does', async () => {
		const document = await takeIn(app, slug, textFile('kept.txt', 'Kept in a bucket.'), admin)
		expect(document).toMatchObject({ status: 'processed', chunks: 1 })
		const stored = await app.prisma.document.findUniqueOrThrow({ where: { id: document.id } })
		expect(await bucket.keys()).toEqual(expect.arrayContaining([`some/place/files/${stored.storageKey}`, 'some/place/installation.key']))
		await rest(app, 'DELETE', `/workspaces/${slug}/documents/${document.id}`, undefined, admin)
		await vi.waitFor(async () => expect(await bucket.keys()).toEqual(['some/place/installation.key']), { timeout: 15_000 })
	})

	it.each(['cut', 'freeze'] as const)(
		'while the line is %s, uploads name it, readiness too, and both come back',
		async (state) => {
			line[state]()
			expect(await upload(`${state}.txt`)).toMatchObject({ status: 503, code: 'UNAVAILABLE', error: expect.stringContaining('storage') })
			expect(await ready()).toMatchObject({ status: 'unavailable', parts: { database: 'up', storage: 'down' } })
			line.mend()
			await isUp()
			const { status, data } = await upload(`${state}.txt`)
			expect(status).toBe(201)
			await ended(app, slug, data.document.id)
		},
		60_000,
	)

	it('has documents wait at a start without it, and go on when it comes', async () => {
		const { id } = await takeIn(app, slug, textFile('waiting.txt', 'It waits for its bytes.'), admin)
		await app.prisma.chunk.deleteMany({ where: { documentId: id } })
		await app.prisma.document.update({ where: { id }, data: { status: 'uploaded', chunkCount: 0 } })
		await app.stop()
		line.cut()
		await boot()
		expect(await ready()).toMatchObject({ parts: { storage: 'down' } })
		await vi.waitFor(async () => {
			expect(await app.prisma.document.findUnique({ where: { id } })).toMatchObject({ status: 'parsing', attempts: 0 })
		})
		line.mend()
		await ended(app, slug, id)
		expect(await app.prisma.document.findUnique({ where: { id } })).toMatchObject({ status: 'processed', chunkCount: 1 })
	}, 60_000)

	it('refuses a bucket that is not there, naming the variable', async () => {
		const other = bucket.url.replace('@test-', '@none-')
		await expect(bootApp({ environment: { STORAGE_URL: other } })).rejects.toThrow(/STORAGE_URL: NoSuchBucket/)
	})
})
