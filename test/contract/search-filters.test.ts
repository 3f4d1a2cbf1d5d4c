import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, textFile } from '../support/documents.ts'
import { search, searchAll } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
type Filter = Omit<Parameters<typeof search.rest>[0], 'slug' | 'query'>

let app: TestApp
let lin: string
/** By name. */
const ids: Record<string, number> = {}

async function add(workspace: string, name: string, text: string, token: string, metadata: object = {}): Promise<void> {
	const body = new FormData()
	body.set('metadata', JSON.stringify(metadata))
	body.set('file', textFile(name, text))
	const { data, error } = await rest(app, 'POST', `/workspaces/${workspace}/documents`, body, token)
	if (error !== null) throw new Error(error)
	await ended(app, workspace, data.document.id)
	ids[name] = data.document.id
}

beforeAll(async () => {
	app = await bootApp()
	const [admin, owner] = [await app.tokenOf('admin'), await app.tokenOf('owner')]
	lin = await app.tokenOf('lin')
	await app.join('lin', slug, 'viewer')
	await rest(app, 'POST', '/workspaces', { name: 'Others', slug: 'others' }, owner)
	const fox = (where: string) => `The quick brown fox rests in the ${where}.`
	await add(slug, 'garden.txt', fox('garden'), admin, { team: 'red', year: 2024, tags: ['a', 'b'], draft: false, old: null })
	await add(slug, 'forest.md', `# Forest\n\n${fox('forest')}`, admin, { team: 'blue', year: 2024, tags: ['a'], place: { country: 'NO' } })
	await add(slug, 'meadow.csv', `animal,place\n${fox('meadow')},1`, admin, { team: 'red', year: 2025 })
	await add('others', 'secret.txt', fox('secret den'), owner, { team: 'red', year: 2024 })
	const times = { 'garden.txt': '2024-01-01T00:00:00Z', 'forest.md': '2024-06-01T00:00:00Z', 'meadow.csv': '2025-01-01T00:00:00Z' }
	for (const [name, at] of Object.entries(times))
		await app.prisma.document.update({ where: { id: ids[name] ?? 0 }, data: { createdAt: new Date(at) } })
})
afterAll(() => app.end())

describe.each(surfaces)('a search among some documents over $name', (surface) => {
	const ask = (filter: Filter) => surface.ask(app, search, { slug, query: 'quick brown fox', limit: 50, fold: false, ...filter }, lin)
	async function found(filter: Filter): Promise<string[]> {
		const { code, data } = await ask(filter)
		expect(code).toBeUndefined()
		return data.results.map(({ document }: { document: string }) => document).sort()
	}
	const all = ['forest.md', 'garden.txt', 'meadow.csv']

	it('finds all without a filter', async () => {
		expect(await found({})).toEqual(all)
	})

	it('finds in the documents that are named', async () => {
		expect(await found({ documentIds: [ids['forest.md'] ?? 0, ids['meadow.csv'] ?? 0] })).toEqual(['forest.md', 'meadow.csv'])
		expect(await found({ documentIds: [ids['forest.md'] ?? 0, 999_999, 2 ** 31] })).toEqual(['forest.md'])
	})

	it('finds nothing in the documents of others, and answers as for those that are not there', async () => {
		const [of, never] = [await ask({ documentIds: [ids['secret.txt'] ?? 0] }), await ask({ documentIds: [999_999] })]
		for (const { code, data, status } of [of, never]) expect([code, data.results, status]).toEqual([undefined, [], 200])
		expect(await found({ documentIds: [ids['secret.txt'] ?? 0, ids['garden.txt'] ?? 0] })).toEqual(['garden.txt'])
	})

	it.each<[string, string[], Filter]>([
		['of one type', ['garden.txt'], { types: ['text'] }],
		['of one of several types', ['forest.md', 'meadow.csv'], { types: ['markdown', 'csv'] }],
		['of a type that nothing is of', [], { types: ['pdf'] }],
		['with a text in their metadata', ['garden.txt', 'meadow.csv'], { metadata: { team: 'red' } }],
		['with a number', ['forest.md', 'garden.txt'], { metadata: { year: 2024 } }],
		['with several keys', ['garden.txt'], { metadata: { year: 2024, team: 'red' } }],
		['with a list, all of it', ['forest.md'], { metadata: { tags: ['a'] } }],
		['with an object', ['forest.md'], { metadata: { place: { country: 'NO' } } }],
		['with false', ['garden.txt'], { metadata: { draft: false } }],
		['with null, which is there', ['garden.txt'], { metadata: { old: null } }],
		['with a key that none has', [], { metadata: { nothing: 1 } }],
		['with the text of a number', [], { metadata: { year: '2024' } }],
		['with anything', all, { metadata: {} }],
		['with what looks like SQL', [], { metadata: { "team' OR true --": 'red', team: "red' OR '1'='1" } }],
		['made since', ['forest.md', 'meadow.csv'], { createdSince: '2024-06-01T00:00:00Z' }],
		['made before', ['garden.txt'], { createdBefore: '2024-06-01T00:00:00Z' }],
		['made between', ['forest.md'], { createdSince: '2024-02-01T00:00:00Z', createdBefore: '2024-12-01T00:00:00+01:00' }],
		[
			'with all that at once',
			['forest.md'],
			{ types: ['markdown', 'text'], metadata: { year: 2024 }, createdSince: '2024-02-01T00:00:00Z' },
		],
	])('finds in those %s', async (_what, expected, filter) => {
		expect(await found(filter)).toEqual(expected)
	})

	it('holds the filter in every workspace that is searched', async () => {
		const owner = await app.tokenOf('owner')
		const of = async (token: string) => {
			const { data } = await surface.ask(app, searchAll, { query: 'quick brown fox', metadata: { team: 'red' }, fold: false }, token)
			return data.results.map(({ document }: { document: string }) => document).sort()
		}
		expect(await of(lin)).toEqual(['garden.txt', 'meadow.csv'])
		expect(await of(owner)).toEqual(['secret.txt'])
		expect(await of(await app.tokenOf('admin'))).toEqual(['garden.txt', 'meadow.csv', 'secret.txt'])
	})

	it.each<[Filter, string]>([
		[{ metadata: [] }, 'UNPROCESSABLE'],
		[{ metadata: { a: '\0' } }, 'UNPROCESSABLE'],
		[{ documentIds: Array.from({ length: 1_001 }, (_, at) => at + 1) }, 'UNPROCESSABLE'],
		[{ documentIds: ['x' as unknown as number] }, 'BAD_REQUEST'],
		[{ types: ['nonsense'] }, 'BAD_REQUEST'],
		[{ createdSince: 'yesterday' }, 'BAD_REQUEST'],
	])('refuses %j: %s', async (filter, code) => {
		expect((await ask(filter)).code).toBe(code)
	})
})

it('REST takes metadata as the text of a JSON object', async () => {
	const path = (metadata: string) => `/workspaces/${slug}/search?query=fox&metadata=${encodeURIComponent(metadata)}`
	expect((await rest(app, 'GET', path('{"team":"blue"}'), undefined, lin)).data.results).toHaveLength(1)
	for (const text of ['', 'x', '{', '7', '[]', 'null']) expect((await rest(app, 'GET', path(text), undefined, lin)).status, text).toBe(422)
})
