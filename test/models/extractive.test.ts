import { describe, expect, it } from 'vitest'
import { cite } from '../../src/chat/citations.ts'
import { buildPrompt } from '../../src/chat/prompt.ts'
import { createModel } from '../../src/models/index.ts'
import { bestPassages } from '../../src/models/passages.ts'
import { hear } from './support.ts'

const source = (id: number, chunk: string) => ({
	documentId: id,
	chunkId: id,
	document: `${id}.txt`,
	page: null,
	heading: null,
	start: 0,
	chunk,
})
const bees = source(
	1,
	'Honey bees live in colonies. A colony has one queen and up to 60,000 workers. The colony of Anna Miller won a prize in 1987. Honey keeps for years.',
)
const river = source(2, '长江是亚洲第一长河。长江全长约6300公里。它发源于唐古拉山脉。流域内有许多城市。上海在长江的入海口。')

const model = await createModel({ provider: 'extractive' })
const forever = new AbortController().signal
const ask = (question: string, sources: (typeof bees)[], mode: 'chat' | 'query' = 'chat') =>
	model.stream(buildPrompt({ question, mode, history: [], sources }), forever)

describe('the extractive model', () => {
	it('answers with sentences of the sources, word for word, each cited', async () => {
		const { text, finish } = await hear(ask('How many workers has a colony?', [bees, river]))
		expect(text).toContain('A colony has one queen and up to 60,000 workers. [1]\n')
		expect(text).toContain('No language model is configured')
		expect(finish).toMatchObject({ reason: 'stop', usage: { totalTokens: 0, estimated: false } })
		const citations = cite(text, [bees, river])
		expect(citations.length).toBeGreaterThan(0)
		expect(citations.every(({ supported, quote, marker }) => supported && [bees, river][marker - 1]?.chunk.includes(quote ?? '?'))).toBe(
			true,
		)
	})

	it('answers a Chinese question in Chinese', async () => {
		const { text } = await hear(ask('长江有多长？', [bees, river]))
		expect(text).toContain('长江全长约6300公里。 [2]')
		expect(text).toContain('未配置语言模型')
		expect(text).not.toMatch(/No language model|bees/)
	})

	it('streams sentence by sentence', async () => {
		const events = await Array.fromAsync(ask('How many workers has a colony?', [bees]))
		expect(events.filter((event) => event.type === 'text' && /\[\d\]\n$/.test(event.text)).length).toBe(3)
	})

	it.each(['chat', 'query'] as const)('says in %s mode that it found nothing and what to do, when there is no source', async (mode) => {
		expect((await hear(ask('长江有多长？', [], mode))).text).toMatch(/未配置语言模型.*LLM_PROVIDER/)
		expect((await hear(ask('How long is it?', [], mode))).text).toMatch(/No language model.*LLM_PROVIDER/)
	})

	it('stops when the signal aborts', async () => {
		const prompt = buildPrompt({ question: 'bees?', mode: 'chat', history: [], sources: [bees] })
		await expect(hear(model.stream(prompt, AbortSignal.abort(new Error('cancelled'))))).rejects.toThrow('cancelled')
	})
})

describe('the best passages', () => {
	const texts = (question: string, ...chunks: string[]) =>
		bestPassages(
			question,
			chunks.map((text) => ({ text })),
		).map(({ text }) => text)

	it.each([
		['When did the colony win the prize?', 'The prize went to the colony. It got it in spring of 1987, a prize for a colony.'],
		['Who won the prize of the colony?', 'A prize was won by the colony. The prize of the colony: Anna Miller won it.'],
		['蜂群有多少只工蜂？', '蜂群中的工蜂很多。蜂群中的工蜂约有6万只。'],
	])('prefer the kind of thing that is asked for: %s', (question, chunk) => {
		const [, kind] = bestPassages(question, [{ text: chunk }], 2)
		const [best] = bestPassages(question, [{ text: chunk }], 1)
		expect(best).toEqual(kind)
	})

	it('prefer the sources that come first', () => {
		const [best] = bestPassages(
			'How many bees hum?',
			[{ text: 'Bees hum softly.' }, { text: 'Cats sleep.' }, { text: 'Bees hum 7 times.' }],
			1,
		)
		expect(best?.text).toBe('Bees hum softly.')
	})

	it('come in reading order, at most three, from all sources', () => {
		const passages = bestPassages('honey bees', [
			{ text: 'Bees fly. Honey bees hum. Bees sting.' },
			{ text: 'Honey bees make honey. Cats sleep.' },
		])
		expect(passages).toHaveLength(3)
		expect(passages).toEqual(passages.toSorted((a, b) => a.source - b.source || a.start - b.start))
		expect(new Set(passages.map(({ source }) => source)).size).toBe(2)
	})

	it('say nothing twice', () => {
		expect(texts('Where do honey bees live?', 'Honey bees live in colonies.', 'Honey bees live in colonies. Cats live in houses.')).toEqual(
			['Honey bees live in colonies.', 'Cats live in houses.'],
		)
	})

	it('leave out what shares no word with the question, unless nothing does', () => {
		expect(texts('Where do bees live?', 'Bees live in colonies. Paris is a city.')).toEqual(['Bees live in colonies.'])
		expect(texts('蜜蜂住在哪里', 'Bees live in colonies.')).toEqual(['Bees live in colonies.'])
		expect(texts('Where?')).toEqual([])
		expect(texts('Where?', '***')).toEqual([])
	})

	it('cut what has no end, and give what stands there', () => {
		const table = Array.from({ length: 200 }, (_, row) => `bees ${row}`).join(', ')
		const passages = bestPassages('bees 150', [{ text: table }])
		expect(passages.some(({ text }) => text.includes('bees 150'))).toBe(true)
		for (const { text, start, end } of passages) {
			expect(text.length).toBeLessThanOrEqual(400)
			expect(table.slice(start, end)).toBe(text)
		}
		expect(bestPassages('😀', [{ text: `a${'😀'.repeat(1_000)} bees` }]).every(({ text }) => text.isWellFormed())).toBe(true)
	})
})
