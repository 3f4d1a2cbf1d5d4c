import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { createWorkspace, search, searchAll, sendMessage, updateWorkspace } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

let app: TestApp
let lin: string
let admin: string

beforeAll(async () => {
	app = await bootApp()
	;[admin, lin] = [await app.tokenOf('admin'), await app.tokenOf('lin')]
	for (const [slug, owner] of [
		['lins', lin],
		['shared', admin],
		['hidden', admin],
	] as const) {
		await rest(app, 'POST', '/workspaces', { name: slug, slug }, owner)
		await takeIn(app, slug, textFile(`${slug}.txt`, `The harbour master of ${slug} counts the herring boats at dawn.`), owner)
	}
	await app.join('lin', 'shared', 'viewer')
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => app.end())

/** Those of searches; sign-ins, jobs and the loading of what has changed are not counted. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
	await work() // what is read once is read
	const query = vi.spyOn(pg.Client.prototype, 'query')
	await work()
	const texts = query.mock.calls.map(([asked]) => (typeof asked === 'string' ? asked : ((asked as { text?: string }).text ?? '')))
	query.mockRestore()
	return texts.filter((text) => /"(Workspace|Member|Document|DocumentText|Chunk)"|chunk_index/.test(text) && !text.includes('"Session"'))
}

describe.each(surfaces)('a search in several workspaces over $name', (surface) => {
	const ask = (token: string, more: Partial<Parameters<typeof searchAll.rest>[0]> = {}) =>
		surface.ask(app, searchAll, { query: 'harbour master herring', fold: false, ...more }, token)
	async function found(token: string, more = {}): Promise<string[]> {
		const { code, data } = await ask(token, more)
		expect(code).toBeUndefined()
		const results: { workspace: string; document: string }[] = data.results
		for (const { workspace, document } of results) expect(document).toBe(`${workspace}.txt`)
		return results.map(({ workspace }) => workspace).toSorted()
	}

	it('finds in all that the caller may know of', async () => {
		expect(await found(lin)).toEqual(['lins', 'shared'])
		expect(await found(admin)).toEqual(['hidden', 'lins', 'shared'])
		expect(await found(await app.tokenOf('stranger'))).toEqual([])
	})

	it('finds in those that are named', async () => {
		expect(await found(lin, { workspaces: ['shared'] })).toEqual(['shared'])
		expect(await found(lin, { workspaces: ['shared', 'lins', 'shared'] })).toEqual(['lins', 'shared'])
		if (surface.name === 'GraphQL') expect(await found(lin, { workspaces: [] })).toEqual([])
	})

	it('answers 404 for one that the caller may not know of, as for one that is not there', async () => {
		const [hidden, never] = [await ask(lin, { workspaces: ['lins', 'hidden'] }), await ask(lin, { workspaces: ['lins', 'never'] })]
		expect([hidden.code, never.code]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
		expect(hidden.error?.replace('hidden', 'never')).toBe(never.error)
	})

	it('needs a token', async () => {
		expect((await surface.ask(app, searchAll, { query: 'x' })).code).toBe('UNAUTHENTICATED')
	})

	it('costs as many statements for many workspaces as for one', async () => {
		const one = await statementsOf(() => ask(admin, { workspaces: ['shared'] }))
		const all = await statementsOf(() => ask(admin))
		expect(all.length, all.join('\n')).toBe(one.length)
		expect(all.length).toBeLessThanOrEqual(4)
	})

	it('costs four statements at most, and one more with a filter', async () => {
		const plain = await statementsOf(() => surface.ask(app, search, { slug: 'shared', query: 'herring boats' }, admin))
		expect(plain.length, plain.join('\n')).toBeLessThanOrEqual(4)
		const query = { slug: 'shared', query: 'herring boats', types: ['text'], metadata: {} }
		expect(await statementsOf(() => surface.ask(app, search, query, admin))).toHaveLength(plain.length + 1)
	})
})

describe.each(surfaces)('how a workspace is searched, over $name', (surface) => {
	const text = (at: number) =>
		`Note ${at}: ${['herring', 'cod', 'plaice', 'turbot', 'mackerel'][at % 5]} landed at pier ${at}, weighed by clerk ${at * 31}.`
	async function made(input: object): Promise<string> {
		const slug = `settings-${crypto.randomUUID()}`
		const { error } = await surface.ask(app, createWorkspace, { input: { name: 'Settings', slug, ...input } }, admin)
		expect(error).toBeNull()
		return slug
	}
	const find = async (slug: string, query: string, more = {}) =>
		(await surface.ask(app, search, { slug, query, fold: false, ...more }, admin)).data.results as { chunk: string; score: number }[]

	it('is told of a workspace, and changed or cleared', async () => {
		const set = { threshold: 0.5, topN: 3, denseWeight: 0 }
		const none = { threshold: null, topN: null, denseWeight: null }
		const slug = await made(set)
		const update = async (input: Record<string, unknown>) =>
			(await surface.ask(app, updateWorkspace, { slug, input }, admin)).data.workspace
		expect(await update({})).toMatchObject(set)
		expect(await update({ topN: 7 })).toMatchObject({ ...set, topN: 7 })
		expect(await update(none)).toMatchObject(none)
		const bare = await surface.ask(app, updateWorkspace, { slug: await made({}), input: {} }, admin)
		expect(bare.data.workspace).toMatchObject(none)
	})

	it.each([{ threshold: -0.1 }, { threshold: 1.1 }, { topN: 0 }, { topN: 51 }, { denseWeight: 2 }])('refuses %j', async (input) => {
		const slug = await made({})
		expect((await surface.ask(app, updateWorkspace, { slug, input }, admin)).code).toBe('UNPROCESSABLE')
		expect((await surface.ask(app, createWorkspace, { input: { name: 'x', ...input } }, admin)).code).toBe('UNPROCESSABLE')
	})

	it('holds for searches, and the number and the threshold for the sources of chats', async () => {
		const slug = await made({})
		for (let at = 0; at < 12; at++) await takeIn(app, slug, textFile(`note ${at}.txt`, text(at)), admin)
		const query = 'Which clerk weighed the turbot landed at pier 3?'
		const chat = async (): Promise<{ score: number }[]> =>
			(await surface.ask(app, sendMessage, { slug, input: { message: query } }, admin)).data.sources
		const update = (input: Record<string, unknown>) => surface.ask(app, updateWorkspace, { slug, input }, admin)
		expect([(await find(slug, query)).length, (await chat()).length]).toEqual([10, 5])
		await update({ topN: 2 })
		expect([(await find(slug, query)).length, (await chat()).length]).toEqual([2, 2])
		expect(await find(slug, query, { limit: 11 })).toHaveLength(11)
		const all = await find(slug, query, { limit: 50 })
		const [best, second] = all.map(({ score }) => score).toSorted((a, b) => b - a)
		const threshold = ((best ?? 0) + (second ?? 0)) / 2
		await update({ threshold })
		expect((await find(slug, query, { limit: 50 })).map(({ chunk }) => chunk)).toEqual([text(3)])
		expect(await chat()).toMatchObject([{ chunk: text(3) }])
		const { data } = await surface.ask(app, searchAll, { query, workspaces: [slug], limit: 50 }, admin)
		expect(data.results).toHaveLength(1)
		await update({ threshold: null, topN: null, denseWeight: 0 })
		for (const one of (await surface.ask(app, search, { slug, query }, admin)).data.results) expect(one.score).toBe(one.lexicalScore)
	})
})
