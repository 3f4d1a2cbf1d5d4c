import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queryLexemes, textLexemes } from '../../src/retrieval/lexemes.ts'

describe('lexemes', () => {
	it('are ASCII words that begin with a letter, whatever the text', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1 }), fc.string({ unit: 'binary' }), (workspaceId, text) => {
				expect(textLexemes(workspaceId, text)).toMatch(/^(w\d+[az][a-z0-9]{1,256}( |$))*$/)
				expect(queryLexemes([workspaceId], text)).toMatch(/^(w\d+[az][a-z0-9]{1,256}( |$))*$/)
			}),
		)
	})

	it('are the same for two words only in one workspace and of one term', () => {
		const words = ['1', '11', 'a', 'z1', '中', '㐀', '中国', 'é中', 'ж', 'жа', '𠀀', 'w1a']
		const all = [1, 11, 111].flatMap((workspaceId) => words.flatMap((word) => textLexemes(workspaceId, word).split(' ')))
		const distinctTerms = new Set(words.flatMap((word) => textLexemes(1, word).split(' '))).size
		expect(new Set(all).size).toBe(3 * distinctTerms)
	})

	it('are the same in a text and in the query for it', () => {
		expect(queryLexemes([7], '黑豹 runner').split(' ').sort()).toEqual(textLexemes(7, 'runners 黑豹').split(' ').sort())
	})

	it('of a query are for each of its workspaces', () => {
		expect(queryLexemes([7, 8], 'runner')).toBe(`${queryLexemes([7], 'runner')} ${queryLexemes([8], 'runner')}`)
		expect([queryLexemes([7, 8], '?!'), queryLexemes([], 'runner')]).toEqual(['', ''])
	})

	it('have an end', () => {
		expect(textLexemes(1, '长 '.repeat(100_000)).split(' ')).toHaveLength(10_000)
		const words = Array.from({ length: 1_000 }, (_, i) => `word${i}`).join(' ')
		expect(queryLexemes([1], words).split(' ')).toHaveLength(128)
		const many = Array.from({ length: 1_000 }, (_, at) => at + 1)
		expect(queryLexemes(many, words).split(' ').length).toBeLessThanOrEqual(5_000)
	})
})
