import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfDrawingPdf } from '../documents/parsing/make-files.ts'
import { type RawServer, rawServer } from '../models/support.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { rest } from '../support/surfaces.ts'

const slug = 'default-workspace'
const DOCUMENTS = `/workspaces/${slug}/documents`
const ADMIN = { id: 1, username: 'admin', role: 'admin', sessionId: '' } as const
const DAY_MS = 24 * 3_600_000

let app: TestApp
let admin: string
let provider: RawServer
/** While it is set, the embedder does not answer. */
let gate: Promise<void> | undefined

beforeAll(async () => {
	provider = await rawServer(async (response, body) => {
		const { input } = JSON.parse(body) as { input: string[] }
		await gate
		const data = input.map((_, index) => ({ object: 'embedding', index, embedding: [3, 4] }))
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }))
	})
	app = await bootApp({
		environment: {
			EMBEDDING_PROVIDER: 'openai',
			EMBEDDING_MODEL: 'gated',
			EMBEDDING_API_KEY: 'sk-of-a-test-00000000',
			EMBEDDING_BASE_URL: `${provider.url}/v1`,
		},
	})
	admin = await app.tokenOf('admin')
	await takeIn(app, slug, textFile('kept.txt', 'This one stays: the cormorant dries its wings.'), admin)
})
afterAll(async () => {
	await app.end()
	await provider.stop()
})

let last = 0
/** A word that no other file has. */
const newWord = () => `whimbrel${'abcdefghijklmnopqrstuvwxyz'[++last]}`
const sentences = (word: string, count: number) =>
	Array.from({ length: count }, (_, at) => `The ${word} was seen on day ${at} by the northern shore.`).join('\n\n')

async function send(method: 'POST' | 'PUT', place: string, file: File): Promise<number> {
	const body = new FormData()
	body.set('file', file)
	const { data, error } = await rest(app, method, place, body, admin)
	expect(error).toBeNull()
	return data.document.id
}

const upload = (file: File) => send('POST', DOCUMENTS, file)

/** Waits until a document, or its new version, is in a stage. */
async function reached(documentId: number, stage: string, isVersion = false): Promise<void> {
	for await (const event of await app.services.documents.events(ADMIN, slug, documentId, AbortSignal.timeout(60_000))) {
		if (isVersion) {
			const draft = await app.prisma.document.findUnique({ where: { replacesId: documentId } })
			if (draft?.status === stage) return
		} else if (event.type === 'state' && event.document.status === stage) return
	}
	throw new Error(`it was not seen in ${stage}`)
}

const hold = (): (() => void) => {
	const { promise, resolve } = Promise.withResolvers<void>()
	gate = promise
	return () => {
		gate = undefined
		resolve()
	}
}

async function remove(id: number): Promise<void> {
	expect((await rest(app, 'DELETE', `${DOCUMENTS}/${id}`, undefined, admin)).status).toBe(200)
}

/** No row, no file, no vector, and nothing that is found. */
async function expectGone(id: number, word: string): Promise<void> {
	const open = () =>
		app.prisma.$queryRaw`SELECT name, data FROM pgboss.job WHERE name IN ('process-document', 'remove-document') AND state < 'completed'`
	await expect.poll(open, { timeout: 60_000 }).toEqual([])
	expect(await app.prisma.document.count({ where: { OR: [{ id }, { replacesId: id }] } })).toBe(0)
	const documentId = id
	expect([await app.prisma.chunk.count({ where: { documentId } }), await app.prisma.documentText.count({ where: { documentId } })]).toEqual(
		[0, 0],
	)
	const kept = await app.prisma.document.findMany({ select: { storageKey: true } })
	const files = await readdir(path.join(app.directory, 'files'), { recursive: true, withFileTypes: true })
	expect(files.filter((file) => file.isFile()).map(({ name }) => name)).toEqual(kept.map(({ storageKey }) => path.basename(storageKey)))
	const { data } = await rest(app, 'GET', `/workspaces/${slug}/search?query=${word}`, undefined, admin)
	expect(JSON.stringify(data.results)).not.toContain(word)
	expect(await app.reconcile(Date.now() + DAY_MS)).toEqual({}) // nor anything else, in the index above all
}

describe('a document that is deleted', { timeout: 120_000 }, () => {
	it.each(['parsing', 'chunking', 'embedding', 'indexing'])('in the stage %s leaves nothing', async (stage) => {
		const word = newWord()
		const file = {
			parsing: () => new File([new Uint8Array(selfDrawingPdf()), `\n% ${word}`], `${word}.pdf`),
			chunking: () => textFile(`${word}.txt`, sentences(word, 60_000)),
			embedding: () => textFile(`${word}.txt`, sentences(word, 500)),
			indexing: () => textFile(`${word}.txt`, sentences(word, 6_000)),
		}[stage as 'parsing']()
		const letGo = stage === 'embedding' ? hold() : () => undefined
		const id = await upload(file)
		await reached(id, stage)
		await remove(id)
		await expectGone(id, word)
		letGo()
	})

	it('while it waits leaves nothing', async () => {
		const letGo = hold()
		const busy = await Promise.all([1, 2, 3].map((at) => upload(textFile(`busy-${at}.txt`, `Busy with number ${at}.`))))
		for (const id of busy) await reached(id, 'embedding')
		const word = newWord()
		const id = await upload(textFile(`${word}.txt`, sentences(word, 10)))
		expect((await app.prisma.document.findUniqueOrThrow({ where: { id } })).status).toBe('uploaded')
		await remove(id)
		for (const each of busy) await remove(each)
		await expectGone(id, word)
		letGo()
	})

	it.each(['a new version is', 'the same again is'])('while %s on its way leaves nothing of either', async (what) => {
		const [word, next] = [newWord(), newWord()]
		const { id } = await takeIn(app, slug, textFile(`${word}.txt`, sentences(word, 50)), admin)
		const letGo = hold()
		if (what.startsWith('a new')) await send('PUT', `${DOCUMENTS}/${id}`, textFile(`${word}.txt`, sentences(next, 50)))
		else expect((await rest(app, 'POST', `${DOCUMENTS}/${id}/reprocess`, undefined, admin)).error).toBeNull()
		await reached(id, 'embedding', true)
		await remove(id)
		await expectGone(id, word)
		await expectGone(id, next)
		letGo()
	})
})
