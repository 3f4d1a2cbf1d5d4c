import { describe, expect, it } from 'vitest'
import { textLexemes } from '../../src/retrieval/lexemes.ts'
import { hitsOf, rowOf } from '../../src/retrieval/milvus/rows.ts'

const chunk = { chunkId: 7, documentId: 3, workspaceId: 12, text: 'a river', vector: null }

describe('a row of Milvus', () => {
	it('has the words of the embedded index, in ASCII, as many whole ones as 65,535 bytes hold', () => {
		const text = Array.from({ length: 20_000 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('')
		const { lexemes } = rowOf({ ...chunk, text }, null)
		const all = textLexemes(12, text)
		expect(Buffer.byteLength(all)).toBeGreaterThan(65_535)
		expect(Buffer.byteLength(lexemes)).toBeLessThanOrEqual(65_535)
		expect(`${all} `.startsWith(`${lexemes} `)).toBe(true)
		expect(65_535 - lexemes.length).toBeLessThan(20)
	})

	it('is never empty, as some versions refuse that, nor found by what stands for nothing', () => {
		const { lexemes } = rowOf({ ...chunk, text: '🎉' }, null)
		expect(lexemes).not.toBe('')
		expect(lexemes).not.toMatch(/^w\d/)
	})

	it('has a vector where the generation has vectors, and says whether it is one', () => {
		expect(rowOf({ ...chunk, vector: Int8Array.of(3, -4) }, 2)).toMatchObject({ has_vector: true, dense: [3, -4] })
		expect(rowOf(chunk, 2)).toMatchObject({ has_vector: false, dense: [expect.any(Number), expect.any(Number)] })
		expect(rowOf({ ...chunk, vector: Float32Array.of(1, 0) }, null)).not.toHaveProperty('dense')
		expect(() => rowOf({ ...chunk, vector: Float32Array.of(1) }, 2)).toThrow(/1 dimensions in a generation of 2/)
	})

	it('comes back as a hit, the best first, whatever sign a server gives to BM25', () => {
		const row = (chunk_id: string, score: number) => ({ chunk_id, document_id: '3', score })
		const expected = [5, 1, 2].map((chunkId) => expect.objectContaining({ chunkId, documentId: 3 }))
		for (const sign of [1, -1]) expect(hitsOf([row('2', sign), row('5', sign * 4), row('1', sign)], Math.abs)).toEqual(expected)
	})
})
