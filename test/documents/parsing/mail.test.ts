import { describe, expect, it } from 'vitest'
import { docx, paragraph } from './make-files.ts'
import { msg } from './make-office.ts'
import { outlineOf, useReader } from './read.ts'

const parse = useReader()

const header =
	'From: Ann <ann@a.b>\r\nTo: bo@c.d, "Li, Q" <li@e.f>\r\nSubject: =?utf-8?B?5Lya6K6u?=\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n'
const part = (type: string, name: string, content: Buffer) =>
	`--x\r\nContent-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${content.toString('base64')}\r\n`
const mixed = (...parts: string[]) => `${header}Content-Type: multipart/mixed; boundary=x\r\n\r\n${parts.join('')}--x--\r\n`
const body = '--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee below.\r\n'

describe('a mail', () => {
	it('has its subject as heading, who, when, and what was said', async () => {
		const parsed = await parse(
			'eml',
			`${header}Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\nxPq6ww==\r\n`,
		)
		expect(parsed.text).toBe('会议\n\nFrom: Ann <ann@a.b>\nTo: bo@c.d, Li, Q <li@e.f>\nDate: 2026-11-23T09:00:00.000Z\n\n您好')
		expect(outlineOf(parsed)).toEqual(['# 会议'])
	})

	it('says to whom it went, and what was with it', async () => {
		const person = (name: string, address: string, kind: number) => ({ '3001': name, '39FE': address, '0C15': kind })
		const recipients = [person('Bob', 'bob@a.b', 1), person('李雷', 'lilei@a.b', 2)]
		const notes = { '3707': 'notes.txt', '3701': Buffer.from('Bring the 红色 folder.'), '3705': 1 }
		const html = Buffer.from('<html><body><h2>Agenda</h2><p>First the <b>budget</b>.</p></body></html>')
		const { text } = await parse('msg', msg({ '0037': 'Plan', '1013': html }, recipients, [notes]))
		expect(text).toContain('To: Bob <bob@a.b>')
		expect(text).toContain('Cc: 李雷 <lilei@a.b>')
		expect(text).toContain('Agenda\n\nFirst the budget.')
		expect(text).toContain('notes.txt\n\nBring the 红色 folder.')
	})

	it('in HTML only is read as a page', async () => {
		const { text } = await parse('eml', `${header}Content-Type: text/html\r\n\r\n<h2>Plan</h2><p>Come <b>soon</b>.</p><script>x</script>`)
		expect(text).toMatch(/\n\nPlan\n\nCome soon\.$/)
	})

	it('has the text of its attachments, and names those that cannot be read', async () => {
		const inner = Buffer.from('From: c@d.e\r\nTo: f@g.h\r\nSubject: Inner\r\n\r\nDeep words.')
		const parsed = await parse(
			'eml',
			mixed(
				body,
				part('application/octet-stream', 'plan.docx', docx(paragraph('Goals', 'H') + paragraph('Win.'), { H: 'heading 1' })),
				part('image/png', 'logo.png', Buffer.from('89504e470d0a1a0a0000', 'hex')),
				part('message/rfc822', 'fwd.eml', inner),
			),
		)
		expect(parsed.text).toContain('Attachments: plan.docx, logo.png, fwd.eml')
		expect(parsed.text).toMatch(
			/See below\.\n\nplan\.docx\n\nGoals\n\nWin\.\n\nfwd\.eml\n\nInner\n\nFrom: c@d\.e\nTo: f@g\.h\n\nDeep words\.\n\nAttachments that were not read\n\nlogo\.png$/,
		)
		expect(outlineOf(parsed)).toEqual([
			'# 会议',
			'## plan.docx',
			'### Goals',
			'## fwd.eml',
			'### Inner',
			'## Attachments that were not read',
		])
	})

	it('has the text of a hundred attachments, and says of the thousands that it does not open that it has not', async () => {
		const notes = Array.from({ length: 1_010 }, (_, at) => part('text/plain', `${at}.txt`, Buffer.from(`Note ${at} is here.`)))
		const { text } = await parse('eml', mixed(body, ...notes.slice(0, 100)))
		expect(text.match(/Note \d+ is here/g)).toHaveLength(100)
		expect(text).not.toContain('not read')
		const { text: of } = await parse('eml', mixed(body, ...notes))
		expect(of.match(/Note \d+ is here/g)).toHaveLength(1_000)
		expect(of).toMatch(/Attachments that were not read\n\n1000\.txt, .*1009\.txt$/)
	})

	it('in mails without end is read to some depth', async () => {
		let mail = mixed(body)
		for (let depth = 0; depth < 10; depth++) mail = mixed(body, part('message/rfc822', `${depth}.eml`, Buffer.from(mail)))
		const { text } = await parse('eml', mail)
		expect(text.match(/See below/g)).toHaveLength(4)
	})

	it('whose parts nest without end is broken, not the reader', async () => {
		const nested = Array.from(
			{ length: 3_000 },
			(_, index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}\r\n`,
		).join('')
		await expect(parse('eml', header + nested)).rejects.toThrow()
	})
})

describe('a mail of Outlook', () => {
	it('has the same', async () => {
		const parsed = await parse('msg', msg({ '0037': '会议', '0C1A': 'Ann', '5D01': 'ann@a.b', '1000': 'Come soon.' }))
		expect(parsed.text).toBe('会议\n\nFrom: Ann <ann@a.b>\n\nCome soon.')
		expect(outlineOf(parsed)).toEqual(['# 会议'])
	})
})

describe('a saved page', () => {
	it('is its content', async () => {
		const page =
			'--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<h1>T</h1><p>caf=C3=A9</p>\r\n'
		const image =
			'--x\r\nContent-Type: image/png\r\nContent-Location: http://a/b.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n'
		const parsed = await parse('mhtml', `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n${page}${image}--x--`)
		expect(parsed.text).toBe('T\n\ncafé')
	})
})
