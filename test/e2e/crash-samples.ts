import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** A file to upload. */
export interface Sample {
	name: string
	bytes: Uint8Array<ArrayBuffer>
	/** What its text says, from its first words to its last, in NFKC. Of a file that cannot be read: nothing. */
	says: string[]
	/** Of these, what no other file says. */
	own: string[]
	/** A file that no parser can read ends FAILED, all others PROCESSED. */
	isReadable: boolean
}

const DEMO = path.resolve(import.meta.dirname, '../../demo/documents')
const CORPORA = path.resolve(import.meta.dirname, '../../../shared/corpora')
/** Real files, where they are at hand. */
const REAL = [
	'md-zh-law/2a9256_农民专业合作社法(2017-12-27).md',
	'md-zh-law/f796d9_外商投资法实施条例(2019-12-26).md',
	'docx/86009a_tables.docx',
	'pdf-en-text/75f4e0_demo3.pdf',
	'pdf-zh/a325ee_龙盈战队.pdf',
].map((file) => path.join(CORPORA, file))

/** An endless supply of files, no two with the same bytes. */
export interface Supply {
	/** Chinese and English, text, PDF and DOCX, and one that is broken. */
	next(): Sample
	/** English, whose vectors take a while. */
	longEnglish(): Sample
	/** Chinese, of more chunks. */
	longChinese(): Sample
}

export async function createSupply(): Promise<Supply> {
	const [pdf, manual, docx] = await Promise.all(
		['aurora-kettle-handbook.pdf', '员工手册.md', '海门生产基地安全规程.docx'].map((name) => readFile(path.join(DEMO, name))),
	)
	const real = await Promise.all(REAL.filter(existsSync).map(async (file) => ({ file, bytes: await readFile(file) })))
	const makers: ((number: number) => Sample)[] = [
		(number) =>
			text(
				`员工手册-${number}.md`,
				`${manual}\n第 ${number} 号副本到此结束。\n`,
				['由人力资源部负责解释', `第 ${number} 号副本到此结束。`],
				[`第 ${number} 号副本到此结束。`],
			),
		(number) => ({
			name: `handbook-${number}.pdf`,
			bytes: joined(pdf ?? Buffer.of(), Buffer.from(`% copy ${number}\n`)),
			says: ['Owner’s Handbook, third edition', 'held by four screws and no glue'],
			own: [],
			isReadable: true,
		}),
		(number) => ({
			name: `安全规程-${number}.docx`,
			bytes: withZipComment(docx ?? Buffer.of(), `copy ${number}`),
			says: ['本规程适用于海门生产基地', '演练记录由安全环保部保存五年'],
			own: [],
			isReadable: true,
		}),
		(number) => ({
			name: `broken-${number}.pdf`,
			bytes: joined(Buffer.from(`%PDF-1.7\nno page ${number}\n`)),
			says: [],
			own: [],
			isReadable: false,
		}),
	]
	let count = 0
	return {
		next() {
			const number = ++count
			const found = number % 2 === 0 ? real.shift() : undefined
			if (found) return { name: path.basename(found.file), bytes: joined(found.bytes), says: [], own: [], isReadable: true }
			return makers[number % makers.length]?.(number) ?? longEnglish(number)
		},
		longEnglish: () => longEnglish(++count),
		longChinese: () => longChinese(++count),
	}
}

/** Some 30 chunks; every sentence of it is like no other. */
function longEnglish(number: number): Sample {
	const sentences = Array.from({ length: 450 }, (_, index) => {
		const name = `station${number}x${index}`
		return `On day ${index} of the survey, ${name} reported ${index * 7 + number} litres of clear water from the northern river.`
	})
	const paragraphs = Array.from({ length: 45 }, (_, index) => sentences.slice(index * 10, index * 10 + 10).join(' '))
	return text(`survey-${number}.txt`, paragraphs.join('\n\n'), sentences)
}

/** Some 100 chunks; every sentence of it is like no other. */
function longChinese(number: number): Sample {
	const sentences = Array.from({ length: 900 }, (_, index) => {
		return `第${index}号监测站在第${number}次巡查中报告，北河水位为${index * 3 + number}厘米，溶解氧正常，无人值守。`
	})
	const sections = Array.from({ length: 30 }, (_, index) => `## 第 ${index} 段\n\n${sentences.slice(index * 30, index * 30 + 30).join('')}`)
	return text(`巡查-${number}.md`, sections.join('\n\n'), sentences)
}

const text = (name: string, content: string, says: string[], own: string[] = says): Sample => ({
	name,
	bytes: joined(Buffer.from(content)),
	says: says.map((sentence) => sentence.normalize('NFKC')),
	own: own.map((sentence) => sentence.normalize('NFKC')),
	isReadable: true,
})

/** A copy in memory of its own, as `File` wants it. */
const joined = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts))

/** The comment is the last thing in a zip, its length before it (APPNOTE.TXT 4.3.16). */
function withZipComment(zip: Buffer, comment: string): Uint8Array<ArrayBuffer> {
	const length = Buffer.alloc(2)
	length.writeUInt16LE(comment.length)
	return joined(zip.subarray(0, -2), length, Buffer.from(comment))
}
