import { expect, it } from 'vitest'
import { docx, paragraph, table, zip } from './make-files.ts'
import { outlineOf, useReader } from './read.ts'

const parse = useReader()

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const run = (text: string, properties = '') => `<w:r><w:rPr>${properties}</w:rPr><w:t>${text}</w:t></w:r>`
const inList = (text: string, id: number, level = 0, style = '') =>
	`<w:p><w:pPr>${style}<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${id}"/></w:numPr></w:pPr>${run(text)}</w:p>`
const textOf = async (body: string, more: Record<string, string> = {}) => (await parse('docx', withParts(body, more))).text

/** A Word file with more parts, which it need not refer to: they have their usual names. */
function withParts(body: string, more: Record<string, string>): Buffer {
	return zip({
		'[Content_Types].xml': '<Types/>',
		'word/document.xml': `<w:document xmlns:w="${WORD}"><w:body>${body}</w:body></w:document>`,
		...more,
	})
}

const level = (at: number, format: string, text: string) =>
	`<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
const numbering = `<w:numbering xmlns:w="${WORD}">
	<w:abstractNum w:abstractNumId="0">${level(0, 'chineseCounting', '第%1条')}${level(1, 'decimal', '%1.%2').replace('<w:lvlText', '<w:isLgl/><w:lvlText')}${level(2, 'lowerRoman', '(%3)')}</w:abstractNum>
	<w:abstractNum w:abstractNumId="1">${level(0, 'bullet', '\uf0b7')}${level(1, 'upperLetter', '%2)')}</w:abstractNum>
	<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
	<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
	<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="11"/></w:lvlOverride></w:num>
</w:numbering>`

it('Word counts: lists and headings have the numbers that are shown', async () => {
	const styles = `<w:styles xmlns:w="${WORD}"><w:style w:styleId="a1"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
		<w:style w:styleId="b"><w:name w:val="Mine"/><w:basedOn w:val="a1"/></w:style></w:styles>`
	const body = [
		inList('甲', 1),
		inList('one', 1, 1),
		inList('two', 1, 1),
		inList('deep', 1, 2),
		inList('乙', 1),
		inList('again', 1, 1),
		paragraph('Between'),
		inList('丙', 1),
		inList('point', 2),
		inList('letter', 2, 1),
		paragraph('总则', 'a1'),
		paragraph('附则', 'b'),
		inList('unknown list', 9),
		inList('out of the list', 0),
	].join('')
	const parsed = await parse('docx', withParts(body, { 'word/numbering.xml': numbering, 'word/styles.xml': styles }))
	expect(parsed.text).toBe(
		'第一条 甲\n  1.1 one\n  1.2 two\n    (i) deep\n第二条 乙\n  2.1 again\n\nBetween\n\n第三条 丙\n- point\n  A) letter\n\n第十一条 总则\n\n第十二条 附则\n\n- unknown list\n\nout of the list',
	)
	expect(outlineOf(parsed)).toEqual(['## 第十一条 总则', '## 第十二条 附则'])
})

it('Word is read with its changes accepted, without hidden text, codes of fields and comments', async () => {
	const body = `<w:p>${run('The price is ')}<w:del><w:r><w:delText>10</w:delText></w:r></w:del><w:ins>${run('12')}</w:ins>${run(' euros')}
		<w:commentRangeStart w:id="0"/>${run('.')}<w:r><w:commentReference w:id="0"/></w:r>${run('secret', '<w:vanish/>')}${run(' Seen.', '<w:vanish w:val="0"/>')}
		<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText></w:r>${run(' 7')}<w:hyperlink>${run(' link')}</w:hyperlink>
		<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t><w:softHyphen/></w:r><w:r><w:ruby><w:rt>${run('かん')}</w:rt><w:rubyBase>${run('漢')}</w:rubyBase></w:ruby></w:r></w:p>
		<w:tbl><w:tr><w:tc>${paragraph('A')}</w:tc><w:tc>${paragraph('B')}</w:tc></w:tr><w:tr><w:trPr><w:del/></w:trPr><w:tc>${paragraph('gone')}</w:tc><w:tc>${paragraph('gone')}</w:tc></w:tr></w:tbl>`
	const comments = `<w:comments xmlns:w="${WORD}"><w:comment w:id="0">${paragraph('Really?')}</w:comment></w:comments>`
	expect(await textOf(body, { 'word/comments.xml': comments })).toBe('The price is 12 euros. Seen. 7 linknon-stop漢\n\nA | B')
})

it('Word has notes where they are marked', async () => {
	const body = `<w:p>${run('Water is wet')}<w:r><w:footnoteReference w:id="2"/></w:r>${run('.')}<w:r><w:endnoteReference w:id="1"/></w:r></w:p>`
	const footnotes = `<w:footnotes xmlns:w="${WORD}"><w:footnote w:type="separator" w:id="0">${paragraph('--')}</w:footnote><w:footnote w:id="2">${paragraph('So they say.')}</w:footnote></w:footnotes>`
	const endnotes = `<w:endnotes xmlns:w="${WORD}"><w:endnote w:id="1">${paragraph('The end.')}</w:endnote></w:endnotes>`
	expect(await textOf(body, { 'word/footnotes.xml': footnotes, 'word/endnotes.xml': endnotes })).toBe(
		'Water is wet (So they say.). (The end.)',
	)
})

it('Word has text boxes once, after their paragraph or in their cell, and boxes made of tables as text', async () => {
	const box = (text: string) =>
		`<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>${paragraph(text)}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>${paragraph(text)}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>`
	const frame = `<w:tbl><w:tr><w:tc>${paragraph('Framed', 'H')}${inList('item', 2)}</w:tc></w:tr></w:tbl>`
	const cells = table([['Name', 'Age']]).replace(
		'</w:tbl>',
		`<w:tr><w:tc><w:p>${run('Wang')}${box('(boxed)')}</w:p></w:tc><w:tc>${paragraph('3')}</w:tc></w:tr></w:tbl>`,
	)
	expect(await textOf(`<w:p>${run('Before')}${box('In a box')}</w:p>${frame}${cells}`, { 'word/numbering.xml': numbering })).toBe(
		'Before\n\nIn a box\n\nFramed\n\n- item\n\nName: Wang (boxed) | Age: 3',
	)
})

it('Word has tables with merged cells, marked headers and content controls', async () => {
	const cell = (text: string, properties = '') => `<w:tc><w:tcPr>${properties}</w:tcPr>${paragraph(text)}</w:tc>`
	const body = `<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>${cell('2024: sum', '<w:gridSpan w:val="2"/>')}${cell('Who')}</w:tr>
		<w:sdt><w:sdtContent><w:tr>${cell('1')}${cell('2')}${cell('Wang', '<w:vMerge w:val="restart"/>')}</w:tr></w:sdtContent></w:sdt>
		<w:tr>${cell('3')}<w:sdt><w:sdtContent>${cell('4')}</w:sdtContent></w:sdt>${cell('', '<w:vMerge/>')}</w:tr></w:tbl>`
	expect((await textOf(body)).split('\n')).toEqual(['2024: sum: 1 | 2024: sum: 2 | Who: Wang', '2024: sum: 3 | 2024: sum: 4 | Who: Wang'])
})

it('Word has formulas on one line', async () => {
	const m = (name: string, ...inner: string[]) => `<m:${name}>${inner.join('')}</m:${name}>`
	const t = (text: string) => m('r', m('t', text))
	const root = m('rad', m('e', m('sSup', m('e', t('b')), m('sup', t('2'))), t('-4ac')))
	const formula = m('oMath', t('x='), m('f', m('num', t('-b±'), root), m('den', t('2a'))))
	const sum = m(
		'oMath',
		m(
			'nary',
			'<m:naryPr><m:chr m:val="∑"/></m:naryPr>',
			m('sub', t('k=0')),
			m('sup', t('n')),
			m('e', m('sSub', m('e', t('a')), m('sub', t('k')))),
		),
	)
	expect(await textOf(`<w:p>${run('So ')}${formula}</w:p><w:p>${sum}</w:p>`)).toBe('So x=(-b±√(b^2-4ac))/2a\n\n∑_(k=0)^n a_k')
})

it('Word without a document part, or with half of one, is broken', async () => {
	const half = { 'word/document.xml': '<w:document><w:body><w:p><w:r><w:t>un' }
	await expect(parse('docx', withParts('', half))).rejects.toMatchObject({ problem: 'parseBroken' })
	await expect(parse('docx', zip({ '[Content_Types].xml': '<Types/>' }))).rejects.toMatchObject({ problem: 'parseBroken' })
	expect((await parse('docx', docx(paragraph('Fine.')))).text).toBe('Fine.')
})
