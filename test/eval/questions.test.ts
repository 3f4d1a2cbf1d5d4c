import { describe, expect, it } from 'vitest'
import { ranksOf } from '../../eval/own.ts'
import { parseQuestions, readQuestions, UsageError } from '../../eval/questions.ts'

const parse = (text: string) => parseQuestions(Buffer.from(text), 'my.jsonl')

describe('questions of one’s own', () => {
	it('have an id, a language and what is right', () => {
		expect(
			parse(
				'{"question":"密码几位？","answers":["十四位"],"document":"手册.md"}\r\n\n{"question":"Who?","unanswerable":true,"id":"q","language":"de"}',
			),
		).toEqual([
			{
				id: 'line-1',
				question: '密码几位？',
				language: 'zh',
				isAnswerable: true,
				answers: ['十四位'],
				document: '手册.md',
				contains: null,
			},
			{ id: 'q', question: 'Who?', language: 'de', isAnswerable: false, answers: [], document: null, contains: null },
		])
		expect(parse('{"question":"Who?","passage":"It was he."}')).toMatchObject([{ contains: 'It was he.' }])
	})

	it.each([
		['no json', 'line 1: no JSON'],
		['[]', 'line 1: '],
		['{"question":"Who?"}', 'line 1: nothing says what is right'],
		['\n{"question":"  ","answers":["a"]}', 'line 2: question: '],
		[`{"question":"${'a'.repeat(2_001)}","answers":["a"]}`, 'line 1: question: '],
		['{"question":"Who?","answers":[]}', 'line 1: answers: '],
		['{"question":"Who?","answers":["a"],"answer":"a"}', 'answer'],
		['{"question":"Who?","answers":["a"],"unanswerable":true}', 'line 1: unanswerable, and yet an answer'],
		['{"question":"Who?","contains":"a","passage":"b"}', 'line 1: contains and passage are the same'],
		['{"question":"Who?","document":"a","id":"x"}\n{"question":"Why?","document":"a","id":"x"}', 'line 2: line 1 has the id "x" too'],
		['', 'no question in it'],
	])('that are wrong are refused with their line: %#', (text, words) => {
		expect(() => parse(text)).toThrow(UsageError)
		expect(() => parse(text)).toThrow(words)
	})

	it('tells of many wrong lines, not of all', () => {
		expect(() => parse('x\n'.repeat(25))).toThrow(/line 20: no JSON\n {2}and 5 more$/)
	})

	it('are UTF-8, and there', async () => {
		expect(() => parseQuestions(new Uint8Array([0x7b, 0xff]), 'my.jsonl')).toThrow('no UTF-8')
		await expect(readQuestions('/nowhere.jsonl')).rejects.toThrow('there is no such file')
	})
})

describe('what is right among results', () => {
	const [asked] = parse('{"question":"Who?","document":"b.txt"}')
	const hit = (documentId: number, chunk: string) => ({ documentId, document: `${documentId}.txt`, chunk, score: 0.5 })
	const hits = [hit(1, 'one'), hit(1, 'two'), hit(2, 'Three  FOUR'), hit(2, 'five')]
	const ranks = (given: object, ids: Set<number> | null) => asked && ranksOf({ ...asked, ...given }, hits, ids)

	it('is the document, where it alone is named: each counts once', () => {
		expect(ranks({}, new Set([2]))).toEqual([2])
		expect(ranks({}, new Set([3]))).toEqual([])
	})

	it('is the chunk with the passage, in the document where both are named', () => {
		expect(ranks({ contains: 'three four' }, new Set([2]))).toEqual([3])
		expect(ranks({ contains: 'one' }, new Set([2]))).toEqual([])
		expect(ranks({ document: null, contains: 'five' }, null)).toEqual([4])
	})

	it('is the chunk with an answer, where nothing else is said', () => {
		expect(ranks({ document: null, answers: ['nothing', 'two'] }, null)).toEqual([2])
	})
})
