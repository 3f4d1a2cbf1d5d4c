import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dotProducts } from '../../src/retrieval/vectors/dot-products.ts'
import { quantise, VectorSet } from '../../src/retrieval/vectors/vector-set.ts'

const bytes = (length: number) => fc.int8Array({ minLength: length, maxLength: length })

describe('dot products', () => {
	it('are what a plain loop gives, for any bytes and more rows than fit into the memory at once', () => {
		const query = Int8Array.from({ length: 4096 }, (_, i) => (i % 255) - 128)
		const vectors = Int8Array.from({ length: 4096 * 1500 }, (_, i) => ((i * 7919) % 256) - 128)
		const expected = Array.from({ length: 1500 }, (_, row) =>
			query.reduce((sum, value, i) => sum + value * (vectors[row * 4096 + i] ?? 0), 0),
		)
		expect([...dotProducts(vectors, query)]).toEqual(expected)
	})

	it('hold the largest values', () => {
		const lowest = new Int8Array(4096).fill(-128)
		expect([...dotProducts(lowest, lowest)]).toEqual([4096 * 128 * 128])
	})
})

describe('a set of vectors', () => {
	it('finds the nearest by cosine after any puts, replacements and removals', () => {
		const dimensions = 11
		const change = fc.record({ id: fc.integer({ min: 1, max: 20 }), vector: fc.option(bytes(dimensions)) })
		fc.assert(
			fc.property(fc.array(change, { maxLength: 60 }), bytes(dimensions), fc.integer({ min: 1, max: 25 }), (changes, query, limit) => {
				const set = new VectorSet(dimensions)
				const expected = new Map<number, Int8Array>()
				for (const { id, vector } of changes) {
					if (vector) set.put(id, id * 10, vector)
					else set.remove(id)
					if (vector) expected.set(id, vector)
					else expected.delete(id)
				}
				const { chunkIds, documentIds, scores } = set.nearest(query, limit)
				const cosines = new Map([...expected].map(([id, vector]) => [id, cosine(vector, query)]))
				const best = [...cosines.values()].sort((a, b) => b - a).slice(0, limit)
				expect(set.size).toBe(expected.size)
				expect(scores).toHaveLength(best.length)
				for (const [at, score] of scores.entries()) {
					expect(score).toBeCloseTo(best[at] ?? Number.NaN, 5)
					expect(score).toBeCloseTo(cosines.get(chunkIds[at] ?? 0) ?? Number.NaN, 5)
					expect(documentIds[at]).toBe((chunkIds[at] ?? 0) * 10)
				}
			}),
		)
	})

	it('keeps what it is told to', () => {
		const set = new VectorSet(8)
		for (const id of [1, 2, 3, 4]) set.put(id, 0, Int8Array.of(id, 1, 1, 1, 1, 1, 1, 1))
		set.keep([4, 2, 9])
		expect([...set.nearest(new Int8Array(8).fill(1), 9).chunkIds].sort()).toEqual([2, 4])
	})

	it('holds a unit vector in bytes to within a hundredth of its cosines', () => {
		fc.assert(
			fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 }), (components) => {
				fc.pre(components.some((component) => Math.abs(component) > 0.01))
				expect(cosine(quantise(Float32Array.from(components)), components)).toBeGreaterThan(0.99)
			}),
		)
		expect([...quantise(new Float32Array(3))]).toEqual([0, 0, 0])
	})
})

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
	const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
	return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1)
}
