import { describe, expect, it } from 'vitest'
import { snippetOf } from '../../src/search/snippet.ts'
import { locate } from '../../src/text/locating.ts'

const snippet = (text: string, worth: Record<string, number>, start = 0) =>
	snippetOf({ text, start }, locate(text, new Set(Object.keys(worth))), new Map(Object.entries(worth)))

describe('a snippet', () => {
	it('is the sentences that tell most, with the words in them', () => {
		const filler = 'Nothing is said here, at some length, about anything that was asked for by anybody at all. '.repeat(4)
		const { text, start, highlights } = snippet(`An owl. ${filler}The owl hunts a mouse. ${filler}`, { owl: 1, mous: 2 }, 100)
		expect(text).toContain('The owl hunts a mouse.')
		expect(highlights.map((one) => text.slice(one.start - start, one.end - start))).toEqual(['owl', 'mouse'])
	})

	it('shows the words of a sentence that is longer than there is room for', () => {
		const { text, highlights } = snippet(`${'so and so on, '.repeat(60)}then an owl, ${'and so on, '.repeat(60)}the end`, { owl: 1 })
		expect(text.length).toBeLessThanOrEqual(240)
		expect(highlights).toHaveLength(1)
	})

	it('is made of a passage of nothing but short lines, each with the word', () => {
		const lines = '好\n'.repeat(12_000)
		const { text, start, highlights } = snippet(lines, { 好: 1 })
		expect([start, text.length]).toEqual([0, 239])
		expect(highlights).toHaveLength(120)
	})

	it('is where the rarest word is, however many others come first', () => {
		const text = `${'A word.\n'.repeat(300)}A mouse.\n${'A word.\n'.repeat(300)}`
		expect(snippet(text, { word: 0.1, mous: 2 }).text).toContain('A mouse.')
	})
})
