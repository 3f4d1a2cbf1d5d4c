import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { deleteDocument, getDocument, getDocumentText, listDocuments, search, uploadDocument } from '../support/operations.ts'
import { type Operation, rest, surfaces } from '../support/surfaces.ts'

const slug = 'shared'

let app: TestApp
let documentId: number
beforeAll(async () => {
	app = await bootApp()
	const owner = await app.tokenOf('owner')
	await rest(app, 'POST', '/workspaces', { name: 'Shared', slug }, owner)
	await Promise.all(['viewer', 'editor', 'stranger'].map((name) => app.tokenOf(name)))
	await app.join('viewer', slug, 'viewer')
	await app.join('editor', slug, 'editor')
	documentId = (await takeIn(app, slug, textFile('shared.txt', 'What all members share.'), owner)).id
})
afterAll(() => app.end())

const reading: [string, Operation, () => Record<string, unknown>][] = [
	['the list', listDocuments as Operation, () => ({ slug })],
	['a document', getDocument as Operation, () => ({ slug, documentId })],
	['a text', getDocumentText as Operation, () => ({ slug, documentId })],
	['a search', search as Operation, () => ({ slug, query: 'share' })],
]
const changing: [string, Operation, () => Promise<Record<string, unknown>>][] = [
	['an upload', uploadDocument as Operation, async () => ({ slug, input: { file: textFile('new.txt', crypto.randomUUID()) } })],
	['a deletion', deleteDocument as Operation, async () => ({ slug, documentId: await makeDocument() })],
]

async function makeDocument(): Promise<number> {
	const unique = crypto.randomUUID()
	const { id: workspaceId } = await app.prisma.workspace.findUniqueOrThrow({ where: { slug } })
	const names = { filename: `${unique}.txt`, originalName: 'a.txt', hash: unique, storageKey: `none/${unique}` }
	const { id } = await app.prisma.document.create({
		data: { workspaceId, ...names, mimeType: 'text/plain', format: 'text', size: 1, status: 'processed' },
	})
	return id
}

describe.each(surfaces)('the rights over $name', (surface) => {
	const codeFor = async (username: string | null, operation: Operation, args: Record<string, unknown>) =>
		(await surface.ask(app, operation, args, username && (await app.tokenOf(username)))).code

	it.each(reading)('let viewers, editors, owners and admins have %s; strangers 404; nobody 401', async (_what, operation, args) => {
		for (const username of ['viewer', 'editor', 'owner', 'admin']) expect(await codeFor(username, operation, args())).toBeUndefined()
		expect(await codeFor('stranger', operation, args())).toBe('NOT_FOUND')
		expect(await codeFor(null, operation, args())).toBe('UNAUTHENTICATED')
	})

	it.each(changing)('let editors, owners and admins have %s; viewers 403; strangers 404; nobody 401', async (_what, operation, args) => {
		for (const username of ['editor', 'owner', 'admin']) expect(await codeFor(username, operation, await args())).toBeUndefined()
		const refused = await args()
		const count = await app.prisma.document.count()
		expect(await codeFor('viewer', operation, refused)).toBe('FORBIDDEN')
		expect(await codeFor('stranger', operation, refused)).toBe('NOT_FOUND')
		expect(await codeFor(null, operation, refused)).toBe('UNAUTHENTICATED')
		expect(await app.prisma.document.count()).toBe(count)
	})

	it('end with the membership', async () => {
		const username = `leaver-${surface.name}`
		await app.tokenOf(username)
		await app.join(username, slug, 'editor')
		expect(await codeFor(username, getDocument as Operation, { slug, documentId })).toBeUndefined()
		await app.prisma.member.deleteMany({ where: { user: { username } } })
		expect(await codeFor(username, getDocument as Operation, { slug, documentId })).toBe('NOT_FOUND')
	})

	it('say nothing of what a stranger may not know: the words are those of a workspace that is not there', async () => {
		const stranger = await app.tokenOf('stranger')
		const there = await surface.ask(app, listDocuments, { slug }, stranger)
		const missing = await surface.ask(app, listDocuments, { slug: 'nowhere' }, stranger)
		expect(there.error).toBe(missing.error?.replace('nowhere', slug))
	})
})

describe('an upload over REST', () => {
	it('is refused before its bytes are read, whoever may not', async () => {
		let pulled = 0
		const endless = () =>
			new ReadableStream<Uint8Array>({
				pull(controller) {
					if (pulled++ === 0)
						controller.enqueue(Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'))
					else if (pulled < 10_000) controller.enqueue(Buffer.alloc(65_536, 'a'))
					else controller.close()
				},
			})
		const send = async (username: string) =>
			app.fetch(
				new Request(`http://localhost/api/workspaces/${slug}/documents`, {
					method: 'POST',
					headers: { authorization: `Bearer ${await app.tokenOf(username)}`, 'content-type': 'multipart/form-data; boundary=b' },
					body: endless(),
					duplex: 'half',
				} as RequestInit),
			)
		expect((await send('viewer')).status).toBe(403)
		expect(pulled).toBeLessThan(1_000)
	})
})
