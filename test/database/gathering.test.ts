import { describe, expect, it } from 'vitest'
import { createGather, together } from '../../src/database/gathering.ts'
import { Unavailable } from '../../src/errors.ts'

/** Reads under way, for the test to answer. */
function reading() {
	const statements: { keys: string[]; answer: PromiseWithResolvers<ReadonlyMap<string, string>> }[] = []
	let begun = Promise.withResolvers<void>()
	return {
		statements,
		read(keys: string[]) {
			const answer = Promise.withResolvers<ReadonlyMap<string, string>>()
			statements.push({ keys, answer })
			begun.resolve()
			begun = Promise.withResolvers()
			return answer.promise
		},
		next: () => begun.promise,
	}
}

const echo = async (keys: string[]) => new Map(keys.map((key) => [key, key.toUpperCase()]))

describe('reads that are gathered', () => {
	it('are one statement when they come at once, each thing once', async () => {
		const gather = createGather()
		const asked: string[][] = []
		const read = (keys: string[]) => {
			asked.push(keys)
			return echo(keys)
		}
		expect(await Promise.all(['a', 'b', 'a'].map((key) => gather('kind', key, read)))).toEqual(['A', 'B', 'A'])
		expect(asked).toEqual([['a', 'b']])
	})

	it('begin after they were asked for: what comes while a statement runs is for the next', async () => {
		const gather = createGather()
		const { statements, read, next } = reading()
		let begun = next()
		const first = gather('kind', 'a', read)
		await begun
		const [again, other] = [gather('kind', 'a', read), gather('kind', 'b', read)]
		begun = next()
		statements[0]?.answer.resolve(new Map([['a', 'old']]))
		expect(await first).toBe('old')
		await begun
		expect(statements[1]?.keys).toEqual(['a', 'b'])
		statements[1]?.answer.resolve(new Map([['a', 'new']]))
		expect(await again).toBe('new')
		expect(await other).toBeUndefined()
	})

	it('of another kind do not wait', async () => {
		const gather = createGather()
		const { read } = reading()
		void gather('stuck', 'a', read)
		expect(await gather('kind', 'a', echo)).toBe('A')
	})

	it('do not wait for long for a statement that hangs', async () => {
		const gather = createGather()
		const { statements, read, next } = reading()
		const begun = next()
		void gather('kind', 'a', read)
		await begun
		const again = next()
		const second = gather('kind', 'b', read)
		await again
		statements[1]?.answer.resolve(new Map([['b', 'B']]))
		expect(await second).toBe('B')
	})

	it('keep the error of one from the others, and share that of the database', async () => {
		const gather = createGather()
		const read = async (keys: string[]) => {
			if (keys.includes('bad')) throw new Error('bad')
			return echo(keys)
		}
		const settled = await Promise.allSettled(['a', 'bad', 'b'].map((key) => gather('kind', key, read)))
		expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])

		let statements = 0
		const away = async (): Promise<Map<string, string>> => {
			statements++
			throw new Unavailable('database', new Error('gone'))
		}
		const refused = await Promise.allSettled(['a', 'b'].map((key) => gather('away', key, away)))
		expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
		expect(statements).toBe(1)
	})

	it('are more than one statement where there are many', async () => {
		const gather = createGather()
		const sizes: number[] = []
		const keys = Array.from({ length: 70 }, (_, at) => `key-${at}`)
		const read = (some: string[]) => {
			sizes.push(some.length)
			return echo(some)
		}
		expect(await Promise.all(keys.map((key) => gather('kind', key, read)))).toHaveLength(70)
		expect(sizes).toEqual([32, 32, 6])
	})

	it('of the same list are one, for whoever asks while none is being read', async () => {
		const gather = createGather()
		let reads = 0
		const read = async () => ++reads
		expect(await Promise.all([together(gather, 'list', read), together(gather, 'list', read), together(gather, 'other', read)])).toEqual([
			1, 1, 2,
		])
		expect(await together(gather, 'list', read)).toBe(3)
	})
})
