import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { chunk } from '../../../src/documents/chunking.ts'
import { clean } from '../../../src/documents/parsing/clean.ts'
import { detectType } from '../../../src/documents/parsing/detect.ts'
import { read } from '../../../src/documents/parsing/read.ts'
import type { Format } from '../../../src/documents/parsing/types.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const corpora = resolve(root, '../shared/corpora')

interface Sample {
	file: string
	ext: string
	oracle: string
	/** Characters that are no white space, as the oracle sees them. */
	chars: number
	cjk: number
	pages: number | null
}

const FORMATS: Record<string, Format> = { md: 'markdown', txt: 'text' }
const manifest: Sample[] = existsSync(corpora) ? JSON.parse(readFileSync(resolve(corpora, 'manifest.json'), 'utf8')) : []

/** How far a text may differ from what the oracle counts. */
const TOLERANCE = 0.1

/** Where the oracle counts something else: how much of its characters the text has, give or take 3 %, and why that is right. */
const DIFFERENT: Record<string, [share: number, why: string]> = {
	'docx/51eb96_dummy.docx': [0.525, 'pandoc draws rules around its tables, which it counts'],
	'docx/c03366_issue_2634_vertical_merge.docx': [0.525, 'pandoc draws rules around its tables, which it counts'],
	'docx/86009a_tables.docx': [0.19, 'pandoc draws rules around its tables, which it counts: 49 characters are the words'],
	'docx/6a9ca3_docx_01.docx': [0.62, 'pandoc draws rules, names pictures, writes formulas as TeX, keeps the table of contents'],
	'docx/25039c_ocr_test.docx': [
		0.155,
		'pandoc draws rules, and names the picture: 25 characters are the words, two cells of a header once more',
	],
	'pptx/816c13_dml-line.pptx': [1.105, 'slides without a title are named by their number'],
	'pptx/8c53d0_pptx_01.pptx': [
		1.612,
		'rows of a table repeat their header; the notes, charts and diagrams of the show, which the oracle has not',
	],
	'xlsx/de4f36_test.xls': [1.598, 'rows repeat their header'],
	'xlsx/946e1e_magika_test.xlsx': [1.702, 'rows repeat their header; the oracle counts a shared string once'],
	'xlsx/24119c_langchain-ChatGLM_closed.xlsx': [1.139, 'rows repeat their header'],
	'xlsx/5a0475_xlsx_01.xlsx': [1.688, 'rows repeat their header; the oracle counts a shared string once'],
	'csv/e0cefe_langchain-ChatGLM_closed.csv': [1.145, 'rows repeat their header'],
	'html/86c1be_dummy.mhtml': [0.009, 'the oracle counts the source with its styles, and a few lines are its text'],
	'html/3ac9cb_test_wikipedia.html': [0.674, 'pandoc keeps menus, links to edit, and rules around tables'],
	'txt-md/797496_SPARSE-2024-INV-1234_borderless_table.md': [1.298, 'rows of its tables repeat their header'],
	'epub-odf-rtf/48629e_test.rtf': [0.284, 'unrtf adds comments of its own'],
	'epub-odf-rtf/23e1f0_doc.rtf': [0.338, 'unrtf adds comments of its own'],
	'mail/05b087_test_outlook_msg.msg': [0.011, 'the oracle counts the bytes of a binary file'],
	'mail/810d24_sample.eml': [2.286, 'the oracle counts the body alone, without who, when and what about'],
	'ipynb-xml-json/228a2b_test_rss.xml': [0.494, 'the oracle counts the markup'],
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

describe.skipIf(manifest.length === 0)('real files', () => {
	it('that differ from the oracle are all there', () => {
		expect(manifest.map(({ file }) => file)).toEqual(expect.arrayContaining(Object.keys(DIFFERENT)))
	})

	it.each(manifest)('$file', async ({ file, ext, oracle, chars, cjk, pages }) => {
		const path = resolve(corpora, file)
		const format = FORMATS[ext] ?? (ext as Format)
		expect((await detectType(path, basename(file)))?.format).toBe(format)
		const parsing = read({ path, format, maxCharacters: 20_000_000, folder: tmpdir() })
		if (chars === 0) return expect(parsing).rejects.toMatchObject({ problem: 'parseNoText' })

		const parsed = await parsing
		const share = count(parsed.text, /\S/gu) / chars
		const [expected, tolerance] = DIFFERENT[file] ? [DIFFERENT[file][0], DIFFERENT[file][0] * 0.03 + 0.001] : [1, TOLERANCE]
		expect(Math.abs(share - expected)).toBeLessThanOrEqual(tolerance)
		if (cjk > 0 && oracle !== 'pandoc' && oracle !== 'raw') expect(count(parsed.text, /\p{Script=Han}/gu) / cjk).toBeGreaterThan(0.85)
		expect(clean(parsed.text)).toBe(parsed.text)
		if (pages !== null) expect(parsed.pages).toHaveLength(pages)
		for (const { start, end } of parsed.pages) expect(end).toBeGreaterThanOrEqual(start)
		for (const { start, title } of parsed.headings) {
			const line = parsed.text.slice(start).split('\n', 1).join('')
			expect(format === 'markdown' ? line.replace(/[*`_#]/g, '') : line).toContain(title.slice(0, 20).trim())
		}
		for (const each of chunk(parsed)) expect(parsed.text.slice(each.start, each.end)).toBe(each.text)
	})
})
