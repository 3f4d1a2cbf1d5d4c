import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/database.ts'
import type { Embedder, EmbeddingKind } from '../../src/embedding/embedder.ts'
import { keepingVectors } from '../../src/embedding/kept-vectors.ts'

const never = new AbortController().signal
const directory = mkdtempSync(path.join(tmpdir(), 'kept-vectors-'))
let database: Awaited<ReturnType<typeof openDatabase>>
beforeAll(async () => {
	database = await openDatabase({ url: undefined, directory, durable: false, report: console.error })
})
afterAll(async () => {
	await database.close()
	rmSync(directory, { recursive: true })
})
beforeEach(() => database.prisma.keptVector.deleteMany())

/** Tells what it was asked, and is paid for it. */
function paid({ id = 'some/model', dimensions = 3, maxKept = 100 } = {}) {
	const asked: string[][] = []
	const problems: string[] = []
	const remote: Embedder = {
		...{ id, dimensions: null, languages: null, weight: 0.5, unrelated: 0, reads: () => true, stop: async () => undefined },
		limits: { maxTokens: 500, maxTexts: 32, maxRequestTokens: null },
		async embed(texts) {
			asked.push([...texts])
			return texts.map((text) => Float32Array.from({ length: dimensions }, (_, at) => (at === 0 ? text.length : Math.fround(Math.PI))))
		},
	}
	const embedder = keepingVectors(remote, { pool: database.pool, report: (problem) => problems.push(problem), maxKept })
	return { asked, problems, embed: (texts: string[], kind: EmbeddingKind = 'passage') => embedder.embed(texts, kind, never) }
}

it('a text is paid for once, by whoever and in whatever process, and comes back as it was', async () => {
	const [first, second] = [paid(), paid()]
	const made = await first.embed(['one', 'three', 'one'])
	expect(first.asked).toEqual([['one', 'three']])
	expect(await second.embed(['three', 'five!', 'one'])).toEqual([made[1], Float32Array.of(5, Math.PI, Math.PI), made[0]])
	expect(second.asked).toEqual([['five!']])
	expect(await second.embed(['one'])).toEqual([made[0]])
	expect(second.asked).toHaveLength(1)
	expect([...first.problems, ...second.problems]).toEqual([])
})

it('another embedder, and a question, are asked themselves', async () => {
	await paid().embed(['one'])
	const [other, question] = [paid({ id: 'some/other' }), paid()]
	await other.embed(['one'])
	await question.embed(['one'], 'query')
	expect([other.asked, question.asked]).toEqual([[['one']], [['one']]])
	expect(await database.prisma.keptVector.count()).toBe(2)
})

it('neither the text nor the vector is in what is kept', async () => {
	await paid().embed(['a secret'])
	const [row] = await database.prisma.keptVector.findMany()
	const kept = Buffer.from(row?.sealed ?? [])
	expect(kept.includes('secret')).toBe(false)
	expect(kept.includes(Buffer.from(Float32Array.of(Math.PI).buffer))).toBe(false)
})

it('the oldest go first', async () => {
	const small = paid({ maxKept: 3 })
	for (const text of ['1', '22', '333', '4444', '55555']) await small.embed([text])
	expect(await database.prisma.keptVector.count()).toBe(3)
	await small.embed(['1', '55555'])
	expect(small.asked.at(-1)).toEqual(['1'])
})

it('a damaged one, and those of a model that has changed, are made again', async () => {
	const before = paid()
	await before.embed(['one', 'two'])
	await database.pool.query(
		`UPDATE "KeptVector" SET sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1) WHERE id = (SELECT min(id) FROM "KeptVector")`,
	)
	await before.embed(['one', 'two'])
	expect(before.asked.slice(1)).toHaveLength(1)
	expect(before.asked[1]).toHaveLength(1)
	const changed = paid({ dimensions: 5 })
	const made = await changed.embed(['one', 'two', 'new'])
	expect(new Set(made.map(({ length }) => length))).toEqual(new Set([5]))
	expect((await changed.embed(['one', 'two', 'new'])).map(({ length }) => length)).toEqual([5, 5, 5])
	expect(changed.asked).toHaveLength(2)
})

it('is done without while it cannot be read or written', async () => {
	const one = paid()
	await database.pool.query('ALTER TABLE "KeptVector" RENAME TO "Away"')
	try {
		expect(await one.embed(['one'])).toEqual([Float32Array.of(3, Math.PI, Math.PI)])
		expect(one.problems).toHaveLength(2)
	} finally {
		await database.pool.query('ALTER TABLE "Away" RENAME TO "KeptVector"')
	}
})
