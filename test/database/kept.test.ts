import { beforeEach, describe, expect, it } from 'vitest'
import { createGather } from '../../src/database/gathering.ts'
import { createKept } from '../../src/database/kept.ts'

let written = 0
const writes = () => written
beforeEach(() => {
	written = 0
})

describe('what was read', () => {
	it('is kept until something is written, what is not there too', () => {
		const kept = createKept(writes)
		const keep = kept.begin('kind')
		keep('a', 1)
		keep('b', undefined)
		expect([kept.of('kind')?.get('a'), kept.of('kind')?.has('b'), kept.of('other')]).toEqual([1, true, undefined])
		written++
		expect(kept.of('kind')).toBeUndefined()
	})

	it('is not kept when something was written after the reading began', () => {
		const kept = createKept(writes)
		const keep = kept.begin('kind')
		written++
		kept.of('kind') // looks, and finds that something was written
		keep('a', 1)
		expect(kept.of('kind')).toBeUndefined()
	})

	it('is kept for no longer than it may be', () => {
		const kept = createKept(writes, 0)
		kept.begin('kind')('a', 1)
		expect(kept.of('kind')).toBeUndefined()
	})

	it('takes so much memory and no more', () => {
		const kept = createKept(writes)
		const megabytes = (count: number) => 'x'.repeat(count * 500_000)
		const keep = kept.begin('kind')
		keep('small', { rows: [megabytes(1)] })
		keep('too large', [megabytes(17)])
		expect([...(kept.of('kind')?.keys() ?? [])]).toEqual(['small'])
		keep('large', [megabytes(15)])
		expect([...(kept.of('kind')?.keys() ?? [])]).toEqual(['large'])
		keep(megabytes(2), 'small with a long key')
		expect(kept.of('kind')?.size).toBe(1)
	})
})

describe('gathered reads', () => {
	it('are statements only after something was written', async () => {
		const gather = createGather(writes)
		let statements = 0
		const read = async (keys: string[]) => {
			statements++
			return new Map(keys.map((key) => [key, `${key} ${written}`]))
		}
		expect([await gather('kind', 'a', read), await gather('kind', 'a', read), statements]).toEqual(['a 0', 'a 0', 1])
		written++
		expect([await gather('kind', 'a', read), statements]).toEqual(['a 1', 2])
	})

	it('that something is written in the middle of are given to whoever asked, and not kept', async () => {
		const gather = createGather(writes)
		const read = async (keys: string[]) => {
			written++
			return new Map(keys.map((key) => [key, written]))
		}
		expect(await gather('kind', 'a', read)).toBe(1)
		expect(await gather('kind', 'a', read)).toBe(2)
	})
})
