import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { search } from '../support/operations.ts'
import { graphql, rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
interface Marked {
	text: string
	start: number
	end: number
	highlights: { start: number; end: number }[]
}
interface Result {
	document: string
	documentId: unknown
	workspace: string
	chunkId: unknown
	chunk: string
	score: number
	fusedScore: number
	start: number
	end: number
	matchedTerms: { term: string; count: number; share: number }[]
	snippet: Marked
	passage: Marked & { chunkIds: unknown[] }
	duplicates: { document: string; documentId: unknown; chunkId: unknown; score: number }[]
}

const sentences = (about: string, count: number): string =>
	Array.from(
		{ length: count },
		(_, at) => `The ${about} was measured at mark ${at * 37}, which the keeper wrote into book ${at * 11}. `,
	).join('')
const policy = `${sentences('height of the tide', 8)}Visitors leave the lighthouse before sunset.`

let app: TestApp
let admin: string
const texts = new Map<string, string>()
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await rest(app, 'PUT', `/workspaces/${slug}`, { chunkTokens: 100, chunkOverlap: 0 }, admin)
	await takeIn(app, slug, textFile('tides.txt', `🌊🌊 ${sentences('glacier', 30)}`), admin)
	await takeIn(app, slug, textFile('plain.txt', sentences('volcano', 30)), admin)
	await takeIn(app, slug, textFile('policy.txt', policy), admin)
	await takeIn(app, slug, textFile('policy-copy.txt', policy.replace('Visitors leave', 'Visitors shall leave')), admin)
	await takeIn(app, slug, textFile('图书馆.txt', '🎉 圖書館每週一閉館。\n\n其餘日子從上午九點開放到晚上八點。'), admin)
	await takeIn(app, slug, textFile('cafe.txt', 'The café 🎉 serves naïve crêpes — and “coffee”. Nothing else is served there.'), admin)
	const rows = await app.prisma.documentText.findMany({ include: { document: true } })
	for (const { text, document } of rows) texts.set(document.filename, text)
})
afterAll(() => app.end())

describe.each(surfaces)('what a search shows over $name', (surface) => {
	type More = Omit<Parameters<typeof search.rest>[0], 'slug' | 'query'>
	const find = async (query: string, more: More = {}): Promise<Result[]> => {
		const { data, error } = await surface.ask(app, search, { slug, query, ...more }, admin)
		expect(error).toBeNull()
		return data.results
	}

	it('is put in order by the fused score, and explained by terms that together are at most all of the query', async () => {
		const found = await find('When must visitors leave the lighthouse?', { fold: false })
		const order = found.map(({ fusedScore }) => fusedScore)
		expect(order).toEqual(order.toSorted((a, b) => b - a))
		expect(order[0]).toBeLessThanOrEqual(1)
		expect(found[0]?.matchedTerms.map(({ term }) => term).toSorted()).toEqual(['leav', 'lighthous', 'visitor'])
		for (const { matchedTerms } of found) {
			const shares = matchedTerms.map(({ share }) => share)
			expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1.000_001)
			expect(shares).toEqual(shares.toSorted((a, b) => b - a))
			for (const { count } of matchedTerms) expect(count).toBeGreaterThan(0)
		}
	})

	it.each([
		['图书馆星期几闭馆？', 'tu-shu-guan.txt', ['圖書館', '閉館']],
		['圖書館星期幾閉館？', 'tu-shu-guan.txt', ['圖書館', '閉館']],
		['cafe serving crepes', 'cafe.txt', ['café', 'serves', 'crêpes', 'served']],
	])('marks the words of %j where they stand in the stored text', async (query, document, words) => {
		const result = (await find(query)).find((one) => one.document === document)
		const text = texts.get(document) ?? ''
		expect(result).toBeDefined()
		const marked = (at: Marked) => at.highlights.map(({ start, end }) => text.slice(start, end))
		expect(result && marked(result.passage)).toEqual(words)
		expect(result && words.slice(0, 2).every((word) => marked(result.snippet).includes(word))).toBe(true)
	})

	it('points into the stored text with every offset, after characters of two units too', async () => {
		for (const query of ['glacier keeper', 'volcano book', 'visitors lighthouse', '圖書館', 'crêpes', 'mark 370'])
			for (const { document, chunk, start, end, snippet, passage } of await find(query, { limit: 50 })) {
				const text = texts.get(document) ?? ''
				expect(text.slice(start, end)).toBe(chunk)
				for (const stretch of [snippet, passage]) {
					expect(text.slice(stretch.start, stretch.end)).toBe(stretch.text)
					for (const { start, end } of stretch.highlights) {
						expect(start).toBeGreaterThanOrEqual(stretch.start)
						expect(end).toBeLessThanOrEqual(stretch.end)
						expect(text.slice(start, end)).toMatch(/^[\p{L}\p{N}\p{M}]+$/u)
					}
				}
				expect(snippet.text.length).toBeLessThanOrEqual(240)
				expect(snippet.start).toBeGreaterThanOrEqual(passage.start)
				expect(snippet.end).toBeLessThanOrEqual(passage.end)
			}
	})

	it.each(['tides.txt', 'plain.txt'])(
		'joins the neighbours of %s into passages, at most five chunks each, and shows each chunk once',
		async (document) => {
			const query = document === 'tides.txt' ? 'glacier' : 'volcano'
			const [joined, single] = [await find(query, { limit: 50 }), await find(query, { limit: 50, join: false })]
			const of = (found: Result[]) => found.filter((one) => one.document === document)
			expect(of(joined).length).toBeLessThan(of(single).length)
			const chunkIds = of(joined).flatMap(({ passage }) => passage.chunkIds.map(String))
			expect(new Set(chunkIds).size).toBe(chunkIds.length)
			expect(chunkIds.toSorted()).toEqual(
				of(single)
					.map(({ chunkId }) => String(chunkId))
					.toSorted(),
			)
			for (const { chunkId, start, end, passage } of of(joined)) {
				expect(passage.chunkIds.map(String)).toContain(String(chunkId))
				expect(passage.chunkIds.length).toBeLessThanOrEqual(5)
				expect([passage.start <= start, passage.end >= end]).toEqual([true, true])
			}
			expect(of(joined).some(({ passage }) => passage.chunkIds.length > 1)).toBe(true)
			for (const { passage, chunk } of of(single)) expect(passage.text).toBe(chunk)
		},
	)

	it('folds what says nearly the same, and says what was folded', async () => {
		const query = 'visitors leave the lighthouse before sunset'
		const [best, ...others] = (await find(query)).filter(({ document }) => document.startsWith('policy'))
		expect(others.map(({ chunk }) => chunk.includes('Visitors'))).not.toContain(true)
		const names = ['policy.txt', 'policy-copy.txt']
		expect(best?.duplicates).toMatchObject([{ document: names.find((name) => name !== best?.document), score: expect.any(Number) }])
		const unfolded = (await find(query, { fold: false })).filter(({ chunk }) => chunk.includes('Visitors'))
		expect(unfolded.map(({ document }) => document).toSorted()).toEqual(names.toSorted())
		for (const { duplicates } of unfolded) expect(duplicates).toEqual([])
	})

	it('keeps apart what differs in a number that is asked for', async () => {
		const found = await find('mark 370', { limit: 50, join: false })
		expect(found[0]?.chunk).toContain('mark 370,')
		expect(found[0]?.duplicates).toEqual([])
	})

	it('shows as many of a document as are wanted, and others instead', async () => {
		const found = await find('keeper book', { perDocument: 1, limit: 3, join: false })
		expect(new Set(found.map(({ documentId }) => String(documentId))).size).toBe(found.length)
		expect(found).toHaveLength(3)
	})
})

it('GraphQL tells the language of the query', async () => {
	const ask = async (query: string) =>
		(await graphql(app, `query ($query: String!) { search(slug: "${slug}", query: $query) { language } }`, { query }, admin)).data.language
	expect([await ask('图书馆'), await ask('圖書館'), await ask('library')]).toEqual(['ZH_HANS', 'ZH_HANT', 'EN'])
})
