import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, takeIn, textFile } from '../support/documents.ts'
import { deleteDocument, getDocument, getDocumentText, replaceDocument, reprocessDocument, search } from '../support/operations.ts'
import { surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const rounds = [1, 2, 3]

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

/** Of several chunks, each with both words. */
const text = (word: string, edition: string): string =>
	Array.from(
		{ length: 5 },
		(_, part) => `# Part ${part} ${edition}\n\nThe ${word} of the ${edition} turns. ${`It turns, in part ${part}, again. `.repeat(40)}`,
	).join('\n\n')

describe.each(surfaces)('at once over $name', (surface) => {
	const replace = (documentId: number, content: string) =>
		surface.ask(app, replaceDocument, { slug, documentId, input: { file: textFile('edition.md', content) } }, admin)
	const make = async (content: string): Promise<number> => Number((await takeIn(app, slug, textFile('edition.md', content), admin)).id)

	/** The editions that a search sees, each with the number of its chunks. */
	async function seen(word: string): Promise<Record<string, number>> {
		const { data } = await surface.ask(app, search, { slug, query: `the ${word} turns`, limit: 50, join: false, fold: false }, admin)
		const counts: Record<string, number> = {}
		for (const { chunk } of data.results as { chunk: string }[]) {
			const [, edition] = new RegExp(`The ${word} of the (\\w+) turns`).exec(chunk) ?? []
			if (edition) counts[edition] = (counts[edition] ?? 0) + 1
		}
		return counts
	}

	it.each(rounds)('searches see the old version whole or the new one (%s)', async (round) => {
		const word = `kaleidoscope${surface.name}${round}`
		const id = await make(text(word, 'first'))
		const whole = await seen(word)
		expect(whole).toEqual({ first: expect.any(Number) })
		const total = whole['first']
		expect(total).toBeGreaterThan(1)
		await replace(id, text(word, 'second'))
		let isRunning = true
		const looking = Promise.all(
			[1, 2].map(async () => {
				const views: Record<string, number>[] = []
				while (isRunning) views.push(await seen(word))
				return views
			}),
		)
		await ended(app, slug, id)
		isRunning = false
		for (const view of (await looking).flat()) expect([{ first: total }, { second: total }]).toContainEqual(view)
		expect(await seen(word)).toEqual({ second: total })
	})

	it.each(rounds)('the last of several new versions is the one (%s)', async (round) => {
		const word = `carousel${surface.name}${round}`
		const id = await make(text(word, 'first'))
		const replies = await Promise.all(['second', 'third', 'fourth'].map((edition) => replace(id, text(word, edition))))
		expect(replies.map(({ code }) => code)).toEqual([undefined, undefined, undefined])
		await ended(app, slug, id)
		const { data } = await surface.ask(app, getDocumentText, { slug, documentId: id }, admin)
		const [, edition = ''] = /of the (\w+) turns/.exec(data.text) ?? []
		expect(['second', 'third', 'fourth']).toContain(edition)
		expect(Object.keys(await seen(word))).toEqual([edition])
		expect(await app.prisma.document.count({ where: { replacesId: id } })).toBe(0)
		expect(await app.prisma.chunk.count({ where: { documentId: id } })).toBe(
			(await app.prisma.document.findUniqueOrThrow({ where: { id } })).chunkCount,
		)
	})

	it.each(rounds)('a document gets a new version or is gone (%s)', async (round) => {
		const word = `pendulum${surface.name}${round}`
		const id = await make(text(word, 'first'))
		const [replaced, removed, again] = await Promise.all([
			replace(id, text(word, 'second')),
			surface.ask(app, deleteDocument, { slug, documentId: id }, admin),
			surface.ask(app, reprocessDocument, { slug, documentId: id }, admin),
		])
		expect(removed.code).toBeUndefined()
		for (const { code } of [replaced, again]) expect([undefined, 'NOT_FOUND']).toContain(code)
		expect((await surface.ask(app, getDocument, { slug, documentId: id }, admin)).code).toBe('NOT_FOUND')
		expect(await seen(word)).toEqual({})
		expect(await app.prisma.document.count({ where: { OR: [{ id }, { replacesId: id }] } })).toBe(0)
	})

	it.each(rounds)('a new version and the same once more end as one (%s)', async (round) => {
		const word = `windmill${surface.name}${round}`
		const id = await make(text(word, 'first'))
		const replies = await Promise.all([
			replace(id, text(word, 'second')),
			surface.ask(app, reprocessDocument, { slug, documentId: id }, admin),
		])
		expect(replies.map(({ code }) => code)).toEqual([undefined, undefined])
		await ended(app, slug, id)
		expect(Object.keys(await seen(word))).toEqual(['second'])
		const { data } = await surface.ask(app, getDocument, { slug, documentId: id }, admin)
		expect(data.document).toMatchObject({ processed: true, pendingVersion: null, originalName: 'edition.md' })
	})
})
