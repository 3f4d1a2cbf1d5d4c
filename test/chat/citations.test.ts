import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cite, withoutMarkers } from '../../src/chat/citations.ts'

const source = (chunk: string, start = 0, id = 1) => ({ documentId: id, chunkId: id * 10, document: `${id}.txt`, page: null, start, chunk })

const bees = source(
	'Honey bees live in colonies. A colony has one queen and up to 60,000 workers. Workers live for six weeks in summer.',
	1_000,
)
const river = source('长江全长约6300公里，是亚洲第一长河。它发源于唐古拉山脉。流域面积约180万平方公里。', 50, 2)

const quotes = (answer: string, ...sources: (typeof bees)[]) => cite(answer, sources).map(({ marker, quote }) => [marker, quote])

describe('citing', () => {
	it('quotes the sentence of the source that carries the sentence before the marker', () => {
		const quote = 'Workers live for six weeks in summer.'
		const start = 1_000 + bees.chunk.indexOf(quote)
		expect(cite('Summer workers only live for about six weeks [1].', [bees])).toEqual([
			{
				marker: 1,
				answerStart: 45,
				answerEnd: 48,
				documentId: 1,
				chunkId: 10,
				document: '1.txt',
				page: null,
				start,
				end: start + quote.length,
				quote,
				supported: true,
			},
		])
	})

	it('reads Chinese', () => {
		expect(quotes('长江的流域面积大约是180万平方公里【1】。它的源头在唐古拉山脉[1]。', river)).toEqual([
			[1, '流域面积约180万平方公里。'],
			[1, '它发源于唐古拉山脉。'],
		])
	})

	it('quotes what stands there word for word, and nothing around it', () => {
		expect(quotes('- A colony has one queen [1] and it lives.', bees)).toEqual([[1, 'A colony has one queen']])
	})

	it.each([
		['A colony has one queen. [1]', 'after the full stop'],
		['A colony has one queen.[1]', 'close to the full stop'],
		['A colony has one queen [ 1 ].', 'with spaces'],
		['A colony has one queen【1】', 'full-width'],
		['Well. A colony has one queen.\n[1]', 'on the next line'],
	])('takes the marker in "%s" (%s) for the sentence before it', (answer) => {
		expect(quotes(answer, bees)[0]?.[1]).toMatch(/^A colony has one queen/)
	})

	it('takes markers in a row, lists and ranges for the same sentence', () => {
		const [a, b, c] = [bees, { ...bees, chunkId: 2 }, { ...bees, chunkId: 3 }]
		for (const row of ['[1][2][3]', '[1] [2] [3]', '[1, 2, 3]', '[1，2、3]', '[1-3]', '【1】【2】[3]']) {
			const citations = cite(`Six weeks is how long workers live ${row}.`, [a, b, c])
			expect(citations.map(({ marker, chunkId, supported }) => [marker, chunkId, supported])).toEqual([
				[1, 10, true],
				[2, 2, true],
				[3, 3, true],
			])
		}
	})

	it('gives each marker the words since the one before', () => {
		expect(quotes('There is one queen in a colony [1], and workers live six weeks in summer [1].', bees)).toEqual([
			[1, 'A colony has one queen and up to 60,000 workers.'],
			[1, 'Workers live for six weeks in summer.'],
		])
	})

	it('marks what no sentence of the source supports', () => {
		expect(cite('The moon is made of cheese [1].', [bees])).toMatchObject([
			{ marker: 1, supported: false, quote: null, start: null, end: null },
		])
		expect(cite('[1] begins with a marker.', [bees])).toMatchObject([{ supported: false }])
	})

	it('leaves out numbers that name no source, links, code, and numbers of a quoted text', () => {
		expect(cite('In [2024] there were [0] or [7] bees.', [bees])).toEqual([])
		expect(cite('See [1](https://example.com).', [bees])).toEqual([])
		expect(cite('Take `list[1]` or\n```\nlist[1]\n```', [bees])).toEqual([])
		const wiki = source('The city has 8 million people.[1] It is old.')
		expect(cite('The city has 8 million people.[1] [1]', [wiki])).toMatchObject([
			{ answerStart: 34, quote: 'The city has 8 million people.[1]' },
		])
	})

	it('does not take a word for another that contains it', () => {
		expect(cite('No [1].', [source('It was in November, as Nobel noted.')])).toMatchObject([{ supported: false }])
	})

	it('quotes the document character for character, whatever the answer says', () => {
		const prose = fc
			.array(
				fc.constantFrom('bees ', '蜂', 'live. ', '。', ' [1]', '【2】', '[1, 3]', '\n', 'in 1990', '6½', '😀', '`', '[', ']', '(', '. '),
			)
			.map((parts) => parts.join(''))
		fc.assert(
			fc.property(prose, fc.array(fc.record({ before: prose, chunk: prose }), { maxLength: 4 }), (answer, parts) => {
				const documents = parts.map(({ before, chunk }) => before + chunk)
				const sources = parts.map(({ before, chunk }, at) => source(chunk, before.length, at))
				let at = 0
				for (const citation of cite(answer, sources)) {
					expect(citation.answerStart).toBeGreaterThanOrEqual(at)
					at = citation.answerStart
					expect(answer.slice(citation.answerStart, citation.answerEnd)).toMatch(
						new RegExp(`[[【][^\\]】]*${citation.marker}[^\\]】]*[\\]】]`),
					)
					expect(citation.documentId).toBe(citation.marker - 1)
					expect(citation.supported).toBe(citation.quote !== null)
					if (citation.start === null || citation.end === null) continue
					expect(documents[citation.documentId]?.slice(citation.start, citation.end)).toBe(citation.quote)
					expect(citation.quote?.trim()).toBeTruthy()
				}
			}),
		)
	})

	it('supports every sentence that is copied from its source', () => {
		const words = fc.array(fc.constantFrom('bees', 'live', 'honey', 'queen', 'summer', 'weeks', 'worker', 'flower'), {
			minLength: 3,
			maxLength: 8,
		})
		fc.assert(
			fc.property(fc.array(words, { minLength: 1, maxLength: 5 }), fc.nat(), (sentences, pick) => {
				const lines = sentences.map((sentence) => `${sentence.join(' ')}.`)
				const copied = lines[pick % lines.length] ?? ''
				expect(quotes(`${copied} [1]`, source(lines.join(' ')))).toEqual([[1, copied]])
			}),
		)
	})
})

it('reads without its markers as it would without sources', () => {
	expect(withoutMarkers('One queen [1]. Six weeks【2】, in summer [1, 2][3].')).toBe('One queen. Six weeks, in summer.')
})
