import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunk } from '../../src/documents/chunking.ts'
import type { HeadingMark, ParsedText } from '../../src/documents/parsing/types.ts'
import { estimateTokens } from '../../src/text/tokens.ts'

/** A text whose lines beginning with # are headings. */
function outline(text: string): ParsedText {
	const headings: HeadingMark[] = []
	for (const { index, 1: marks = '', 2: title = '' } of text.matchAll(/^(#+) (.*)$/gm))
		headings.push({ level: marks.length, start: index, title })
	return { text, pages: [], headings }
}

const sentence = 'The committee met on Tuesday and agreed that the plan needed more work. '
const units = fc.constantFrom(
	sentence,
	'委员会周二开会,同意计划还要修改。',
	'\n\n',
	'\n',
	'# Title\n',
	'## Part\n\n',
	'😀'.repeat(50),
	'a'.repeat(900),
	' ',
	'Dr. ',
	'|',
)
const documents = fc.array(units, { maxLength: 80 }).map((parts) => outline(parts.join('')))

describe('chunks', () => {
	it('are exact pieces of the text, trimmed, within the limit, in order, and leave out nothing but white space', () => {
		fc.assert(
			fc.property(documents, fc.integer({ min: 20, max: 400 }), fc.nat(60), (parsed, maxTokens, overlapTokens) => {
				let covered = 0
				let ordinal = 0
				let lastStart = -1
				for (const each of chunk(parsed, { maxTokens, overlapTokens })) {
					expect(each.text).toBe(parsed.text.slice(each.start, each.end))
					expect(each.text).toBe(each.text.trim())
					expect(each.text).not.toBe('')
					expect(each.text.isWellFormed()).toBe(true)
					expect(estimateTokens(each.text)).toBeLessThanOrEqual(maxTokens + 1e-6)
					expect(each.ordinal).toBe(ordinal++)
					expect(each.start).toBeGreaterThan(lastStart)
					expect(parsed.text.slice(covered, Math.max(covered, each.start)).trim()).toBe('')
					lastStart = each.start
					covered = Math.max(covered, each.end)
				}
				expect(parsed.text.slice(covered).trim()).toBe('')
			}),
		)
	})

	it('are the same every time', () => {
		fc.assert(
			fc.property(documents, (parsed) => {
				expect([...chunk(parsed)]).toEqual([...chunk(parsed)])
			}),
		)
	})

	it('keep a passage of 1,000 characters together, and cut longer ones into parts of about one size that end at sentences', () => {
		expect([...chunk(outline(sentence.repeat(14)))]).toHaveLength(1)
		const parts = [...chunk(outline(sentence.repeat(60)), { overlapTokens: 0 })]
		expect(parts.length).toBeGreaterThan(1)
		for (const part of parts) {
			expect(part.text).toMatch(/^The committee.*work\.$/)
			expect(estimateTokens(part.text)).toBeGreaterThan(150)
		}
	})

	it('repeat the last sentence of the one before where a paragraph is cut, and nowhere else', () => {
		const [first, second] = chunk(outline(sentence.repeat(60)))
		expect(second?.start).toBeLessThan(first?.end ?? 0)
		const paragraphs = `${sentence.repeat(20)}\n\n`.repeat(3)
		for (const part of chunk(outline(paragraphs))) expect(part.start % (sentence.length * 20 + 2)).toBe(0)
	})

	it('carry the titles above them, and a title stands with its text', () => {
		const long = sentence.repeat(18)
		const parsed = outline(`# Book\n\n## One\n\n${long}\n\n## Two\n\n### Two point one\n\n${long}\n\n# Other\n\n${long}`)
		expect([...chunk(parsed)].map(({ headings, text }) => [headings, text.split('\n')[0]])).toEqual([
			[['Book', 'One'], '# Book'],
			[['Book', 'Two', 'Two point one'], '## Two'],
			[['Other'], '# Other'],
		])
	})

	it('join small sections of one parent, under the titles that they share', () => {
		const parsed = outline(`# FAQ\n\n${sentence}\n\n## One\n\n${sentence}\n\n## Two\n\n${sentence}\n\n# Next\n\n${sentence.repeat(18)}`)
		expect([...chunk(parsed)].map(({ headings }) => headings)).toEqual([['FAQ'], ['Next']])
	})

	it('name the page that they begin on', () => {
		const text = `${sentence.repeat(18)}\n\n${sentence.repeat(18)}\n\n${sentence.repeat(18)}`
		const length = sentence.length * 18
		const pages = [0, 1, 2].map((index) => ({ page: index + 1, start: index * (length + 2), end: index * (length + 2) + length }))
		expect([...chunk({ text, pages, headings: [] })].map(({ page }) => page)).toEqual([1, 2, 3])
		expect([...chunk(outline(text))].map(({ page }) => page)).toEqual([null, null, null])
	})

	it('take linear time: a megabyte of one letter, 100,000 lines, one line of 20 MB', { timeout: 60_000 }, () => {
		const texts = [
			'a'.repeat(1e6),
			'one line\n'.repeat(1e5),
			'没有空格的一行,'.repeat(1e6),
			'.'.repeat(1e6),
			`${'。"'.repeat(5e5)}x`,
			'# h\n'.repeat(2e4),
		]
		for (const text of texts) {
			let end = 0
			for (const each of chunk(outline(text))) end = each.end
			expect(end).toBe(text.trimEnd().length)
		}
	})
})
