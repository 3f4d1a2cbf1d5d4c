import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { getDocumentChunks } from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const SECTIONS = Array.from(
	{ length: 12 },
	(_, index) => `## Section ${index}\n\n${`What section ${index} says is said here. `.repeat(40)}`,
)

let app: TestApp
let admin: string
let documentId: number
let text: string
let total: number
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await app.tokenOf('stranger')
	;({ id: documentId, chunks: total } = await takeIn(app, slug, textFile('sections.md', `# All\n\n${SECTIONS.join('\n\n')}`), admin))
	text = (await rest(app, 'GET', `/workspaces/${slug}/documents/${documentId}/text`, undefined, admin)).data.text
})
afterAll(() => app.end())

describe.each(surfaces)('the chunks of a document over $name', (surface) => {
	const ask = (args: object = {}, token = admin) => surface.ask(app, getDocumentChunks, { slug, documentId, ...args }, token)

	it('are in the order of its text, each where it says', async () => {
		const { data } = await ask()
		expect(data.pagination).toEqual({ page: 1, limit: 1_000, total, pages: 1 })
		expect(data.chunks).toHaveLength(total)
		for (const [ordinal, chunk] of data.chunks.entries()) {
			expect(chunk).toMatchObject({ ordinal, page: null, heading: expect.stringMatching(/^All > Section \d+/) })
			expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text)
		}
		expect(new Set(data.chunks.map(({ id }: { id: unknown }) => id)).size).toBe(total)
	})

	it('come in pages, and by what they say', async () => {
		const { data } = await ask({ page: 2, limit: 3 })
		expect(data.chunks.map(({ ordinal }: { ordinal: number }) => ordinal)).toEqual([3, 4, 5])
		const found = await ask({ search: 'SECTION 7 says' })
		expect(found.data.pagination.total).toBeGreaterThan(0)
		expect(found.data.chunks.every((chunk: { text: string }) => chunk.text.includes('section 7 says'))).toBe(true)
		expect((await ask({ limit: 1_001 })).code).toBe('UNPROCESSABLE')
	})

	it('are nobody else’s, and of nothing that is not there', async () => {
		expect((await ask({}, await app.tokenOf('stranger'))).code).toBe('NOT_FOUND')
		expect((await ask({ documentId: 987_654 })).code).toBe('NOT_FOUND')
	})
})

it('are a connection over GraphQL', async () => {
	const query = `query ($slug: String!, $documentId: ID!, $after: String) {
		documentChunks(slug: $slug, documentId: $documentId, first: 5, after: $after) { totalCount edges { node { ordinal } } pageInfo { hasNextPage endCursor } }
	}`
	const ordinals: number[] = []
	let after: string | null = null
	do {
		const { data } = await graphql(app, query, { slug, documentId, after }, admin)
		expect(data.totalCount).toBe(total)
		ordinals.push(...data.edges.map(({ node }: { node: { ordinal: number } }) => node.ordinal))
		after = data.pageInfo.hasNextPage ? data.pageInfo.endCursor : null
	} while (after)
	expect(ordinals).toEqual(Array.from({ length: total }, (_, index) => index))
})
