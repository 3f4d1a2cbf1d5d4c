import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, detectEncoding } from '../../../src/documents/parsing/encoding.ts'
import { encodedTexts } from './encoding-texts.ts'

/** The bytes of `text` in a table encoding: what the decoder reads as each of its characters. */
function encode(text: string, encoding: string): Uint8Array {
	if (encoding.startsWith('utf-16')) {
		const bytes = Buffer.from(text, 'utf16le')
		return encoding === 'utf-16be' ? bytes.swap16() : bytes
	}
	return Uint8Array.from([...text].flatMap((character) => bytesOf(encoding).get(character) ?? partsOf(character, encoding)))
}

/** Vietnamese has its tones behind their vowels; what no table of two bytes has, GB18030 has in four. */
function partsOf(character: string, encoding: string): number[] {
	const marks = [...character.normalize('NFD')]
	const tone = marks.findIndex((mark) => /[\u0300\u0301\u0303\u0309\u0323]/.test(mark))
	if (tone > 0) {
		const [mark = ''] = marks.splice(tone, 1)
		return [marks.join('').normalize('NFC'), mark].flatMap((part) => bytesOf(encoding).get(part) ?? [0x3f])
	}
	return (encoding === 'gb18030' && FOUR_BYTES.get(character)) || [0x3f]
}

const FOUR_BYTES = new Map([...'㐂㑇㛃䶮㼆'].map((character) => [character, fourBytesOf(character)]))

function fourBytesOf(character: string): number[] {
	const decoder = new TextDecoder('gb18030')
	for (let at = 0; at < 40_000; at++) {
		const bytes = [
			0x81 + Math.trunc(at / 12_600),
			0x30 + (Math.trunc(at / 1_260) % 10),
			0x81 + (Math.trunc(at / 10) % 126),
			0x30 + (at % 10),
		]
		if (decoder.decode(Uint8Array.from(bytes)) === character) return bytes
	}
	return []
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

	it.each(encodedTexts)('is found for %s, in paragraphs of real texts: %s', (encoding, _language, paragraphs) => {
		const read = (text: string) => decode(encode(text, encoding))?.normalize('NFC')
		for (const paragraph of paragraphs) {
			if (!encoding.startsWith('utf-16')) expect(encode(paragraph, encoding)).not.toContain(0x3f)
			expect(read(paragraph)).toBe(paragraph)
			expect(read(`${paragraph}\r\n`.repeat(200))).toBe(`${paragraph}\r\n`.repeat(200))
			expect(read(`Report 2026, page 1 of 3\n\n${paragraph}`)).toBe(`Report 2026, page 1 of 3\n\n${paragraph}`)
		}
		expect(read(paragraphs.join('\n\n'))).toBe(paragraphs.join('\n\n'))
	})

	it('of a few words alone is found mostly', () => {
		let read = 0
		let all = 0
		for (const [encoding, , paragraphs] of encodedTexts) {
			for (const line of paragraphs.flatMap((paragraph) => paragraph.split(/(?<=[,.;，。、；])\s*/)).filter((each) => each.length > 12)) {
				all++
				if (decode(encode(line, encoding))?.normalize('NFC') === line) read++
			}
		}
		expect(read / all).toBeGreaterThan(0.88)
	})

	it('of a text that others were pasted into is that of the most of it', () => {
		const gbk = encode(zh.repeat(30), 'gb18030')
		const mixed = Buffer.concat([gbk, Buffer.from('\n粘贴进来的一句话。\n'), gbk])
		expect(decode(mixed)).toContain(zh.repeat(20))
		const latin = encode('Où êtes-vous allé cet été ?\n'.repeat(50), 'windows-1252')
		expect(decode(Buffer.concat([latin, Buffer.from('déjà vu\n'), latin]))).toContain('Où êtes-vous allé cet été ?')
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
