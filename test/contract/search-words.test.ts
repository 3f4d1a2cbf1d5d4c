import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { search, searchAll } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const codes = ['SKU-00417', 'SKU-00418', 'SKU-00471', 'SKU-04170', 'GB/T 7714-2015', 'GB/T 7714-2005', 'GB/T 7713-2015', 'ISO 9001:2015']

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	for (const [at, code] of codes.entries())
		await takeIn(app, slug, textFile(`code ${at}.txt`, `Article ${code} is kept in the northern store, on a shelf of its own.`), admin)
	await takeIn(
		app,
		slug,
		textFile('more.txt', 'Order 00999 has 417 items; invoice 12,345.67 was paid on 2024-03-09 to RFC7807 Ltd., v2.10.3.'),
		admin,
	)
	await takeIn(app, slug, textFile('zh.txt', '参考文献著录规则按国家标准执行，标准号为GB/T 7714-2015，自2015年起实施。'), admin)
	await takeIn(app, slug, textFile('hans.txt', '台湾的铁路电气化从1970年代开始，西部干线最先完成。'), admin)
	await takeIn(app, slug, textFile('hant.txt', '這座圖書館的閱覽室設於二樓，週末關閉。頭髮與發現是兩回事。'), admin)
})
afterAll(() => app.end())

describe.each(surfaces)('a search over $name', (surface) => {
	const ask = (query: string, more = {}) => surface.ask(app, search, { slug, query, ...more }, admin)
	const found = async (query: string, more = {}) => (await ask(query, more)).data.results as { chunk: string; document: string }[]

	it.each(codes)('finds %s before all that are alike', async (code) => {
		for (const query of [code, code.toLowerCase(), `Where is ${code} kept?`]) expect((await found(query))[0]?.chunk, query).toContain(code)
	})

	it.each(['12,345.67', '2024-03-09', 'RFC7807', 'v2.10.3', 'rfc7807', '00999', '１２，３４５．６７'])('finds %s', async (code) => {
		expect((await found(code))[0]?.document).toBe('more.txt')
	})

	it('finds a code between Chinese words', async () => {
		expect((await found('国家标准GB/T 7714-2015何时实施？'))[0]?.document).toBe('zh.txt')
	})

	it.each([
		['臺灣的鐵路何時開始電氣化？', 'hans.txt'],
		['台湾的铁路何时开始电气化？', 'hans.txt'],
		['图书馆的阅览室在几楼？', 'hant.txt'],
		['圖書館的閱覽室在幾樓？', 'hant.txt'],
		['头发与发现', 'hant.txt'],
	])('finds what the other script of Chinese says: %s', async (query, document) => {
		expect((await found(query))[0]?.document).toBe(document)
	})

	/** What databases, indexes and regular expressions would take for more than words. */
	const hostile = [
		'"',
		'\\',
		'%',
		'AND (',
		'OR 1=1',
		"'; DROP TABLE chunk_index.g1; --",
		"' UNION SELECT null, null, null, 1, 1, 1.0 --",
		'$1 $2 $$ :name ?',
		'workspace_id in [1, 2] or chunk_id > 0',
		'workspace_id == 1 || true',
		'") or has_vector == true or ("" == "',
		'{placeholder} {{7*7}} #{7}',
		'(a+)+$',
		'to_bm25query(null)',
		'<@> <=> @@ & | ! :*',
		'😀🎉👨‍👩‍👧',
		'\u202E\u200B\uFEFFx',
		'\uFFFF\uFFFE',
		'a\u0301'.repeat(500),
		'𠮷'.repeat(900),
		'x'.repeat(2_000),
		'w1a '.repeat(400),
	]
	it.each(hostile)('takes %j for words and nothing else, in one workspace and in all', async (query) => {
		for (const reply of [await ask(query), await surface.ask(app, searchAll, { query }, admin)]) {
			expect([reply.code, reply.status]).toEqual([undefined, 200])
			expect(Array.isArray(reply.data.results)).toBe(true)
		}
		expect((await found('SKU-00417'))[0]?.chunk).toContain('SKU-00417')
	})

	it.each(['😀🎉👨‍👩‍👧', '"', '\\', '%', '(){}[]', '。？！'])('finds nothing for %j, which says nothing', async (query) => {
		expect(await found(query)).toEqual([])
	})

	it.each([
		['nothing', ''],
		['blanks', ' \n\t\u3000 '],
		['10 kB', 'word '.repeat(2_048)],
		['NUL', 'fox\0'],
	])('refuses %s: 422', async (_what, query) => {
		for (const reply of [await ask(query), await surface.ask(app, searchAll, { query }, admin)]) expect(reply.code).toBe('UNPROCESSABLE')
	})

	it.each(['\ud800', 'fox\udc00', '\udc00\ud800'])('refuses or replaces half of a surrogate pair, %j', async (query) => {
		const { code } = await ask(query)
		expect(code).toBe(surface.name === 'GraphQL' ? 'UNPROCESSABLE' : undefined) // an address is well-formed: URLSearchParams writes U+FFFD
	})
})

it.each(['%ED%A0%80', '%FF', '%', '%00', '%C0%80'])('REST answers %s with 400 or 422, or takes it for no word', async (query) => {
	const { status } = await rest(app, 'GET', `/workspaces/${slug}/search?query=${query}`, undefined, admin)
	expect([200, 400, 422]).toContain(status)
})
