import { describe, expect, it } from 'vitest'
import { chunk } from '../../../src/documents/chunking.ts'
import { docx, paragraph, pdfPages, show, table, zip } from './make-files.ts'
import { outlineOf, useReader } from './read.ts'

const parse = useReader()

describe('text', () => {
	it('is kept, cleaned', async () => {
		const { text, pages, headings } = await parse('text', '\ufeff第１行\r\n\r\nsecond\0 line  \r\n')
		expect({ text, pages, headings }).toEqual({ text: '第1行\n\nsecond line', pages: [], headings: [] })
	})

	it.each(['  \n\t\n', '', '--- \n***'])('without a letter is none: %j', async (content) => {
		await expect(parse('text', content)).rejects.toMatchObject({ problem: 'parseNoText' })
	})

	it('longer than the limit is refused, by its size or its characters', async () => {
		await expect(parse('text', 'a'.repeat(101), 100)).rejects.toMatchObject({
			problem: 'parseTooMuchText',
			params: [{ maxCharacters: 100 }],
		})
		await expect(parse('text', 'a'.repeat(1000), 100)).rejects.toMatchObject({ problem: 'parseTooMuchText' })
	})
})

describe('Markdown', () => {
	it('keeps its source but for tables, and marks its headings, but none in code or front matter', async () => {
		const source =
			'---\ntitle: x\n---\n# **Bold** [link](http://a) #\n\nUnder\n=====\n\n```sh\n# no heading\n```\n\n- item\n---\n\n### `code` 标题\ntext\n\nSub\n---\n\n#no'
		const parsed = await parse('markdown', source)
		expect(parsed.text).toBe(source)
		expect(parsed.headings.map(({ level, title }) => [level, title])).toEqual([
			[1, 'Bold link'],
			[1, 'Under'],
			[3, 'code 标题'],
			[2, 'Sub'],
		])
		for (const { start } of parsed.headings) expect(source[start - 1]).toBe('\n')
	})
})

describe('Markdown', () => {
	const rows = '| Name | Age |\n|:--|--:|\n| Wang | 3 |\n| Li | **4** |'

	it('has tables row by row with their header, and keeps what is around them', async () => {
		const parsed = await parse('markdown', `# People\n\n${rows}\n\n## After | all\n\nThe end | of it.`)
		expect(parsed.text).toBe('# People\n\nName: Wang | Age: 3\nName: Li | Age: **4**\n\n## After | all\n\nThe end | of it.')
		expect(parsed.headings.map(({ start, title }) => [parsed.text.startsWith('#', start), title])).toEqual([
			[true, 'People'],
			[true, 'After | all'],
		])
	})

	it.each([
		['without bars around it', 'Name | Age\n--- | ---\nWang | 3', 'Name: Wang | Age: 3'],
		['with bars in its cells', '| a | b |\n|---|---|\n| x \\| y | `1` |', 'a: x | y | b: `1`'],
		['that a heading ends', '| a | b |\n|---|---|\n| 1 | 2 |\n# T', 'a: 1 | b: 2\n# T'],
		['with missing cells and cells too many', '| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |', 'a: 1\na: 1 | b: 2 | 3'],
		['without rows', '| a | b |\n|---|---|', 'a | b'],
		['with an empty corner', '| | b |\n|---|---|\n| x | 1 |', 'x | b: 1'],
	])('has a table %s', async (_what, source, text) => {
		expect((await parse('markdown', source)).text).toBe(text)
	})

	it.each(['```\n| a | b |\n|---|---|\n| 1 | 2 |\n```', 'a | b\nc | d', 'Title | words\n---', '| a |\n|---|---|\n| b |'])(
		'has no table in %j',
		async (source) => {
			expect((await parse('markdown', source)).text).toBe(source)
		},
	)

	it('has each row of a long table with its header in whichever chunk', async () => {
		const table = `| City | Inhabitants |\n|---|---|\n${Array.from({ length: 200 }, (_, at) => `| Town ${at} | ${at * 1000} people live there. |`).join('\n')}`
		const parsed = await parse('markdown', `# Towns\n\n${table}`)
		const chunks = [...chunk(parsed)]
		expect(chunks.length).toBeGreaterThan(5)
		for (const { text, start, end, headings } of chunks) {
			expect(parsed.text.slice(start, end)).toBe(text)
			expect(headings).toEqual(['Towns'])
			for (const line of text.replace('# Towns\n\n', '').split('\n'))
				expect(line).toMatch(/^City: Town \d+ \| Inhabitants: \d+ people live there\.$/)
		}
	})
})

describe('HTML', () => {
	it('is its content: headings, paragraphs, lists, preformatted text; no scripts, menus, or hidden parts', async () => {
		const parsed = await parse(
			'html',
			`<!doctype html><title>Site</title><style>p{}</style><nav><a>Menu</a></nav><main><h1>Big &amp; <em>bold</em></h1>
			<p>One<br>two   three</p><script>alert(1)</script><p hidden>secret</p><div>Loose<p>Inner</p>tail</div>
			<ol start=3><li>third<ul><li>nested</ul><li>fourth</ol><pre>a\n  b</pre><h3>End</h3></main><footer>© me</footer>`,
		)
		expect(parsed.text).toBe('Big & bold\n\nOne\ntwo three\n\nLoose\n\nInner\n\ntail\n\n3. third\n  - nested\n4. fourth\n\na\n  b\n\nEnd')
		expect(outlineOf(parsed)).toEqual(['# Big & bold', '### End'])
	})

	it('takes the title for a heading where there is no other', async () => {
		expect(outlineOf(await parse('html', '<title>About cats</title><body><p>They sleep.'))).toEqual(['# About cats'])
	})

	it.each([
		['with a header', '<tr><th>Name<th>Age<tr><td>Wang<td>3<tr><td>Li<td>', ['Name: Wang | Age: 3', 'Name: Li']],
		['whose first row reads like one', '<tr><td>Name<td>Age<tr><td>Wang<td>3', ['Name: Wang | Age: 3']],
		['without one', '<tr><td>1<td>2<tr><td>3<td>4', ['1 | 2', '3 | 4']],
		['of pairs', '<tr><th>Born<td>1970<tr><th>Died<td>2020', ['Born: 1970', 'Died: 2020']],
		['with cells that span rows', '<tr><th>A<th>B<tr><td rowspan=2>x<td>1<tr><td>2', ['A: x | B: 1', 'A: x | B: 2']],
		[
			'with a header in two rows',
			'<thead><tr><th colspan=2>Cost<tr><th>Net<th>Gross</thead><tr><td>1<td>2',
			['Cost Net: 1 | Cost Gross: 2'],
		],
		[
			'with names that are too long to be repeated',
			`<tr><th>Name<th>The number of years since they were born, as of the first day of the year<tr><td>Li<td>3`,
			[
				'Name | The number of years since they were born, as of the first day of the year',
				'Name: Li | The number of years since they were born, as of the first d…: 3',
			],
		],
		['with spans beyond reason', '<tr><th>A<th>B<tr><td rowspan=9999999 colspan=9999999>x', ['A: x']],
	])('has tables %s row by row', async (_what, rows, lines) => {
		expect((await parse('html', `<table>${rows}</table>`)).text.split('\n')).toEqual(lines)
	})

	it('has tables of more columns than any page shows, each with its name', async () => {
		const cells = (tag: string, word: string) => Array.from({ length: 1_200 }, (_, column) => `<${tag}>${word}${column}`).join('')
		const { text } = await parse('html', `<table><tr>${cells('th', 'C')}<tr>${cells('td', 'v')}</table>`)
		expect(text.split(' | ')).toEqual(Array.from({ length: 1_200 }, (_, column) => `C${column}: v${column}`))
	})

	it('is read in the encoding that it declares', async () => {
		const body = Buffer.concat([Buffer.from('<html><meta charset="big5"><p>'), Buffer.from('a4a4a4e5', 'hex'), Buffer.from('</p>')])
		expect((await parse('html', body)).text).toBe('中文')
	})

	it('nested deeper than any page is refused', async () => {
		await expect(parse('html', '<div>'.repeat(20_000))).rejects.toMatchObject({ problem: 'parseBroken', params: [{ type: 'HTML' }] })
		expect((await parse('html', `${'<li>'.repeat(20_000)}end`)).text).toBe('end')
	})
})

describe('Word', () => {
	it('has headings by the name of their style, paragraphs, and tables row by row; no table of contents', async () => {
		const body = [
			paragraph('年度报告', 'a3'),
			paragraph('第一章\t3', '11'),
			paragraph('第一章', '1'),
			paragraph('正文ＡＢＣ'),
			table([
				['姓名', '年龄'],
				['王', '3'],
			]),
			paragraph('1.1 部分', 'Sub'),
			paragraph('完'),
		].join('')
		const parsed = await parse('docx', docx(body, { a3: 'Title', 11: 'toc 1', 1: 'heading 1', Sub: 'heading 2' }))
		expect(parsed.text).toBe('年度报告\n\n第一章\n\n正文ABC\n\n姓名: 王 | 年龄: 3\n\n1.1 部分\n\n完')
		expect(outlineOf(parsed)).toEqual(['# 年度报告', '# 第一章', '## 1.1 部分'])
	})

	it('that unpacks to far more than its size is refused before it is', async () => {
		const bomb = docx(paragraph('A'.repeat(20_000_000)))
		expect(bomb.length).toBeLessThan(100_000)
		await expect(parse('docx', bomb)).rejects.toMatchObject({ problem: 'parseBomb' })
	})

	it('without text is none', async () => {
		await expect(parse('docx', docx(paragraph('')))).rejects.toMatchObject({ problem: 'parseNoText' })
	})
})

describe('PDF', () => {
	const line = (y: number, text: string, x = 72, size = 11): [number, number, number, string] => [x, y, size, text]

	it('has pages, paragraphs put together from lines, and headings by size', async () => {
		const first = show(
			line(760, 'A Great Title', 72, 20),
			line(720, 'The first line of this paragraph goes on until the end of'),
			line(706, 'its column and then a second line, which ends here.'),
			line(660, 'Another paragraph, after a gap that shows it to be a new one.'),
		)
		const second = show(line(760, 'The second page has one line, and not another one on it.'))
		const parsed = await parse('pdf', pdfPages([first, second, '']))
		const [one = '', two = '', three = '', four = ''] = parsed.text.split('\n\n')
		expect([one, two]).toEqual([
			'A Great Title',
			'The first line of this paragraph goes on until the end of its column and then a second line, which ends here.',
		])
		expect(three).toMatch(/^Another/)
		expect(outlineOf(parsed)).toEqual(['# A Great Title'])
		expect(parsed.pages.map(({ page }) => page)).toEqual([1, 2, 3])
		const [head, tail, empty] = parsed.pages.map(({ start, end }) => parsed.text.slice(start, end).trim())
		expect(head).toMatch(/^A Great Title[\s\S]*new one\.$/)
		expect([tail, empty]).toEqual([four, ''])
	})

	it('has words that were split at line ends whole again, with their own hyphens where the document shows them', async () => {
		const content = show(
			line(720, 'This is a well-known fact: the committee has long been inter-'),
			line(706, 'ested in it, and the decision that it made is a very well-'),
			line(692, 'known one.'),
		)
		expect((await parse('pdf', pdfPages([content]))).text).toMatch(/interested in it.*very well-known one\.$/)
	})

	it('leaves out running titles and page numbers', async () => {
		const page = (number: number) =>
			show(line(800, 'Annual Report'), line(700, `Page content number ${'abcdef'[number]} is here.`), line(40, `${number + 1} of 6`))
		const { text } = await parse('pdf', pdfPages([0, 1, 2, 3, 4, 5].map(page)))
		expect(text).not.toMatch(/Annual|of 6/)
		expect(text.match(/Page content/g)).toHaveLength(6)
	})

	it('leaves out running titles that change with the chapter, by the number of the page, and keeps numbered titles', async () => {
		const chapter = ['Beginnings', 'Beginnings', 'Middles', 'Middles', 'Ends', 'Ends']
		const page = (at: number) =>
			show(
				at % 2 ? line(800, `${chapter[at]} ${at + 13}`) : line(800, `${at + 13} ${chapter[at]}`),
				line(760, `${at + 13} Letters ${'abcdef'[at]}`, 72, 20),
				line(700, `Page content ${'abcdef'[at]} is here.`),
				line(680, `${at + 100} ${'abcdef'[at]} counted`),
				line(660, 'and nothing else.'),
			)
		const { text } = await parse('pdf', pdfPages([0, 1, 2, 3, 4, 5].map(page)))
		expect(text).not.toMatch(/Beginnings|Middles|Ends/)
		for (const what of [/Page content/g, /10\d . counted/g, /1\d Letters/g]) expect(text.match(what)).toHaveLength(6)
	})

	it.each([
		['noise', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100_000, 'x\x93\0\xff', 'latin1')])],
		['half a file', pdfPages([show(line(700, 'text'))]).subarray(0, 200)],
	])('that is %s is broken', async (_what, content) => {
		await expect(parse('pdf', content)).rejects.toMatchObject({ problem: 'parseBroken', params: [{ type: 'PDF' }] })
	})

	it('that claims a hundred million pages has those that are there', async () => {
		const content = pdfPages([show(line(700, 'only page'))])
			.toString('latin1')
			.replace('/Count 1>>', '/Count 100000000>>')
		expect((await parse('pdf', Buffer.from(content, 'latin1'))).text).toBe('only page')
	})

	it('without text is none, as a scan', async () => {
		await expect(parse('pdf', pdfPages(['0 0 100 100 re f']))).rejects.toMatchObject({ problem: 'parseNoText' })
	})
})

it('a zip that is no Word file is broken', async () => {
	await expect(parse('docx', zip({ 'a.txt': 'x' }))).rejects.toThrow()
})
