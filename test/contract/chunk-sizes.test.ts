import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { estimateTokens } from '../../src/text/tokens.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { createWorkspace, updateWorkspace } from '../support/operations.ts'
import { rest, surfaces } from '../support/surfaces.ts'

let app: TestApp
let lin: string
beforeAll(async () => {
	app = await bootApp()
	lin = await app.tokenOf('lin')
})
afterAll(() => app.end())

describe.each(surfaces)('the sizes of chunks over $name', (surface) => {
	const create = (input: object) => surface.ask(app, createWorkspace, { input: { name: 'Sizes', ...input } }, lin)
	const update = (slug: string, input: Record<string, unknown>) => surface.ask(app, updateWorkspace, { slug, input }, lin)
	const made = async (input: object = {}): Promise<string> => (await create(input)).data.workspace.slug
	const unique = () => ({ slug: `sizes-${crypto.randomUUID()}` })

	it('are 400 tokens, of which 40 may be repeated, unless a workspace has its own', async () => {
		expect((await create(unique())).data.workspace).toMatchObject({ chunkTokens: 400, chunkOverlap: 40 })
		const own = { chunkTokens: 250, chunkOverlap: 100 }
		expect((await create({ ...unique(), ...own })).data.workspace).toMatchObject(own)
	})

	it('change one at a time or together, and each is refused that does not go with the other', async () => {
		const slug = await made({ ...unique(), chunkTokens: 200, chunkOverlap: 90 })
		expect((await update(slug, { chunkTokens: 180 })).code).toBe('UNPROCESSABLE')
		expect(await update(slug, { chunkOverlap: 100 })).toMatchObject({
			code: 'UNPROCESSABLE',
			error: expect.stringContaining('chunkOverlap'),
		})
		expect((await update(slug, { chunkTokens: 300, chunkOverlap: 150 })).code).toBe('UNPROCESSABLE')
		expect((await update(slug, { chunkTokens: 181 })).data.workspace).toMatchObject({ chunkTokens: 181, chunkOverlap: 90 })
		expect((await update(slug, { chunkOverlap: 0 })).data.workspace).toMatchObject({ chunkTokens: 181, chunkOverlap: 0 })
		const both = { chunkTokens: 2_000, chunkOverlap: 999 }
		expect((await update(slug, both)).data.workspace).toMatchObject(both)
		expect((await update('never-was', { chunkTokens: 500 })).code).toBe('NOT_FOUND')
	})

	it('hold for the documents that come from then on', async () => {
		const slug = await made({ ...unique(), chunkTokens: 100, chunkOverlap: 0 })
		const text = Array.from({ length: 100 }, (_, at) => `Observation ${at} was written down by the keeper of the lighthouse. `).join('')
		const chunksOf = async (name: string) => {
			const { id } = await takeIn(app, slug, textFile(name, `${name}. ${text}`), lin)
			return app.prisma.chunk.findMany({ where: { documentId: id }, orderBy: { ordinal: 'asc' } })
		}
		const small = await chunksOf('small.txt')
		await update(slug, { chunkTokens: 500, chunkOverlap: 50 })
		const large = await chunksOf('large.txt')
		const most = (chunks: { text: string }[]) => Math.max(...chunks.map((chunk) => estimateTokens(chunk.text)))
		expect(most(small)).toBeLessThanOrEqual(100)
		expect(most(large)).toBeGreaterThan(300)
		expect(most(large)).toBeLessThanOrEqual(500)
		const repeats = (chunks: { start: number; end: number }[]) => chunks.slice(1).map(({ start }, at) => start < (chunks[at]?.end ?? 0))
		expect(repeats(small)).not.toContain(true)
		expect(repeats(large)).not.toContain(false)
	})
})

it('the sizes of chunks are whole numbers', async () => {
	for (const chunkTokens of ['300', 300.5, true, {}]) {
		expect((await rest(app, 'PUT', '/workspaces/default-workspace', { chunkTokens }, await app.tokenOf('admin'))).status).toBe(400)
	}
})
