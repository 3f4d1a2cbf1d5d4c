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

const MAX_ATTACHMENTS = 50

/** The subject as heading, who wrote to whom and when, what was said, and what is in the attachments that can be read. */
export async function writeMail(mail: Mail, file: SourceFile): Promise<ParsedText> {
	const builder = new TextBuilder(file)
	builder.heading(1, mail.subject)
	const attachments = mail.attachments.slice(0, MAX_ATTACHMENTS).map(({ name, content }) => ({ name: cleanLine(name), content }))
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
	for (const attachment of attachments) {
		const parsed = await file.inner(attachment, builder.left)
		if (!parsed) continue
		builder.heading(2, attachment.name)
		builder.include(parsed, 2)
	}
	return builder.finish()
}
