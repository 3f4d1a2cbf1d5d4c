import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stretchesOf, windowsOf } from '../../src/embedding/local/windows.ts'
import { isLatin } from '../../src/embedding/reads.ts'

const tokens = fc.array(fc.integer({ min: 1000, max: 30_000 }), { maxLength: 2_000 })

describe('windows of a text', () => {
	it('hold all tokens in order, none more than the model takes', () => {
		fc.assert(
			fc.property(tokens, (ids) => {
				const windows = windowsOf(3, ids)
				expect(windows.flatMap(({ ids }) => ids.slice(1, -1))).toEqual(ids)
				for (const { text, ids } of windows) {
					expect(text).toBe(3)
					expect(ids.length).toBeLessThanOrEqual(256)
					expect([ids[0], ids.at(-1)]).toEqual([101, 102])
				}
			}),
		)
	})

	it('are about as long as each other', () => {
		expect(
			windowsOf(
				0,
				Array.from({ length: 300 }, () => 1),
			).map(({ ids }) => ids.length),
		).toEqual([152, 152])
	})

	it('are made of stretches that are all of a text, and cut no word that is not long', () => {
		fc.assert(
			fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 200 }), (words) => {
				const text = words.join(' ')
				expect([...stretchesOf(text)].join('')).toBe(text)
				for (const stretch of [...stretchesOf(text)].slice(1)) expect(stretch).toMatch(/^ /)
			}),
		)
		expect([...stretchesOf('x'.repeat(10_000))].map(({ length }) => length)).toEqual([4_096, 4_096, 1_808])
		expect([...stretchesOf('')]).toEqual([])
	})

	it('are one for an empty text', () => {
		expect(windowsOf(0, [])).toEqual([{ text: 0, ids: [101, 102] }])
	})
})

describe('what the local model reads', () => {
	it.each(['Hello, world', 'Wie heißt der Fluss?', 'The iPhone 15 小米', 'a'])('%s', (text) => expect(isLatin(text)).toBe(true))
	it.each(['黑豹队丢了多少分？', '使用 API 部署服务的完整步骤说明', 'Привет', 'こんにちは', '2016', '', '🎉'])('not %s', (text) => {
		expect(isLatin(text)).toBe(false)
	})
})
