import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sentences, trimmedSentences } from '../../src/text/sentences.ts'

const split = (text: string) => [...trimmedSentences(text)].map(([start, end]) => text.slice(start, end))

describe('sentences', () => {
	it.each([
		['Chinese marks', '今天下雨。你去吗？我去！好；走……再见', ['今天下雨。', '你去吗？', '我去！', '好；', '走……', '再见']],
		['Chinese marks as NFKC writes them', '今天下雨。你去吗?我去!好;走', ['今天下雨。', '你去吗?', '我去!', '好;', '走']],
		['closing marks belong to the sentence', '他说:“走吧。”然后走了。', ['他说:“走吧。”', '然后走了。']],
		['English marks', 'It rains. Do you go? I do! Well; go.', ['It rains.', 'Do you go?', 'I do!', 'Well; go.']],
		[
			'abbreviations, initials and decimals',
			'Dr. J. R. Smith paid 3.5 million, e.g. for No. 5 in the U.S. market. Then he left.',
			['Dr. J. R. Smith paid 3.5 million, e.g. for No. 5 in the U.S. market.', 'Then he left.'],
		],
		['numbers of lists', '1. Open the door.\n2. Close it.', ['1. Open the door.', '2. Close it.']],
		['names of files and addresses', 'See config.ts at www.example.com/a?b=c. Done!', ['See config.ts at www.example.com/a?b=c.', 'Done!']],
		['lines that go on', 'a sentence over\ntwo lines. Next\n\nparagraph', ['a sentence over\ntwo lines.', 'Next', 'paragraph']],
		['Arabic and Hindi', 'كيف حالك؟ بخير. यह है। वह है।', ['كيف حالك؟', 'بخير.', 'यह है।', 'वह है।']],
	])('%s', (_what, text, expected) => expect(split(text)).toEqual(expected))

	it('follow one another without a gap, from end to end of what was asked for', () => {
		const pieces = fc.constantFrom('。', '.', '..', ' ', '\n', '\n\n', '!', '?"', '”', 'a', 'Dr', '中', '😀', '1', ';', '…')
		fc.assert(
			fc.property(fc.array(pieces), fc.nat(10), (parts, from) => {
				const text = parts.join('')
				let at = Math.min(from, text.length)
				for (const [start, end] of sentences(text, at)) {
					expect(start).toBe(at)
					expect(end).toBeGreaterThan(start)
					at = end
				}
				expect(at).toBe(text.length)
			}),
		)
	})

	it('take linear time, whatever the text', { timeout: 60_000 }, () => {
		for (const unit of ['.', '.x', '. ', '."', '!?', 'a.b.c.d.', '\n', 'a\n', '；', 'e.g. ']) {
			const text = `${unit.repeat(200_000)}x`
			expect([...sentences(text)].at(-1)?.[1]).toBe(text.length)
		}
	})
})
