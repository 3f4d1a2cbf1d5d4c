import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, detectEncoding } from '../../../src/documents/parsing/encoding.ts'

/** The bytes of `text` in a table encoding: what the decoder reads as each of its characters. */
function encode(text: string, encoding: string): Uint8Array {
	return Uint8Array.from([...text].flatMap((character) => bytesOf(encoding).get(character) ?? [0x3f]))
}

const tables = new Map<string, Map<string, number[]>>()

function bytesOf(encoding: string): Map<string, number[]> {
	const known = tables.get(encoding)
	if (known) return known
	const table = new Map<string, number[]>()
	const decoder = new TextDecoder(encoding, { fatal: true })
	const add = (...bytes: number[]) => {
		try {
			const [character = '', ...rest] = decoder.decode(Uint8Array.from(bytes))
			if (rest.length === 0 && !table.has(character)) table.set(character, bytes)
		} catch {
			// No character has these bytes.
		}
	}
	for (let first = 0; first < 0x100; first++) add(first)
	if (!/windows|koi8/.test(encoding))
		for (let first = 0x81; first < 0xff; first++) for (let second = 0x40; second < 0xff; second++) add(first, second)
	tables.set(encoding, table)
	return table
}

const zh = '为了规范对外劳务合作，保障劳务人员的合法权益，促进对外劳务合作健康发展，制定本条例。'
const tw = '這個計畫的目標是讓更多人可以在網路上找到他們需要的資料，並且瞭解其來源。'

describe('the encoding of a text without a mark', () => {
	it.each([
		['gb18030', zh],
		['gb18030', '合同编号：2024-001'],
		['gb18030', '会议纪要'],
		['big5', tw],
		['shift_jis', '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。'],
		['euc-jp', '会議資料を添付しましたのでご確認ください。'],
		['euc-kr', '안녕하세요. 대한민국의 수도는 서울입니다.'],
		['windows-1252', 'Le café est situé près de la forêt. Où êtes-vous allé cet été ?'],
		['windows-1252', 'Die Straße führt über die Brücke; 28.5°E.'],
		['windows-1251', 'Москва — столица России. Население около 13 миллионов человек.'],
		['koi8-r', 'Это простой текст на русском языке, как дела?'],
		['windows-1250', 'Umowa została podpisana przez obie strony w Łodzi. Wartość wynosi sto złotych.'],
		['windows-1253', 'Η Αθήνα είναι η πρωτεύουσα της Ελλάδας.'],
		['windows-1254', 'Türkiye Cumhuriyeti’nin başkenti Ankara’dır. İstanbul ise en kalabalık şehirdir.'],
		['windows-1255', 'ירושלים היא בירת ישראל. שלום לכולם.'],
		['windows-1256', 'القاهرة هي عاصمة جمهورية مصر العربية'],
	])('is found for %s, short and long: %s', (encoding, text) => {
		expect(decode(encode(text, encoding))).toBe(text)
		const long = `${'A preface in plain letters. '.repeat(300)}${`${text}\n`.repeat(300)}`
		expect(decode(encode(long, encoding))).toBe(long)
		const table = text.replace(/[\s，。、,.]+/gu, ',').repeat(100)
		expect(decode(encode(table, encoding))).toBe(table)
	})

	it('is found for GB18030 beyond GBK, and for a name alone', () => {
		const beyond = Buffer.from('b4f3d6d09530f930b9fabec9', 'hex') // with a character of four bytes
		expect(decode(beyond)).toBe(new TextDecoder('gb18030').decode(beyond))
		for (const name of ['张伟', '合同', '北京市', '价格：100元']) expect(decode(encode(name, 'gb18030'))).toBe(name)
	})

	it('is UTF-16 for a table of numbers and few words', () => {
		const text = '編號\t1\t2\n'.repeat(2_000)
		expect(decode(Buffer.from(text, 'utf16le'))).toBe(text)
	})

	it.each(['utf16le', 'utf16be'] as const)('is found for %s, Chinese or English', (encoding) => {
		for (const text of [zh, 'Plain English text, nothing else.\n']) {
			const bytes = Buffer.from(text, 'utf16le')
			expect(decode(encoding === 'utf16be' ? bytes.swap16() : bytes)).toBe(text)
		}
	})

	it('is UTF-8 whatever the text, and with a mark UTF-16', () => {
		const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => !each.startsWith('\ufeff') && !/[\0-\x1f]/.test(each))
		fc.assert(
			fc.property(text, (each) => {
				expect(decode(Buffer.from(each))).toBe(each)
				expect(decode(Buffer.from(`\ufeff${each}`, 'utf16le'))).toBe(each)
			}),
		)
	})

	it('is UTF-8 with a few broken characters rather than anything else', () => {
		const bytes = Buffer.from(zh.repeat(3))
		bytes[31] = 0xff
		expect(decode(bytes)).toContain('促进对外劳务合作健康发展')
	})

	it('is what the file says where that fits', () => {
		expect(detectEncoding(encode('été', 'windows-1250'), { declared: 'windows-1250' })).toBe('windows-1250')
		expect(detectEncoding(Buffer.from('中文'), { declared: 'gbk' })).toBe('utf-8')
	})

	it('is found in the head of a file that is cut inside a character', () => {
		expect(detectEncoding(Buffer.from(zh).subarray(0, 40), { truncated: true })).toBe('utf-8')
		expect(detectEncoding(encode(zh, 'gb18030').subarray(0, 41), { truncated: true })).toBe('gb18030')
	})

	it('is none for noise', () => {
		const noise = fc.uint8Array({ minLength: 200, maxLength: 2000 }).filter((bytes) => new Set(bytes).size > 100)
		fc.assert(
			fc.property(noise, (bytes) => {
				expect(detectEncoding(Uint8Array.of(0x80, 0, 1, 2, 0xff, ...bytes))).toBe(null)
			}),
		)
	})
})
