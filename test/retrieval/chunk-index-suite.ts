import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChunkIndex, Hit, IndexedChunk } from '../../src/retrieval/chunk-index.ts'

const GENERATION = { id: 1, embedder: 'test', dimensions: 8 }
const NEXT = { id: 2, embedder: 'next', dimensions: 4 }
const WORDS_ONLY = { id: 3, embedder: 'none', dimensions: null }

/** What {@link describeChunkIndex} makes, for who has to tidy up. */
export const GENERATIONS = [GENERATION.id, NEXT.id, WORDS_ONLY.id]

/** The rules of a {@link ChunkIndex}, for any body of it. `open` gives an empty one. */
export function describeChunkIndex(name: string, open: () => Promise<{ index: ChunkIndex; close(): Promise<void> }>) {
	describe(`the chunk index ${name}`, () => {
		let opened: Awaited<ReturnType<typeof open>>
		let lastId = 0

		beforeAll(async () => {
			opened = await open()
			await opened.index.create(GENERATION)
		}, 60_000)
		afterAll(() => opened.close())

		/** A workspace of its own, so that no test sees another's chunks. */
		const newWorkspace = () => {
			const workspaceId = ++lastId
			const { index } = opened
			return {
				workspaceId,
				index,
				chunk: (text: string, vector: IndexedChunk['vector'] = null, documentId = ++lastId): IndexedChunk => ({
					chunkId: ++lastId,
					documentId,
					workspaceId,
					text,
					vector,
				}),
				lexical: async (text: string, limit = 50) =>
					ids((await index.search(GENERATION.id, { workspaceIds: [workspaceId], documentIds: null, text, vector: null, limit })).lexical),
				dense: async (vector: Float32Array, limit = 50) =>
					(await index.search(GENERATION.id, { workspaceIds: [workspaceId], documentIds: null, text: '', vector, limit })).dense,
			}
		}

		it('finds English by the roots of its words, and Chinese by characters and pairs, the best first', async () => {
			const { index, chunk, lexical } = newWorkspace()
			const english = chunk('The runners were running along the river.')
			const other = chunk('A river in spring.')
			const chinese = chunk('黑豹队的防守仅丢了 308分。')
			await index.upsert(GENERATION.id, [english, other, chinese])
			expect(await lexical('Who runs along a river?')).toEqual([english.chunkId, other.chunkId])
			expect(await lexical('黑豹队丢了多少分？')).toEqual([chinese.chunkId])
			expect(await lexical('308')).toEqual([chinese.chunkId])
		})

		it('answers nothing, and no error, for queries that are empty, unknown, or look like operators', async () => {
			const { index, chunk, lexical } = newWorkspace()
			await index.upsert(GENERATION.id, [chunk('plain words')])
			for (const query of [
				'',
				' ',
				'🎉',
				'"',
				'\\',
				'%',
				"'; DROP TABLE x; --",
				'()',
				'AND (',
				'!|&:*',
				'<->',
				'\0',
				'\ud800',
				'unheard-of',
				'未知',
			]) {
				expect(await lexical(query), JSON.stringify(query)).toEqual([])
			}
			expect(await lexical('"plain" AND ('), 'an operator beside a word').toHaveLength(1)
			expect(await lexical('plain '.repeat(50_000)), 'a very long query').toHaveLength(1)
		})

		it('takes any text: very long words, very long chunks, lone surrogates, zero bytes, none at all', async () => {
			const { index, chunk, lexical } = newWorkspace()
			const chunks = ['x'.repeat(1_000_000), '长'.repeat(100_000), '\ud800\0\uffff', '', '🎉', 'sound text'].map((text) => chunk(text))
			await index.upsert(GENERATION.id, chunks)
			expect(await lexical('sound text')).toEqual([chunks.at(-1)?.chunkId])
			expect(await lexical('x'.repeat(1_000_000))).toEqual([chunks[0]?.chunkId])
		})

		it('finds words between quotes, backslashes, operators, emoji and other scripts', async () => {
			const { index, chunk, lexical } = newWorkspace()
			const texts = [
				'He said "quoted" and \'single\'.',
				'C:\\windows\\system32 \\" or 1 == 1',
				'workspace_id in [1, 2] {placeholder} %percent% $dollar',
				'emoji 🎉 between 👩‍👩‍👧 words',
				'數據庫與索引',
				'ひらがな カタカナ 한국어',
				'naïve café Ünïcödé',
				'Привет мир',
				'a\u0000zero\nnewline\ttab',
			]
			const chunks = texts.map((text) => chunk(text))
			await index.upsert(GENERATION.id, chunks)
			const asked = ['"quoted"', 'system32', 'placeholder', 'emoji', '索引', '한국어', 'cafe', 'привет', 'newline']
			for (const [at, query] of asked.entries()) expect(await lexical(query), query).toEqual([chunks[at]?.chunkId])
		})

		it('shows a workspace nothing of another, and as many hits in a small one as if it were alone', async () => {
			const large = newWorkspace()
			const small = newWorkspace()
			const text = 'common words of every chunk'
			await large.index.upsert(
				GENERATION.id,
				Array.from({ length: 1_500 }, (_, at) => large.chunk(`${text}, the ${at}th`, axis(0))),
			)
			const mine = Array.from({ length: 60 }, () => small.chunk(text, axis(0)))
			await small.index.upsert(GENERATION.id, mine)
			const expected = new Set(mine.map(({ chunkId }) => chunkId))
			const found = await small.lexical(text)
			expect(found).toHaveLength(50)
			expect(found.every((id) => expected.has(id))).toBe(true)
			const near = ids(await small.dense(axis(0)))
			expect(near).toHaveLength(50)
			expect(near.every((id) => expected.has(id))).toBe(true)
		})

		it('finds chunks of some documents alone, as many as if there were no others', async () => {
			const { index, chunk, workspaceId } = newWorkspace()
			const [wanted, better] = [3_000_000, 3_000_001]
			const mine = Array.from({ length: 60 }, (_, at) => chunk(`filtered words and ${'padding '.repeat(at)}`, axis(1), wanted))
			await index.upsert(GENERATION.id, [
				...Array.from({ length: 300 }, () => chunk('filtered words', axis(0), better)),
				...mine,
				...Array.from({ length: 300 }, () => chunk('filtered words', axis(0))),
			])
			const search = (documentIds: number[] | null, limit = 50) =>
				index.search(GENERATION.id, { workspaceIds: [workspaceId], documentIds, text: 'filtered words', vector: axis(0), limit })
			const expected = new Set(mine.map(({ chunkId }) => chunkId))
			const { lexical, dense } = await search([wanted, 999_999_999])
			for (const hits of [lexical, dense]) {
				expect(hits).toHaveLength(50)
				expect(hits.every(({ chunkId, documentId }) => expected.has(chunkId) && documentId === wanted)).toBe(true)
			}
			expect(lexical[0]?.chunkId).toBe(mine[0]?.chunkId)
			expect(ids((await search(null, 10)).lexical).some((id) => expected.has(id))).toBe(false)
			expect((await search(Array.from({ length: 20_000 }, (_, at) => 3_000_000 + at))).lexical).toHaveLength(50)
			for (const none of [[], [999_999_999]]) expect(await search(none)).toEqual({ lexical: [], dense: [] })
		})

		it('finds nothing of a document of another workspace, although it is asked for', async () => {
			const [mine, other] = [newWorkspace(), newWorkspace()]
			const secret = other.chunk('a secret', axis(0))
			await mine.index.upsert(GENERATION.id, [secret, mine.chunk('no secret', axis(0))])
			const { workspaceId, index } = mine
			const query = { workspaceIds: [workspaceId], documentIds: [secret.documentId], text: 'secret', vector: axis(0), limit: 10 }
			expect(await index.search(GENERATION.id, query)).toEqual({ lexical: [], dense: [] })
		})

		it('searches several workspaces at once, and no other', async () => {
			const [one, two, third] = [newWorkspace(), newWorkspace(), newWorkspace()]
			const chunks = [one.chunk('several words', axis(0)), two.chunk('several words', axis(0)), third.chunk('several words', axis(0))]
			await one.index.upsert(GENERATION.id, chunks)
			const search = async (...workspaceIds: number[]) => {
				const query = { workspaceIds, documentIds: null, text: 'several', vector: axis(0), limit: 10 }
				const { lexical, dense } = await one.index.search(GENERATION.id, query)
				return [ids(lexical).sort(), ids(dense).sort()]
			}
			const both = [chunks[0]?.chunkId, chunks[1]?.chunkId]
			expect(await search(one.workspaceId, two.workspaceId)).toEqual([both, both])
			expect(await search(999_999_999, two.workspaceId)).toEqual([[chunks[1]?.chunkId], [chunks[1]?.chunkId]])
			expect(await search()).toEqual([[], []])
		})

		it('finds the nearest vectors by their cosine, of float or of byte components', async () => {
			const { index, chunk, dense } = newWorkspace()
			const [same, near, opposite, none] = [
				chunk('same', axis(0)),
				chunk('near', Int8Array.of(100, 100, 0, 0, 0, 0, 0, 0)),
				chunk('opposite', Float32Array.of(-1, 0, 0, 0, 0, 0, 0, 0)),
				chunk('unread', null),
			]
			await index.upsert(GENERATION.id, [same, near, opposite, none])
			const hits = await dense(axis(0))
			expect(ids(hits)).toEqual([same.chunkId, near.chunkId, opposite.chunkId])
			expect(hits[0]).toMatchObject({ documentId: same.documentId })
			for (const [at, cosine] of [1, Math.SQRT1_2, -1].entries()) expect(hits[at]?.score).toBeCloseTo(cosine, 2)
			expect(ids(await dense(axis(0), 1))).toEqual([same.chunkId])
		})

		it('replaces a chunk that is written again, and forgets its vector when it no longer has one', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			const first = chunk('before', axis(0))
			await index.upsert(GENERATION.id, [first])
			await index.upsert(GENERATION.id, [first])
			expect(ids(await dense(axis(0)))).toEqual([first.chunkId])
			await index.upsert(GENERATION.id, [{ ...first, text: 'after', vector: axis(1) }])
			expect(await lexical('before')).toEqual([])
			expect(await lexical('after')).toEqual([first.chunkId])
			expect((await dense(axis(1)))[0]?.score).toBeCloseTo(1, 2)
			await index.upsert(GENERATION.id, [{ ...first, text: 'after', vector: null }])
			expect(await dense(axis(1))).toEqual([])
		})

		it('keeps the last of those that have the same id in one call', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			const first = chunk('earlier', axis(0))
			const last = { ...first, text: 'later', vector: axis(1) }
			await index.upsert(GENERATION.id, [first, chunk('between'), last])
			expect(await lexical('earlier')).toEqual([])
			expect(await lexical('later')).toEqual([first.chunkId])
			expect(await dense(axis(1))).toMatchObject([{ chunkId: first.chunkId, score: expect.closeTo(1, 2) }])
		})

		it('has nothing of a document that is removed once its writing has ended', async () => {
			const { index, chunk, lexical } = newWorkspace()
			const chunks = Array.from({ length: 300 }, () => chunk('in the middle', axis(0), 1_000_000))
			const writing = index.upsert(GENERATION.id, chunks)
			await index.removeDocument(1_000_000)
			await writing
			await index.removeDocument(1_000_000)
			expect(await lexical('middle')).toEqual([])
		})

		it('finds what was written between two searches, and no longer what was removed', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			const first = chunk('word one', axis(0))
			await index.upsert(GENERATION.id, [first])
			expect(ids(await dense(axis(0)))).toEqual([first.chunkId])
			const second = chunk('word two', axis(0))
			await index.upsert(GENERATION.id, [second])
			expect(ids(await dense(axis(0))).sort()).toEqual([first.chunkId, second.chunkId])
			await index.removeDocument(first.documentId)
			await index.removeDocument(first.documentId)
			expect(await lexical('word')).toEqual([second.chunkId])
			expect(ids(await dense(axis(0)))).toEqual([second.chunkId])
		})

		it('lists what it holds by the ids of the chunks, and forgets some of them alone', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			const [first, second, third, fourth] = ['one', 'two', 'three', 'four'].map((text) => chunk(`listed ${text}`, axis(3))) as [
				IndexedChunk,
				IndexedChunk,
				IndexedChunk,
				IndexedChunk,
			]
			await index.upsert(GENERATION.id, [first, second, third, fourth])
			const listed = async (from: number, to: number) =>
				(await index.list(GENERATION.id, from, to))
					.toSorted((a, b) => a.chunkId - b.chunkId)
					.map(({ chunkId, documentId }) => [chunkId, documentId])
			const expected = [first, second, third, fourth].map(({ chunkId, documentId }) => [chunkId, documentId])
			expect(await listed(first.chunkId, 2 ** 31)).toEqual(expected)
			expect(await listed(second.chunkId, fourth.chunkId)).toEqual(expected.slice(1, 3))
			await index.removeChunks([])
			await index.removeChunks([second.chunkId, third.chunkId, 2 ** 31 - 1])
			expect(await listed(first.chunkId, 2 ** 31)).toEqual([expected[0], expected[3]])
			expect(await lexical('listed')).toEqual([first.chunkId, fourth.chunkId])
			expect(ids(await dense(axis(3)))).toEqual([first.chunkId, fourth.chunkId])
		})

		it('still fills its lists after most chunks were removed', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			const chunks = Array.from({ length: 300 }, () => chunk('again and again', axis(2), lastId))
			await index.upsert(GENERATION.id, chunks)
			const documents = [...new Set(chunks.map(({ documentId }) => documentId))]
			for (const documentId of documents.slice(0, 240)) await index.removeDocument(documentId)
			expect(await lexical('again')).toHaveLength(50)
			expect(await dense(axis(2))).toHaveLength(50)
		})

		it('removes a workspace, which may then be filled anew', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			await index.upsert(
				GENERATION.id,
				Array.from({ length: 1_100 }, () => chunk('gone', axis(0))),
			)
			expect(await dense(axis(0))).toHaveLength(50)
			await index.removeWorkspace(chunk('').workspaceId)
			expect(await lexical('gone')).toEqual([])
			expect(await dense(axis(0))).toEqual([])
			const back = chunk('back', axis(0))
			await index.upsert(GENERATION.id, [back])
			expect(await lexical('gone back')).toEqual([back.chunkId])
			expect(ids(await dense(axis(0)))).toEqual([back.chunkId])
		})

		it('keeps generations apart, removes from all of them, and drops one alone', async () => {
			const { index, chunk, lexical, workspaceId } = newWorkspace()
			const [kept, removed] = [chunk('kept', axis(0)), chunk('removed', axis(0))]
			await index.create(NEXT)
			await index.create(NEXT)
			await index.upsert(GENERATION.id, [kept, removed])
			await index.upsert(NEXT.id, [{ ...removed, vector: Float32Array.of(1, 0, 0, 0) }])
			const inNext = (text: string) =>
				index.search(NEXT.id, { workspaceIds: [workspaceId], documentIds: null, text, vector: Float32Array.of(1, 0, 0, 0), limit: 10 })
			expect((await inNext('kept')).lexical).toEqual([])
			expect((await inNext('removed')).dense).toHaveLength(1)
			await index.removeDocument(removed.documentId)
			expect(await inNext('removed')).toEqual({ lexical: [], dense: [] })
			await index.drop(NEXT.id)
			await index.drop(NEXT.id)
			expect(await lexical('kept removed')).toEqual([kept.chunkId])
		})

		it('has generations without vectors', async () => {
			const { index, chunk, workspaceId } = newWorkspace()
			await index.create(WORDS_ONLY)
			const only = chunk('words only', axis(0))
			await index.upsert(WORDS_ONLY.id, [only])
			const found = await index.search(WORDS_ONLY.id, {
				workspaceIds: [workspaceId],
				documentIds: null,
				text: 'words',
				vector: axis(0),
				limit: 10,
			})
			expect({ lexical: ids(found.lexical), dense: found.dense }).toEqual({ lexical: [only.chunkId], dense: [] })
			await index.drop(WORDS_ONLY.id)
		})

		it('is made once, however often and at once that is asked for', async () => {
			const { index, chunk, lexical } = newWorkspace()
			await Promise.all(Array.from({ length: 8 }, () => index.create(GENERATION)))
			const still = chunk('still there')
			await index.upsert(GENERATION.id, [still])
			await index.create(GENERATION)
			expect(await lexical('still')).toEqual([still.chunkId])
		})

		it('searches the words while the vector is being made, and fails with it', async () => {
			const { index, chunk, workspaceId } = newWorkspace()
			const one = chunk('made later', axis(0))
			await index.upsert(GENERATION.id, [one])
			const making = Promise.withResolvers<Float32Array>()
			const searching = index.search(GENERATION.id, {
				workspaceIds: [workspaceId],
				documentIds: null,
				text: 'made',
				vector: making.promise,
				limit: 10,
			})
			making.resolve(axis(0))
			const { lexical, dense } = await searching
			expect([ids(lexical), ids(dense)]).toEqual([[one.chunkId], [one.chunkId]])
			const failing = Promise.reject(new Error('not made'))
			await expect(
				index.search(GENERATION.id, { workspaceIds: [workspaceId], documentIds: null, text: 'made', vector: failing, limit: 10 }),
			).rejects.toThrow('not made')
		})

		it('refuses a vector of another length than the generation', async () => {
			const { index, chunk } = newWorkspace()
			await expect(index.upsert(GENERATION.id, [chunk('short', Float32Array.of(1, 0))])).rejects.toThrow(/2 dimensions/)
		})

		it('answers many at once, while others write', async () => {
			const { index, chunk, dense } = newWorkspace()
			const writing = Array.from({ length: 10 }, () =>
				index.upsert(
					GENERATION.id,
					Array.from({ length: 20 }, () => chunk('busy', axis(0))),
				),
			)
			await Promise.all([...writing, ...Array.from({ length: 30 }, () => dense(axis(0)))])
			expect(await dense(axis(0), 500)).toHaveLength(200)
		})

		it('takes 10,000 chunks, and finds each', async () => {
			const { index, chunk, lexical, dense } = newWorkspace()
			const chunks = Array.from({ length: 10_000 }, (_, at) => chunk(`chunk word${at}`, direction(at), 2_000_000 + (at % 10)))
			await index.upsert(GENERATION.id, chunks)
			for (const at of [0, 199, 200, 4_999, 9_999]) {
				expect(await lexical(`word${at}`)).toEqual([chunks[at]?.chunkId])
				expect((await dense(direction(at), 5)).map(({ score }) => score)[0]).toBeCloseTo(1, 1)
			}
			expect(await lexical('chunk')).toHaveLength(50)
			await index.removeDocument(2_000_009)
			expect(await lexical('word9999')).toEqual([])
			expect(await lexical('word9998')).toHaveLength(1)
		}, 180_000)
	})
}

const ids = (hits: Hit[]) => hits.map(({ chunkId }) => chunkId)

/** The unit vector along one axis. */
export const axis = (at: number, dimensions = 8) => Float32Array.from({ length: dimensions }, (_, i) => (i === at ? 1 : 0))

/** A unit vector, another for each number. */
function direction(seed: number): Float32Array {
	const components = Array.from({ length: 8 }, (_, at) => Math.sin((seed + 1) * (at + 1.3)))
	const length = Math.hypot(...components)
	return Float32Array.from(components, (component) => component / length)
}
