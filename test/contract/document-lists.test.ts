import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { listDocuments } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
/** Oldest first. */
const NAMES = [
	'100% wool.txt',
	'1000 wolves.txt',
	'a_b.txt',
	'axb.txt',
	'back\\slash.txt',
	'README.TXT',
	'年度报告.pdf',
	'季度报告-草稿.pdf',
	'Ünïcode.md',
	...Array.from({ length: 16 }, (_, index) => `filler-${index}.txt`),
]

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	const other = await app.services.workspaces.create(
		{ id: 1, username: 'admin', role: 'admin', sessionId: '' },
		{ name: 'Other', slug: 'other' },
	)
	const row = (originalName: string, index: number, workspaceId: number) => ({
		workspaceId,
		originalName,
		filename: `file-${index}.txt`,
		mimeType: 'text/plain',
		format: 'text',
		size: 1,
		hash: `hash ${index}`,
		storageKey: `key ${index}`,
		status: 'processed' as const,
		chunkCount: 15,
		createdAt: new Date(Date.UTC(2024, 0, 1) + index * 1_000),
	})
	await app.prisma.document.createMany({ data: NAMES.map((name, index) => row(name, index, 1)) })
	await app.prisma.document.create({ data: row('README of others.txt', 1, other.id) })
})
afterAll(() => app.end())

describe.each(surfaces)('the list of documents over $name', (surface) => {
	const list = (args: { page?: number; limit?: number; search?: string } = {}) => surface.ask(app, listDocuments, { slug, ...args }, admin)
	const namesOf = ({ data }: { data: { documents: { originalName: string }[] } }) => data.documents.map(({ originalName }) => originalName)
	const newest = NAMES.toReversed()

	it('shows the newest first, 20 on the first page unless asked otherwise', async () => {
		const reply = await list()
		expect(namesOf(reply)).toEqual(newest.slice(0, 20))
		expect(reply.data.pagination).toEqual({ page: 1, limit: 20, total: NAMES.length, pages: 2 })
	})

	it('goes on on the next page, and ends', async () => {
		const [second, third, beyond] = await Promise.all([
			list({ page: 2, limit: 10 }),
			list({ page: 3, limit: 10 }),
			list({ page: 4, limit: 10 }),
		])
		expect(namesOf(second)).toEqual(newest.slice(10, 20))
		expect(namesOf(third)).toEqual(newest.slice(20))
		expect(namesOf(beyond)).toEqual([])
		expect(beyond.data.pagination).toEqual({ page: 4, limit: 10, total: NAMES.length, pages: 3 })
	})

	it.each([
		['readme', ['README.TXT']],
		['READ', ['README.TXT']],
		['%', ['100% wool.txt']],
		['100%', ['100% wool.txt']],
		['_', ['a_b.txt']],
		['a_b', ['a_b.txt']],
		['\\', ['back\\slash.txt']],
		['报告', ['季度报告-草稿.pdf', '年度报告.pdf']],
		['ÜNÏ', ['Ünïcode.md']],
		['file-24', ['filler-15.txt']],
		["' OR true --", []],
		['nothing of that name', []],
	])('looks for %j in both names, whatever the case, every character as it stands', async (search, names) => {
		const reply = await list({ search })
		expect(namesOf(reply)).toEqual(names)
		expect(reply.data.pagination).toMatchObject({ total: names.length, pages: names.length === 0 ? 0 : 1 })
	})

	it('shows all when there is nothing to look for', async () => {
		expect((await list({ search: '' })).data.pagination.total).toBe(NAMES.length)
	})

	it.each([
		[{ limit: 101 }, 'UNPROCESSABLE'],
		[{ limit: 0 }, 'UNPROCESSABLE'],
		[{ limit: -1 }, 'UNPROCESSABLE'],
		[{ page: 0 }, 'UNPROCESSABLE'],
		[{ page: -1 }, 'UNPROCESSABLE'],
		[{ page: 1_000_001 }, 'UNPROCESSABLE'],
		[{ search: 'x'.repeat(201) }, 'UNPROCESSABLE'],
		[{ page: 'abc' as unknown as number }, 'BAD_REQUEST'],
		[{ page: 1.5 }, 'BAD_REQUEST'],
		[{ page: 99_999_999_999 }, 'BAD_REQUEST'],
		[{ limit: '' as unknown as number }, 'BAD_REQUEST'],
		[{ limit: '1e1' as unknown as number }, 'BAD_REQUEST'],
	])('refuses %j with %s', async (args, code) => {
		expect((await list(args)).code).toBe(code)
	})

	it('takes the largest page there may be', async () => {
		expect(namesOf(await list({ limit: 100 }))).toEqual(newest)
	})
})

describe('the list of documents over REST', () => {
	it('has the form of the reference', async () => {
		const { status, data } = await rest(app, 'GET', `/workspaces/${slug}/documents?limit=1`, undefined, admin)
		expect(status).toBe(200)
		expect(data).toEqual({ documents: [expect.any(Object)], pagination: { page: 1, limit: 1, total: NAMES.length, pages: NAMES.length } })
		expect(data.documents[0]).toEqual({
			id: expect.any(Number),
			filename: 'file-24.txt',
			originalName: 'filler-15.txt',
			mimeType: 'text/plain',
			size: 1,
			workspaceId: 1,
			processed: true,
			status: 'processed',
			error: null,
			progress: { stage: 'processed', done: 0, total: 0, secondsLeft: 0 },
			stages: [],
			processingTime: expect.toSatisfy((time) => time === null || time >= 0),
			version: 1,
			pendingVersion: null,
			chunks: 15,
			metadata: {},
			createdAt: '2024-01-01T00:00:24.000Z',
			updatedAt: expect.stringMatching(/Z$/),
		})
	})

	it('refuses an argument that is there twice', async () => {
		expect((await rest(app, 'GET', `/workspaces/${slug}/documents?page=1&page=2`, undefined, admin)).status).toBe(400)
	})
})

describe('the documents of a workspace in GraphQL', () => {
	const query = `query ($first: Int, $after: String, $last: Int) { workspace(slug: "${slug}") { documents(first: $first, after: $after, last: $last) {
		totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { originalName workspace { slug } } } } } }`
	const ask = async (variables: object) => {
		const response = await app.fetch(
			new Request('http://localhost/graphql', {
				method: 'POST',
				headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
				body: JSON.stringify({ query, variables }),
			}),
		)
		return ((await response.json()) as { data: { workspace: { documents: Connection } } }).data.workspace.documents
	}
	interface Connection {
		totalCount: number
		pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string }
		edges: { node: { originalName: string; workspace: { slug: string } } }[]
	}

	it('are a connection, oldest first, whose cursor leads through all of them once', async () => {
		const names: string[] = []
		for (let after: string | null = null, more = true; more; ) {
			const page: Connection = await ask({ first: 10, after })
			expect(page.totalCount).toBe(NAMES.length)
			names.push(...page.edges.map(({ node }) => node.originalName))
			after = page.pageInfo.endCursor
			more = page.pageInfo.hasNextPage
		}
		expect(names).toEqual(NAMES)
	})

	it('can be read from the end', async () => {
		const { edges, pageInfo } = await ask({ last: 2 })
		expect(edges.map(({ node }) => node.originalName)).toEqual(NAMES.slice(-2))
		expect(pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false })
		expect(edges[0]?.node.workspace.slug).toBe(slug)
	})
})
