import { existsSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { chunk } from '../../../src/documents/chunking.ts'
import { adapters } from '../../../src/documents/parsing/adapters.ts'
import { clean } from '../../../src/documents/parsing/clean.ts'
import { detectType } from '../../../src/documents/parsing/detect.ts'
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

const FORMATS: Record<string, Format> = { pdf: 'pdf', docx: 'docx', html: 'html', md: 'markdown', txt: 'text' }
const manifest: Sample[] = existsSync(corpora) ? JSON.parse(readFileSync(resolve(corpora, 'manifest.json'), 'utf8')) : []
const samples = manifest.filter(({ ext }) => FORMATS[ext])

/**
 * How much of the oracle's characters is expected. Raw text and pdftotext: all, but for running titles that are left out. pandoc's plain text
 * counts the rules that it draws around tables, and menus; it repeats no header in each row, and keeps tables of contents.
 */
const SHARES: Record<string, [least: number, most: number]> = { raw: [0.99, 1.01], pdftotext: [0.9, 1.1], pandoc: [0.15, 1.1] }

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

describe.skipIf(samples.length === 0)('real files', () => {
	it.each(samples)('$file', async ({ file, ext, oracle, chars, cjk, pages }) => {
		const path = resolve(corpora, file)
		const format = FORMATS[ext]
		if (!format) throw new Error(ext)
		expect((await detectType(path, basename(file)))?.format).toBe(format)
		const read = await adapters[format].load()
		const parsing = read({ path, maxCharacters: 20_000_000 })
		if (chars === 0) return expect(parsing).rejects.toMatchObject({ problem: 'parseNoText' })

		const parsed = await parsing
		const [least, most] = SHARES[oracle] ?? [0, 0]
		const share = count(parsed.text, /\S/gu) / chars
		expect(share).toBeGreaterThanOrEqual(least)
		expect(share).toBeLessThanOrEqual(most)
		if (cjk > 0 && oracle !== 'pandoc') expect(count(parsed.text, /\p{Script=Han}/gu) / cjk).toBeGreaterThan(0.85)
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
