import { expect, it } from 'vitest'
import { prose } from '../../bench/text.ts'
import { chunkBatches } from '../../src/documents/chunker.ts'
import { chunk } from '../../src/documents/chunking.ts'
import type { ParsedText } from '../../src/documents/parsing/types.ts'

const never = new AbortController().signal
const parsed = (text: string) => ({
	text,
	pages: [],
	headings: [...text.matchAll(/^# (.*)$/gm)].map(({ index, 1: title = '' }) => ({ level: 1, start: index, title })),
})

const encoded = ({ text, pages, headings }: ParsedText) => ({ utf8: Buffer.from(text), pages, headings })

it.each([
	['short', 20],
	['long', 4_000],
])('a %s text is cut as it is in one go', async (_what, sentences) => {
	const text = parsed(`# A title\n\n${prose(sentences, 1)}\n\n# 另一个\n\n${prose(sentences, 2)}`)
	const batches = await Array.fromAsync(
		chunkBatches({ text: encoded(text), options: { maxTokens: 200, overlapTokens: 20 }, size: 50 }, never),
	)
	expect(batches.flat()).toEqual([...chunk(text, { maxTokens: 200, overlapTokens: 20 })])
	expect(batches.slice(0, -1).every(({ length }) => length === 50)).toBe(true)
})

it('a long text is left in the middle', async () => {
	const left = new AbortController()
	const batches = chunkBatches({ text: encoded(parsed(prose(8_000, 1))), options: {}, size: 10 }, left.signal)
	await batches.next()
	left.abort(new Error('enough'))
	await expect(Array.fromAsync(batches)).rejects.toThrow('enough')
})
