import { cleanLine } from './clean.ts'
import { writeHtml } from './html.ts'
import { TextBuilder } from './text-builder.ts'
import type { InnerFile, ParsedText, SourceFile } from './types.ts'

/** What the formats of mails have in common. */
export interface Mail {
	subject: string
	from: string
	to: string
	cc: string
	date: string
	/** The better one: HTML is read when there is no text. */
	text: string
	html: string
	attachments: InnerFile[]
}

/** Each of them is a file to open; those behind are named. */
const MAX_ATTACHMENTS = 1_000

/** The subject as heading, who wrote to whom and when, what was said, and what is in the attachments; those that cannot be read are named. */
export async function writeMail(mail: Mail, file: SourceFile): Promise<ParsedText> {
	const builder = new TextBuilder(file)
	builder.heading(1, mail.subject)
	const attachments = mail.attachments.map(({ name, content }) => ({ name: cleanLine(name), content }))
	const header = { From: mail.from, To: mail.to, Cc: mail.cc, Date: mail.date, Attachments: attachments.map(({ name }) => name).join(', ') }
	const lines = Object.entries(header).map(([name, value]) => [name, cleanLine(value)])
	builder.block(
		lines
			.filter(([, value]) => value !== '')
			.map((line) => line.join(': '))
			.join('\n'),
	)
	if (mail.text.trim() !== '') builder.block(mail.text)
	else writeHtml(builder, mail.html, 1)
	const unread: string[] = []
	for (const [index, attachment] of attachments.entries()) {
		const parsed = index < MAX_ATTACHMENTS ? await file.inner(attachment, builder.left) : null
		if (!parsed) {
			unread.push(attachment.name)
			continue
		}
		builder.heading(2, attachment.name)
		builder.include(parsed, 2)
	}
	if (unread.length === 0) return builder.finish()
	builder.heading(2, 'Attachments that were not read')
	builder.block(unread.join(', '))
	return builder.finish()
}
