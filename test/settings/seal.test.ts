import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSeal } from '../../src/settings/seal.ts'

const seal = createSeal('one secret of at least thirty-two characters')

it('opens what it sealed, and nothing is seen of it meanwhile', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme', minLength: 4 }), fc.string(), (text, place) => {
			const sealed = seal.seal(text, place)
			expect(seal.open(sealed, place)).toBe(text.toWellFormed())
			expect(sealed).toMatch(/^v1\.[\w-]+$/)
			expect(Buffer.from(sealed.slice(3), 'base64url').includes(text)).toBe(false)
		}),
	)
})

it('seals the same text differently each time', () => {
	expect(seal.seal('a key', 'here')).not.toBe(seal.seal('a key', 'here'))
})

it('opens nothing that was sealed with another secret, for another place, or that was changed', () => {
	const sealed = seal.seal('a key', 'here')
	expect(createSeal('another secret of at least 32 characters').open(sealed, 'here')).toBeNull()
	expect(seal.open(sealed, 'there')).toBeNull()
	for (let at = 3; at < sealed.length - 1; at++) {
		const other = sealed[at] === 'A' ? 'B' : 'A'
		expect(seal.open(sealed.slice(0, at) + other + sealed.slice(at + 1), 'here')).toBeNull()
	}
	for (const text of ['', 'v1.', 'a key', 'v2.abcd', sealed.slice(0, -8), sealed.slice(3)]) expect(seal.open(text, 'here')).toBeNull()
})
