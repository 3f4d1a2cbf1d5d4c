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

/**
 * How much of the oracle's characters is expected. Raw text and pdftotext: all, but for running titles that are left out. pandoc's plain text
 * counts the rules that it draws around tables, and menus; it repeats no header in each row, and keeps tables of contents. The others count the
 * characters in cells, which our rows repeat their header with; no numbers of charts; no headers of mails; unrtf adds comments of its own.
 */
const SHARES: Record<string, [least: number, most: number]> = {
	raw: [0.99, 1.01],
	pdftotext: [0.9, 1.1],
	pandoc: [0.15, 1.1],
	zipxml: [0.9, 1.75],
	xls2csv: [0.9, 1.75],
	pyemail: [0.9, 2.5],
	unrtf: [0.2, 1.1],
}
/** In these the raw bytes are no text, or markup around it. */
const MARKED_UP = new Set(['mhtml', 'msg', 'xml', 'json', 'csv'])

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

describe.skipIf(manifest.length === 0)('real files', () => {
	it.each(manifest)('$file', async ({ file, ext, oracle, chars, cjk, pages }) => {
		const path = resolve(corpora, file)
		const format = FORMATS[ext] ?? (ext as Format)
		expect((await detectType(path, basename(file)))?.format).toBe(format)
		const parsing = read({ path, format, maxCharacters: 20_000_000, folder: tmpdir() })
		if (chars === 0) return expect(parsing).rejects.toMatchObject({ problem: 'parseNoText' })

		const parsed = await parsing
		const [least, most] = oracle === 'raw' && MARKED_UP.has(ext) ? [0.005, 1.2] : (SHARES[oracle] ?? [0, 0])
		const share = count(parsed.text, /\S/gu) / chars
		expect(share).toBeGreaterThanOrEqual(least)
		expect(share).toBeLessThanOrEqual(most)
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
