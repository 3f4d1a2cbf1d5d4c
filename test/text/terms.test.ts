import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countTerms, queryTerms, terms } from '../../src/text/terms.ts'

const anyText = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.string({
		unit: fc.constantFrom(
			'黑',
			'豹',
			'豹',
			'ガ',
			'グ',
			'한',
			'국',
			'ก',
			'า',
			'run',
			'ning',
			' ',
			'3',
			'É',
			'\u0301',
			'🎉',
			'\ud800',
			'々',
			'ー',
			"'",
		),
	}),
)

describe('terms', () => {
	it('parts Han from letters and digits, and gives it as characters and pairs', () => {
		expect(terms('308分')).toEqual(['308', '分'])
		expect(terms('黑豹队NFL')).toEqual(['黑', '黑豹', '豹', '豹队', '队', 'nfl'])
		expect(terms('印、欧')).toEqual(['印', '欧'])
	})

	it('gives the roots of English words, and other words in lower case without accents', () => {
		expect(terms('Runners were RUNNING')).toEqual(['runner', 'were', 'run'])
		expect(terms('Café ÉCOLE Żółć İstanbul')).toEqual(terms('cafe ecole zołc istanbul'))
		expect(terms('ＡＢＣ１２３ ﬁne')).toEqual(terms('abc123 fine'))
	})

	it('gives traditional characters as their simplified ones, so that both find each other', () => {
		expect(terms('圖書館的資料庫')).toEqual(terms('图书馆的资料库'))
		expect(terms('頭髮與發現，皇后與以後')).toEqual(terms('头发与发现，皇后与以后'))
		expect(queryTerms('臺灣的鐵路何時電氣化？')).toEqual(queryTerms('台湾的铁路何时电气化？'))
	})

	it('gives kana, hangul and Thai as pairs, and a lone one as it is', () => {
		expect(terms('データ')).toEqual(['デー', 'ータ'])
		expect(terms('한국어')).toEqual(['한국', '국어'])
		expect(terms('水と火')).toEqual(['水', 'と', '火'])
	})

	it('gives nothing for what has no letters or digits', () => {
		expect(terms('🎉🎉 — …！？ "%\\" \0')).toEqual([])
		expect(queryTerms('🎉')).toEqual([])
	})

	it('gives terms of letters, digits, marks and Han, at most 64 long, of any text', () => {
		fc.assert(
			fc.property(anyText, (text) => {
				for (const term of terms(text)) expect(term).toMatch(/^[\p{L}\p{N}\p{M}\p{Script=Han}ー]{1,64}$/v)
			}),
			{ examples: [['⺀ and ⼀']] }, // radicals are no letters
		)
	})

	it('takes time in proportion to the text, whatever it consists of', () => {
		for (const part of ['中', 'a', 'a ', 'が', 'é', '\u0301', 'กา', '\ud800', '1 ', '的']) {
			const text = part.repeat(200_000 / part.length)
			const started = process.cpuUsage()
			terms(text)
			queryTerms(text)
			expect(process.cpuUsage(started).user / 1000, JSON.stringify(part)).toBeLessThan(2_000) // quadratic: minutes
		}
	})
})

describe('terms of a question', () => {
	it('leaves out question and function words of English and Chinese', () => {
		expect(queryTerms('What is the name of the runner?')).toEqual(['name', 'runner'])
		expect(queryTerms('谁在什么时候发现了它？')).toEqual(queryTerms('在 发现了它'))
		expect(queryTerms('為什麼梵語重要？')).toEqual(queryTerms('梵語重要'))
		expect(queryTerms('几何学')).toContain('几何')
	})

	it('keeps them where there is nothing else, and each term once', () => {
		expect(queryTerms('To be or not to be?')).toEqual(['to', 'be', 'or', 'not'])
		expect(queryTerms('什么')).toEqual(['什', '什么', '么'])
	})
})

describe('counting terms', () => {
	it('finds words whose roots begin with another letter', () => {
		const text = 'Dying skies, lying early; tied ties, the youngest of gently aged toys. Éa!'
		expect([...countTerms(text, new Set(terms(text))).counts.keys()].sort()).toEqual([...new Set(terms(text))].sort())
	})

	it('counts what terms() would have, for any text and any question', () => {
		fc.assert(
			fc.property(anyText, anyText, (text, query) => {
				const wanted = new Set([...terms(query), ...terms(text).slice(0, 5)])
				const expected = new Map<string, number>()
				for (const term of terms(text)) if (wanted.has(term)) expected.set(term, (expected.get(term) ?? 0) + 1)
				expect(countTerms(text, wanted).counts).toEqual(expected)
			}),
		)
	})
})
