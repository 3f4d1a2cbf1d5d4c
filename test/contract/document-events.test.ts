import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { rest } from '../support/surfaces.ts'
import { heard, type Told, transports } from '../support/transports.ts'

const slug = 'default-workspace'
const STAGES = ['UPLOADED', 'PARSING', 'CHUNKING', 'EMBEDDING', 'INDEXING', 'PROCESSED']
const QUERY = `subscription ($slug: String!, $documentId: ID) { documentEvents(slug: $slug, documentId: $documentId) {
	__typename documentId
	... on DocumentProgressed { filename status progress { stage done total } error { code reason } document { id originalName status } }
} }`
/** A document that nobody works on. */
const ROW = { workspaceId: 1, originalName: 'waiting', mimeType: 'text/plain', format: 'text', size: 1, storageKey: 'none' }

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await rest(app, 'POST', '/workspaces', { name: 'Elsewhere', slug: 'elsewhere' }, admin)
})
afterAll(() => app.end())

async function upload(file: File, to = slug): Promise<number> {
	const body = new FormData()
	body.set('file', file)
	return (await rest(app, 'POST', `/workspaces/${to}/documents`, body, admin)).data.document.id
}

describe.each(transports)('following a document over $name', (transport) => {
	const follow = (variables: object, token: string | null = admin) => transport.follow(app, QUERY, { slug, ...variables }, token)

	it('begins with the state of now, goes one way, and ends with the end', async () => {
		const documentId = await upload(textFile('followed.txt', `Followed over ${transport.name}`))
		const { events, code } = await heard(follow({ documentId }))
		expect(code).toBeUndefined()
		const statuses = events.map(({ status }) => STAGES.indexOf(status))
		expect(statuses).toEqual(statuses.toSorted((one, other) => one - other))
		expect(statuses.length).toBeGreaterThan(0)
		expect(statuses).not.toContain(-1)
		expect(events.at(-1)).toMatchObject({
			documentId: String(documentId),
			filename: expect.stringMatching(/^followed.*\.txt$/),
			status: 'PROCESSED',
			progress: { stage: 'PROCESSED', done: 1, total: 1 },
			error: null,
			document: { id: String(documentId), originalName: 'followed.txt', status: 'PROCESSED' },
		})
	})

	it('tells the one state of a document that has ended, and ends', async () => {
		const { id } = await takeIn(app, slug, textFile('ended.txt', `Ended before ${transport.name}`), admin)
		const { events } = await heard(follow({ documentId: id }))
		expect(events.map(({ status }) => status)).toEqual(['PROCESSED'])
	})

	it('tells why it failed', async () => {
		const documentId = await upload(new File([`%PDF-1.4\nno PDF, ${transport.name}`], 'broken.pdf'))
		const { events } = await heard(follow({ documentId }))
		expect(events.at(-1)).toMatchObject({ status: 'FAILED', error: { code: 'UNPROCESSABLE', reason: expect.stringContaining('PDF') } })
	})

	it('ends when the document is deleted', async () => {
		const paragraphs = Array.from(
			{ length: 400 },
			(_, index) => `## ${index}\n\nDeleted over ${transport.name} ${'while it is followed '.repeat(30)}`,
		)
		const documentId = await upload(textFile('deleted.md', paragraphs.join('\n\n')))
		const statuses: string[] = []
		let last: unknown
		for await (const { data } of follow({ documentId })) {
			last = data.documentEvents
			statuses.push(data.documentEvents.status)
			if (statuses.filter((status) => status === 'EMBEDDING').length === 2)
				await rest(app, 'DELETE', `/workspaces/${slug}/documents/${documentId}`, undefined, admin)
		}
		expect(last).toEqual({ __typename: 'DocumentDeleted', documentId: String(documentId) })
		expect(statuses).toContain('EMBEDDING')
		expect(statuses).not.toContain('PROCESSED')
	})

	it('of a whole workspace tells of those that are deleted, whatever they were', async () => {
		const { id } = await takeIn(app, slug, textFile('old.txt', `Old before ${transport.name}`), admin)
		const waiting = await app.prisma.document.create({
			data: { ...ROW, hash: `deleted ${transport.name}`, status: 'parsing', filename: `deleted-${transport.name}` },
		})
		const stream = follow({})
		const next = async () => ((await stream.next()).value as Told).data.documentEvents
		expect(await next()).toMatchObject({ __typename: 'DocumentProgressed', documentId: String(waiting.id) })
		for (const documentId of [id, waiting.id]) {
			await rest(app, 'DELETE', `/workspaces/${slug}/documents/${documentId}`, undefined, admin)
			expect(await next()).toEqual({ __typename: 'DocumentDeleted', documentId: String(documentId) })
		}
		await stream.return()
	})

	it('of a whole workspace begins with those that have not ended, and goes on, of this workspace alone, until it is left', async () => {
		const waiting = await app.prisma.document.create({
			data: { ...ROW, hash: transport.name, status: 'parsing', filename: `waiting-${transport.name}` },
		})
		const stream = follow({})
		const next = async () => ((await stream.next()).value as Told).data.documentEvents as { documentId: string; status: string }
		expect(await next()).toMatchObject({ documentId: String(waiting.id), status: 'PARSING' })
		const hidden = await upload(textFile('hidden.txt', `Of another workspace ${transport.name}`), 'elsewhere')
		const shown: string[] = []
		for (const name of ['one', 'two']) shown.push(String(await upload(textFile(`${name}.txt`, `${name} in sight of ${transport.name}`))))
		const ended: string[] = []
		while (ended.length < 2) {
			const { documentId, status } = await next()
			expect(documentId).not.toBe(String(hidden))
			if (status === 'PROCESSED') ended.push(documentId)
		}
		expect(ended.sort()).toEqual(shown.sort())
		await stream.return()
		await app.prisma.document.delete({ where: { id: waiting.id } })
	})

	it.each<[string, () => Promise<{ variables: object; token: string | null }>, string]>([
		['of another’s workspace', async () => ({ variables: {}, token: await app.tokenOf('stranger') }), 'NOT_FOUND'],
		['of nobody', async () => ({ variables: {}, token: null }), 'UNAUTHENTICATED'],
		['of no workspace', async () => ({ variables: { slug: 'nowhere' }, token: admin }), 'NOT_FOUND'],
		['of no document', async () => ({ variables: { documentId: 999_999 }, token: admin }), 'NOT_FOUND'],
		['of what is no id', async () => ({ variables: { documentId: 'abc' }, token: admin }), 'BAD_REQUEST'],
	])('%s is an error, not a stream', async (_whose, make, code) => {
		const { variables, token } = await make()
		expect(await heard(follow(variables, token))).toMatchObject({ events: [], code, error: expect.stringMatching(/\p{Script=Han}/u) })
	})

	it('of a document in another workspace is an error', async () => {
		const documentId = await upload(textFile('far.txt', `Far from ${transport.name}`), 'elsewhere')
		expect((await heard(follow({ documentId }))).code).toBe('NOT_FOUND')
	})
})
