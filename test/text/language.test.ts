import { describe, expect, it } from 'vitest'
import { languageOf } from '../../src/text/language.ts'

describe('the language of a query', () => {
	it.each([
		['图书馆星期几闭馆？', 'zh-Hans'],
		['圖書館星期幾閉館？', 'zh-Hant'],
		['北京大学', 'zh-Hans'],
		['中山路', 'zh'],
		['GB/T 7714-2015 的参考文献格式', 'zh-Hans'],
		['図書館は何曜日に休みますか', 'ja'],
		['도서관은 언제 쉬나요?', 'ko'],
		['When is the library closed?', 'en'],
		['Wann öffnet die Bücherei?', 'und'],
		['Когда закрыта библиотека?', 'und'],
		['Who wrote the poem called 静夜思 in English?', 'en'],
		['SKU-00417', 'en'],
		['2015', 'und'],
		['😀', 'und'],
		['', 'und'],
	])('of %j is %s', (query, language) => {
		expect(languageOf(query)).toBe(language)
	})
})
