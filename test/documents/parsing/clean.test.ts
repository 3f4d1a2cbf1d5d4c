import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean } from '../../../src/documents/parsing/clean.ts'

describe('clean text', () => {
	it('is what PostgreSQL takes: well formed, no controls but line feeds and tabs, whatever came in', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), fc.string(), (binary, text) => {
				const cleaned = clean(`${binary}\0\r\n\ud800${text}`)
				expect(cleaned.isWellFormed()).toBe(true)
				expect(cleaned).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/)
			}),
		)
	})

	it('stays as it is when cleaned again', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				expect(clean(clean(text))).toBe(clean(text))
			}),
		)
	})

	it('has ordinary letters for ligatures, Kangxi radicals and full-width forms, and no soft hyphens', () => {
		expect(clean('ﬁne ⼈⽣ ＡＢＣ\u00a0co\u00adop\u200b')).toBe('fine 人生 ABC coop')
	})

	it.each(['密码不得少于十四位，每年更换（必须）！', 'x² + ½ … ① ℃ ™', '“quoted” — text', 'Straße, naïve'])(
		'keeps %j as it was written',
		(text) => {
			expect(clean(text)).toBe(text)
		},
	)

	it('joins what is one letter in two characters', () => expect(clean('e\u0301 ｶﾞ')).toBe('é ガ'))

	it('ends lines with one line feed', () => expect(clean('a\r\nb\rc\u2028d\fe')).toBe('a\nb\nc\nd\ne'))
})
