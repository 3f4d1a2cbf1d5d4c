import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunk } from '../../src/documents/chunking.ts'
import type { HeadingMark, ParsedText } from '../../src/documents/parsing/types.ts'
import { trimSpan } from '../../src/text/scripts.ts'
import { sentences } from '../../src/text/sentences.ts'
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

/** Sentences of 5 to 40 tokens, in paragraphs under headings. */
const sentenceOf = (words: number, end: string) => `${'Word '.repeat(words).trimEnd()}${end} `
const prose = fc
	.array(
		fc.oneof(
			{
				weight: 8,
				arbitrary: fc.tuple(fc.integer({ min: 4, max: 38 }), fc.constantFrom('.', '!', '?', '."')).map((parts) => sentenceOf(...parts)),
			},
			{
				weight: 3,
				arbitrary: fc.constantFrom('他们在星期二见面,同意继续。', '会议的时间没有变!', 'It was so, e.g. by Dr. Li at 3.5 km. '),
			},
			{ weight: 2, arbitrary: fc.constantFrom('\n\n', '\n', '\n\n- ') },
			{
				weight: 1,
				arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(9)).map(([level, title]) => `\n\n${'#'.repeat(level)} T${title}\n\n`),
			},
		),
		{ maxLength: 150 },
	)
	.map((parts) => outline(parts.join('')))
const sizes = fc
	.integer({ min: 50, max: 500 })
	.chain((maxTokens) => fc.record({ maxTokens: fc.constant(maxTokens), overlapTokens: fc.nat(Math.ceil(maxTokens / 2) - 1) }))

/** The titles above each place of the text. */
function pathsOf({ text, headings }: ParsedText): string[][] {
	const paths: string[][] = []
	let path: HeadingMark[] = []
	for (let at = 0; at < text.length; at++) {
		const heading = headings.find(({ start }) => start === at)
		if (heading) path = [...path.filter(({ level }) => level < heading.level), heading]
		paths.push(path.map(({ title }) => title))
	}
	return paths
}

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

	it('begin and end with sentences', () => {
		fc.assert(
			fc.property(prose, sizes, ({ text, pages, headings }, size) => {
				const spans = [...sentences(text)].map(([start, end]) => trimSpan(text, start, end))
				const [starts, ends] = [new Set(spans.map(([start]) => start)), new Set(spans.map(([, end]) => end))]
				for (const each of chunk({ text, pages, headings }, size)) {
					expect(starts).toContain(each.start)
					expect(ends).toContain(each.end)
				}
			}),
		)
	})

	it('repeat no more than they may, inside of a paragraph only, and always say something new', () => {
		fc.assert(
			fc.property(prose, sizes, (parsed, size) => {
				let end = 0
				for (const each of chunk(parsed, size)) {
					const repeated = parsed.text.slice(each.start, Math.max(each.start, end))
					expect(estimateTokens(repeated)).toBeLessThanOrEqual(size.overlapTokens + 1e-6)
					expect(repeated).not.toMatch(/[^:：]\n\s*\n/)
					expect(each.end).toBeGreaterThan(end)
					end = each.end
				}
			}),
		)
	})

	it('carry the titles that all of their words have above them', () => {
		fc.assert(
			fc.property(prose, sizes, (parsed, size) => {
				const paths = pathsOf(parsed)
				for (const { start, end, headings } of chunk(parsed, size)) {
					for (let at = start; at < end; at++) {
						const isTitle = parsed.headings.some((heading) => at >= heading.start && at <= parsed.text.indexOf('\n', heading.start))
						if (isTitle || !/[\p{L}\p{N}]/u.test(parsed.text.charAt(at))) continue
						expect(paths[at]?.slice(0, headings.length)).toEqual(headings)
					}
				}
			}),
			{ examples: [[outline('\n\n- \n\n# T0\n\n'), { maxTokens: 50, overlapTokens: 0 }]] },
		)
	})

	it('of one section are about as large as each other, the last one too', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 4, max: 20 }), { minLength: 1, maxLength: 400 }), fc.nat(7), (lengths, every) => {
				const text = lengths.map((words, at) => sentenceOf(words, '.') + (at % 8 === every ? '\n\n' : '')).join('')
				const found = [...chunk(outline(text), { overlapTokens: 0 })].map((each) => estimateTokens(each.text))
				if (found.length > 1) expect(Math.min(...found)).toBeGreaterThan(100)
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

	it('repeat as many sentences as may be repeated', () => {
		const each = estimateTokens(sentence)
		for (const [overlapTokens, repeats] of [
			[each - 1, 0],
			[each, 1],
			[each * 3 + 1, 3],
			[199, Math.floor(199 / each)],
		] as const) {
			const parts = [...chunk(outline(sentence.repeat(200)), { overlapTokens })]
			expect(parts.length).toBeGreaterThan(5)
			for (const [at, { start }] of parts.entries()) {
				if (at > 0) expect((parts[at - 1]?.end ?? 0) + 1 - start).toBe(repeats * sentence.length || 0)
			}
		}
	})

	it('bring the words before a list along with it', () => {
		const item = `\n\n- ${sentence}`
		const text = `${sentence.repeat(16)}The following is needed:${item.repeat(16)}`
		const [first, second] = chunk(outline(text))
		expect(first?.text).toMatch(/needed:$/)
		expect(second?.text).toMatch(/The following is needed:\n/)
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

	it('are no smaller than half of the limit where the section beside them has room, unless another chapter begins', () => {
		const section = (title: string, sentences: number) => `${title}\n\n${sentence.repeat(sentences)}\n\n`
		const parsed = outline(
			section('# Book', 16) +
				section('## One', 8) +
				section('## Two', 16) +
				section('## Three', 25) +
				section('# Other', 8) +
				section('# Last', 16),
		)
		expect([...chunk(parsed)].map(({ headings, text }) => [headings, text.match(/^#+ .*$/gm)])).toEqual([
			[['Book'], ['# Book', '## One']],
			[['Book', 'Two'], ['## Two']],
			[['Book', 'Three'], ['## Three']],
			[['Other'], ['# Other']],
			[['Last'], ['# Last']],
		])
	})

	it('leave no tiny section by itself beside one that is cut anyway', () => {
		const parsed = outline(
			`# Preface\n\nA word before.\n\n# Long\n\n${sentence.repeat(60)}\n\n# After\n\nA word after.\n\n# Last\n\n${sentence.repeat(18)}`,
		)
		const chunks = [...chunk(parsed)]
		expect(chunks.map(({ headings }) => headings)).toEqual([[], ['Long'], [], ['Last']])
		for (const { text } of chunks) expect(estimateTokens(text)).toBeGreaterThan(150)
	})

	it('keep a title with what it is above, whatever follows it', () => {
		const people = Array.from({ length: 5 }, (_, at) => `## Person ${at}\n\n### Institute\n\n`).join('')
		const [first] = chunk(outline(`# Paper\n\n${people}## Abstract\n\n${sentence.repeat(5)}`))
		expect(first?.text).toMatch(/^# Paper[\s\S]*Person 4[\s\S]*Abstract[\s\S]*work\.$/)
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
