import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageOfRanked } from '../../src/cursors.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { search } from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
interface Result {
	document: string
	documentId: unknown
	chunk: string
	score: number
	lexicalScore: number
	denseScore: number | null
	start: number
	end: number
}

/** Of a chunk’s length, each with sentences of its own. */
const ledgerPage = (page: number): string =>
	Array.from(
		{ length: 25 },
		(_, line) => `Entry ${page}-${line} of the ledger counts ${page * 97 + line * 13} barrels in the cellar. `,
	).join('')

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await rest(app, 'POST', '/workspaces', { name: 'Elsewhere', slug: 'elsewhere' }, admin)
	const sections = Array.from({ length: 30 }, (_, index) => `## Ledger ${index}\n\n${ledgerPage(index)}`)
	await takeIn(app, slug, textFile('ledger.md', sections.join('\n\n')), admin)
	await takeIn(app, slug, textFile('foxes.txt', 'The quick brown fox jumps over the lazy dog. It costs $5 (50% less) AND more.'), admin)
	await takeIn(app, slug, textFile('图书.txt', '图书馆每周一闭馆，其余日子从上午九点开放到晚上八点。'), admin)
	await takeIn(app, 'elsewhere', textFile('secret.txt', 'The quick brown fox of another workspace.'), admin)
})
afterAll(() => app.end())

describe.each(surfaces)('a search over $name', (surface) => {
	const find = (query: string, limit?: number) =>
		surface.ask(app, search, { slug, query, join: false, ...(limit !== undefined && { limit }) }, admin)
	const results = async (query: string, limit?: number) => (await find(query, limit)).data.results as Result[]

	it('finds by words and by meaning, the best first, with scores from 0 to 1', async () => {
		const found = await results('quick brown fox')
		expect(found[0]).toMatchObject({
			document: 'foxes.txt',
			score: expect.any(Number),
			lexicalScore: expect.any(Number),
			denseScore: expect.any(Number),
		})
		for (const { score, lexicalScore, denseScore } of found) {
			for (const value of [score, lexicalScore, denseScore ?? 0]) {
				expect(value).toBeGreaterThanOrEqual(0)
				expect(value).toBeLessThanOrEqual(1)
			}
		}
	})

	it('finds Chinese', async () => {
		const [best] = await results('图书馆星期几闭馆？')
		expect(best).toMatchObject({ document: 'tu-shu.txt', denseScore: null })
		expect(best?.chunk).toContain('每周一闭馆')
	})

	it('says where each passage stands', async () => {
		const found = await results('barrels in the cellar', 50)
		const { text } = await app.prisma.documentText.findFirstOrThrow({ where: { document: { filename: 'ledger.md' } } })
		const ofLedger = found.filter(({ document }) => document === 'ledger.md')
		expect(ofLedger.length).toBeGreaterThan(10)
		for (const { chunk, start, end } of ofLedger) expect(text.slice(start, end)).toBe(chunk)
	})

	it('gives ten results unless asked otherwise, at most so many as asked', async () => {
		expect(await results('ledger')).toHaveLength(10)
		expect(await results('ledger', 1)).toHaveLength(1)
		expect((await results('ledger', 50)).length).toBeGreaterThan(10)
	})

	it('never finds what is in another workspace', async () => {
		for (const query of ['another workspace', 'secret', 'quick brown fox of another workspace'])
			for (const { document, chunk } of await results(query, 50)) {
				expect(document).not.toBe('secret.txt')
				expect(chunk).not.toContain('another workspace')
			}
	})

	it('never finds a chunk of a document that is not processed', async () => {
		const { id } = await takeIn(app, slug, textFile(`pending ${surface.name}.txt`, `Xylophones ${surface.name} wait in the attic.`), admin)
		const find = async () => (await results(`xylophones ${surface.name} attic`, 50)).filter(({ documentId }) => Number(documentId) === id)
		expect(await find()).toHaveLength(1)
		for (const status of ['indexing', 'failed'] as const) {
			await app.prisma.document.update({ where: { id }, data: { status } })
			expect(await find()).toEqual([])
		}
	})

	it.each([
		['"', 0],
		['\\', 0],
		['%', 0],
		['_', 0],
		['AND (', 0],
		['NOT OR AND', 0],
		['\'; DROP TABLE "Chunk"; --', 0],
		['"quick" & !fox | (lazy <-> dog)', 1],
		['fox:*', 1],
		['quick\nbrown\tfox', 1],
		['😀🎉👨‍👩‍👧', 0],
		['。？！', 0],
		['   fox   ', 1],
		['\u202Efox', 0],
		[`fox ${'x'.repeat(1_996)}`, 1],
	])('takes %j for words and nothing else', async (query, least) => {
		const { code, data } = await find(query)
		expect(code).toBeUndefined()
		expect(data.results.length).toBeGreaterThanOrEqual(least)
		expect(await app.prisma.chunk.count()).toBeGreaterThan(0)
	})

	it('finds nothing for what has no words', async () => {
		for (const query of ['😀🎉', '。？！', '---']) expect(await results(query)).toEqual([])
	})

	it('takes any text', async () => {
		const text = fc
			.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
			.filter((query) => /\S/.test(query) && !query.includes('\0') && query.isWellFormed())
		await fc.assert(
			fc.asyncProperty(text, async (query) => {
				expect((await find(query, 3)).code).toBeUndefined()
			}),
			{ numRuns: 25 },
		)
	})

	it.each([
		['', undefined, 'UNPROCESSABLE'],
		[' \n ', undefined, 'UNPROCESSABLE'],
		['x'.repeat(2_001), undefined, 'UNPROCESSABLE'],
		['fox', 0, 'UNPROCESSABLE'],
		['fox', 51, 'UNPROCESSABLE'],
		['fox', 1.5, 'BAD_REQUEST'],
		['fox', 'many' as unknown as number, 'BAD_REQUEST'],
	])('refuses the query %j with the limit %j: %s', async (query, limit, code) => {
		expect((await find(query, limit)).code).toBe(code)
	})
})

describe('a search over REST', () => {
	it('has its form', async () => {
		const { status, data } = await rest(app, 'GET', `/workspaces/${slug}/search?query=fox&limit=1`, undefined, admin)
		expect(status).toBe(200)
		expect(Object.keys(data)).toEqual(['results'])
		expect(Object.keys(data.results[0])).toEqual([
			...['document', 'documentId', 'workspace', 'chunkId', 'chunk', 'score', 'lexicalScore', 'denseScore', 'fusedScore', 'rerankScore'],
			...['page', 'start', 'end', 'heading', 'matchedTerms', 'snippet', 'passage', 'duplicates'],
		])
	})

	it('needs something to look for', async () => {
		expect((await rest(app, 'GET', `/workspaces/${slug}/search`, undefined, admin)).status).toBe(400)
	})
})

describe('what a search finds', () => {
	const find = async (args: string) => {
		const query = `{ search(slug: "${slug}", query: "ledger barrels cellar", join: false, ${args}) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { chunkId score } } } }`
		const { data, error, code } = await graphql(app, query, {}, admin)
		return { code, error, ids: data?.edges.map(({ node }: { node: { chunkId: string } }) => node.chunkId) as string[], ...data }
	}

	it('is a connection of as many as are wanted, read in pages from both ends', async () => {
		const all = await find('limit: 12')
		expect(all).toMatchObject({ totalCount: 12, pageInfo: { hasNextPage: false, hasPreviousPage: false } })
		const [first, last] = [await find('limit: 12, first: 5'), await find('limit: 12, last: 5')]
		expect([first.ids, last.ids]).toEqual([all.ids.slice(0, 5), all.ids.slice(-5)])
		expect([first.pageInfo.hasNextPage, last.pageInfo.hasPreviousPage]).toEqual([true, true])
		const next = await find(`limit: 12, first: 5, after: "${first.pageInfo.endCursor}"`)
		expect(next.ids).toEqual(all.ids.slice(5, 10))
		const before = await find(`limit: 12, last: 5, before: "${last.pageInfo.startCursor}"`)
		expect(before.ids).toEqual(all.ids.slice(2, 7))
	})

	it('refuses cursors of other lists, and sizes out of range', async () => {
		const { data } = await graphql(app, '{ workspaces(first: 1) { pageInfo { endCursor } } }', {}, admin)
		expect((await find(`after: "${data.pageInfo.endCursor}"`)).code).toBe('BAD_REQUEST')
		for (const args of ['first: -1', 'first: 1001', 'limit: 51']) expect((await find(args)).code).toBe('UNPROCESSABLE')
	})
})

describe('a cursor of what was found', () => {
	const rows = (...ids: number[]) => ids.map((chunkId) => ({ chunkId }))
	const page = (found: { chunkId: number }[], args: object) =>
		pageOfRanked('Search', 'chunkId', args, found).edges.map(({ node }) => node.chunkId)
	const [, , third] = pageOfRanked('Search', 'chunkId', {}, rows(1, 2, 3, 4, 5)).edges

	it.each<[string, number[], number[], number[]]>([
		['stays where it was', [1, 2, 3, 4, 5], [4, 5], [1, 2]],
		['goes with its chunk when better ones are found', [7, 1, 8, 2, 3, 4, 5], [4, 5], [7, 1, 8, 2]],
		['holds its rank when its chunk is gone', [1, 2, 4, 5], [4, 5], [1, 2]],
		['ends what has become shorter', [1], [], [1]],
	])('%s', (_what, found, after, before) => {
		expect(page(rows(...found), { after: third?.cursor })).toEqual(after)
		expect(page(rows(...found), { before: third?.cursor })).toEqual(before)
	})
})
