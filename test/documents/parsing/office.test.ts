import { describe, expect, it } from 'vitest'
import { doc, encryptedOffice, encryptedWorkbook, epub, odf, pptx, rawSheet, shape, slideTable, workbook } from './make-office.ts'
import { outlineOf, useReader } from './read.ts'

const parse = useReader()

describe('PowerPoint', () => {
	it('has a page and a heading for each slide in the order of the show, tables row by row, and notes', async () => {
		const parsed = await parse(
			'pptx',
			pptx([
				{ shapes: shape(['First things', 'second things']) + shape(['Plans'], 'title') + shape(['3'], 'sldNum'), notes: 'Smile.' },
				{
					shapes: slideTable([
						['Name', 'Age'],
						['王', '3'],
					]),
				},
			]),
		)
		expect(parsed.text).toBe('Plans\n\nFirst things\nsecond things\n\nNotes: Smile.\n\nSlide 2\n\nName: 王 | Age: 3')
		expect(outlineOf(parsed)).toEqual(['# Plans', '# Slide 2'])
		expect(parsed.pages.map(({ page, start, end }) => [page, parsed.text.slice(start, end).trim().split('\n')[0]])).toEqual([
			[1, 'Plans'],
			[2, 'Slide 2'],
		])
	})
})

describe.each(['xlsx', 'xls'] as const)('a workbook (%s)', (format) => {
	const make = (sheets: Record<string, unknown[][]>) => workbook(sheets, format === 'xls' ? 'biff8' : 'xlsx')

	it('has its sheets by name, and its rows with the names of the columns', async () => {
		const rows = [['Staff 2026'], [], ['Name', 'Age', '城市'], ['Wang', 3, '上海'], [], ['Li', null, '北京'], ['Zoë', 1.5]]
		const parsed = await parse(format, make({ People: rows, Empty: [], Numbers: [[1, 2], [3]] }))
		const people = 'Staff 2026\nName: Wang | Age: 3 | 城市: 上海\nName: Li | 城市: 北京\nName: Zoë | Age: 1.5'
		expect(parsed.text).toBe(`People\n\n${people}\n\nNumbers\n\n1 | 2\n3`)
		expect(outlineOf(parsed)).toEqual(['# People', '# Numbers'])
	})

	it('shows values as Excel does: dates, true and false, errors', async () => {
		const { text } = await parse(
			format,
			make({
				S: [
					['Day', 'Open'],
					[new Date(Date.UTC(2026, 10, 23, 12)), true],
				],
			}),
		)
		expect(text).toMatch(/^S\n\nDay: 2026-11-23 \| Open: TRUE$/)
	})

	it('shows numbers in their formats', async () => {
		const row = [
			{ t: 'n', v: 0.256, z: '0.0%' },
			{ t: 'n', v: 1234.5, z: '#,##0.00' },
			{ t: 'n', v: 0.1 },
		]
		expect((await parse(format, make({ S: [row] }))).text).toBe('S\n\n25.6% | 1,234.50 | 0.1')
	})

	it('without a value has no text', async () => {
		await expect(parse(format, make({ S: [] }))).rejects.toMatchObject({ problem: 'parseNoText' })
	})
})

it('text in a cell is put together from its runs', async () => {
	const cell = '<c r="B1" t="inlineStr"><is><r><t>a &amp; b</t></r><r><t xml:space="preserve"> &#20013;&#x6587;_x000D_</t></r></is></c>'
	expect((await parse('xlsx', rawSheet(`<row r="1">${cell}<c r="D1"/><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>`))).text).toBe(
		'S\n\na & b 中文 | #DIV/0!',
	)
})

it('a cell in the last corner of a sheet costs no more than one in the first', async () => {
	const cell = (at: string, value: number) => `<row r="${at.replace(/\D+/, '')}"><c r="${at}"><v>${value}</v></c></row>`
	expect((await parse('xlsx', rawSheet(cell('A1', 1) + cell('XFD1048576', 2)))).text).toBe('S\n\n1\n2')
})

it('a sheet of more columns than people read keeps them all, with their names', async () => {
	const columns = Array.from({ length: 1_500 }, (_, column) => `N${column}`)
	const { text } = await parse('xlsx', workbook({ S: [columns, columns.map((_, column) => column)] }))
	expect(text).toContain('N998: 998 | N999: 999 | N1000: 1000 | N1001: 1001')
	expect(text).toMatch(/N1499: 1499$/)
	const cell = (name: string) => `<table:table-cell><text:p>${name}</text:p></table:table-cell>`
	const rows = [columns, columns.map((_, column) => String(column))].map(
		(row) => `<table:table-row>${row.map(cell).join('')}</table:table-row>`,
	)
	expect((await parse('ods', odf('spreadsheet', `<table:table table:name="S">${rows.join('')}</table:table>`))).text).toBe(text)
})

it('attributes in single quotes are read', async () => {
	const row = (at: number, ...cells: string[]) => `<row r='${at}'>${cells.join('')}</row>`
	const text = (at: string, words: string) => `<c r='${at}' t='inlineStr'><is><t>${words}</t></is></c>`
	const rows = row(1, text('A1', 'Name'), text('C1', 'Open')) + row(2, text('A2', 'Li'), `<c r='C2' t='b'><v>1</v></c>`)
	expect((await parse('xlsx', rawSheet(rows))).text).toBe('S\n\nName: Li | Open: TRUE')
})

describe('Word before 2007', () => {
	it('has paragraphs, and tables row by row', async () => {
		const { text } = await parse('doc', doc('年度报告\rName\x07Age\x07\r王\x073\x07\rThe “end”.\r'))
		expect(text).toBe('年度报告\n\nName: 王 | Age: 3\n\nThe “end”.')
	})

	it('with a password is refused with words', async () => {
		await expect(parse('doc', doc('secret', 0x100))).rejects.toMatchObject({ problem: 'parsePassword' })
	})
})

describe('OpenDocument', () => {
	it('text has headings, lists, tables, notes in brackets; no contents, comments or deletions', async () => {
		const row = (...cells: string[]) =>
			`<table:table-row>${cells.map((cell) => `<table:table-cell><text:p>${cell}</text:p></table:table-cell>`).join('')}</table:table-row>`
		const parsed = await parse(
			'odt',
			odf(
				'text',
				`<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:table-of-content><text:p>Intro 1</text:p></text:table-of-content>
				<text:h text:outline-level="2">Intro</text:h>
				<text:p>A<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>See.</text:p></text:note-body></text:note><office:annotation><text:p>why?</text:p></office:annotation></text:p>
				<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>in it</text:p></text:list-item></text:list></text:list-item></text:list>
				<table:table><table:table-header-rows>${row('Name', 'Age')}</table:table-header-rows>${row('Li', '4')}</table:table>`,
			),
		)
		expect(parsed.text).toBe('Intro\n\nA  b\tc\nd (See.)\n\n- one\n  - in it\n\nName: Li | Age: 4')
		expect(outlineOf(parsed)).toEqual(['## Intro'])
	})

	it('spreadsheets have sheets by name; rows and cells repeated to the end of the sheet are none', async () => {
		const cell = (text: string, times = 1) =>
			`<table:table-cell table:number-columns-repeated="${times}">${text && `<text:p>${text}</text:p>`}</table:table-cell>`
		const body = `<table:table table:name="城市"><table:table-row>${cell('City')}${cell('Size')}</table:table-row><table:table-row>${cell('Cork')}${cell('2')}${cell('', 16_000)}</table:table-row><table:table-row table:number-rows-repeated="1048000">${cell('', 16_384)}</table:table-row></table:table>`
		const parsed = await parse('ods', odf('spreadsheet', body))
		expect(parsed.text).toBe('城市\n\nCity: Cork | Size: 2')
		expect(outlineOf(parsed)).toEqual(['# 城市'])
	})

	it('spreadsheets say what is the same in several rows or columns as often as it is there', async () => {
		const cell = (text: string, times = 1) =>
			`<table:table-cell table:number-columns-repeated="${times}"><text:p>${text}</text:p></table:table-cell>`
		const row = (cells: string, times = 1) => `<table:table-row table:number-rows-repeated="${times}">${cells}</table:table-row>`
		const body = `<table:table table:name="S">${row(cell('City') + cell('May') + cell('June'))}${row(cell('Cork') + cell('7', 2), 3)}</table:table>`
		expect((await parse('ods', odf('spreadsheet', body))).text).toBe(`S\n${'\nCity: Cork | May: 7 | June: 7'.repeat(3)}`)
	})

	it('presentations have pages, headings and notes', async () => {
		const frame = (text: string, kind: string) =>
			`<draw:frame presentation:class="${kind}"><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame>`
		const body = `<draw:page>${frame('Title', 'title')}${frame('Words', 'outline')}<presentation:notes>${frame('Say it.', 'notes')}</presentation:notes></draw:page><draw:page>${frame('More', 'outline')}</draw:page>`
		const parsed = await parse('odp', odf('presentation', body))
		expect(parsed.text).toBe('Title\n\nWords\n\nNotes: Say it.\n\nSlide 2\n\nMore')
		expect(parsed.pages.map(({ page }) => page)).toEqual([1, 2])
	})
})

describe('RTF', () => {
	it('has paragraphs and tables, in the code page of its fonts', async () => {
		const rtf = String.raw`{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fnil\fcharset134 SimSun;}}\f0 \'d6\'d0\'ce\'c4 \u20013?\u25991?\par Second \b bold\b0 .\par\trowd\cellx1000\cellx2000\intbl Name\cell Age\cell\row\trowd\cellx1000\cellx2000\intbl Li\cell 4\cell\row\pard End\par}`
		expect((await parse('rtf', rtf)).text).toBe('中文 中文\n\nSecond bold.\n\nName: Li | Age: 4\n\nEnd')
	})
})

describe('a book', () => {
	it('has its title and its chapters in reading order', async () => {
		const parsed = await parse('epub', epub('Otters', ['<h1>River</h1><p>They swim.</p>', '<h1>Land</h1><p>They sleep.</p>']))
		expect(parsed.text).toBe('Otters\n\nRiver\n\nThey swim.\n\nLand\n\nThey sleep.')
		expect(outlineOf(parsed)).toEqual(['# Otters', '## River', '## Land'])
	})
})

it.each(['docx', 'xlsx', 'pptx', 'xls'] as const)('an encrypted %s is refused with words', async (format) => {
	await expect(parse(format, format === 'xls' ? encryptedWorkbook() : encryptedOffice())).rejects.toMatchObject({
		problem: 'parsePassword',
	})
})

it('an encrypted OpenDocument is refused with words', async () => {
	const entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
	await expect(parse('odt', odf('text', '', entry))).rejects.toMatchObject({ problem: 'parsePassword' })
})
