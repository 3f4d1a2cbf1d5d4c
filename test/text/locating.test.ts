import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinedSpans, locate } from '../../src/text/locating.ts'
import { queryTerms, terms } from '../../src/text/terms.ts'

const found = (text: string, query: string) => {
	const located = locate(text, new Set(queryTerms(query)))
	return joinedSpans(located).map(({ start, end }) => text.slice(start, end))
}

describe('locating the terms of a question', () => {
	it.each([
		['The runners RAN; a runner is running.', 'run', ['running']],
		['The runners RAN; a runner is running.', 'Which runner?', ['runners', 'runner']],
		['Naïve café', 'cafe', ['café']],
		['Cafe\u0301 au lait', 'café', ['Cafe\u0301']],
		['图书馆每周一闭馆', '图书馆星期几闭馆？', ['图书馆', '闭馆']],
		['臺灣的圖書館', '图书馆', ['圖書館']],
		['水、火與水牛', '水', ['水', '水']],
		['308分，第3次', '308分', ['308分']],
		['データベース', 'データ', ['データ']],
		['한국어 문서', '한국어', ['한국어']],
		['𠮷野家 and 🎉 SKU-00417', 'SKU-00417 𠮷野家', ['𠮷野家', 'SKU', '00417']],
	])('in %j of %j', (text, query, expected) => {
		expect(found(text, query)).toEqual(expected)
	})

	it('gives offsets of what has the term, for any text', () => {
		const text = fc.string({ unit: fc.constantFrom('图', '圖', '書', 'run', 'ning', ' ', '\u0301', 'é', '🎉', 'ガ', '가', '3', 'ﬁ', '①') })
		fc.assert(
			fc.property(text, text, (one, query) => {
				const wanted = new Set(terms(query))
				for (const { term, start, end } of locate(one, wanted)) {
					expect(start).toBeLessThan(end)
					expect(end).toBeLessThanOrEqual(one.length)
					expect(terms(one.slice(start, end))).toContain(term)
				}
			}),
		)
	})
})
