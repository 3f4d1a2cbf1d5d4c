import { readFile } from 'node:fs/promises'
import PostalMime, { type Address, type Email } from 'postal-mime'
import { writeHtml } from './html.ts'
import { writeMail } from './mail.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** A mail as it is sent (RFC 5322, MIME). */
export async function parseEml(file: SourceFile): Promise<ParsedText> {
	const email = await readMime(file)
	const { subject = '', date = '', text = '', html = '' } = email
	const attachments = email.attachments
		.filter(({ disposition, related }) => disposition === 'attachment' || !related)
		.map(({ filename, content, mimeType }, index) => ({
			name: filename ?? `attachment-${index + 1}${mimeType === 'message/rfc822' ? '.eml' : ''}`,
			content: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
		}))
	const from = email.from ? [email.from] : []
	const header = { subject, from: addresses(from), to: addresses(email.to), cc: addresses(email.cc), date }
	return writeMail({ ...header, text, html, attachments }, file)
}

/** A page as browsers save it, in one file with its pictures. */
export async function parseMhtml(file: SourceFile): Promise<ParsedText> {
	const { subject = '', text = '', html = '' } = await readMime(file)
	const builder = new TextBuilder(file)
	if (html === '') {
		builder.heading(1, subject)
		builder.block(text)
	} else {
		writeHtml(builder, html)
	}
	return builder.finish()
}

/** Of parts and headers; more is made to exhaust. */
const MAX_NESTING = 20
const MAX_HEADER_BYTES = 1_000_000

const readMime = async ({ path }: SourceFile): Promise<Email> =>
	PostalMime.parse(await readFile(path), { maxNestingDepth: MAX_NESTING, maxHeadersSize: MAX_HEADER_BYTES, forceRfc822Attachments: true })

const addresses = (list: Address[] | undefined): string =>
	(list ?? [])
		.flatMap((address) => (address.group ? address.group : [address]))
		.map(({ name, address }) => (name && address && name !== address ? `${name} <${address}>` : (address ?? name)))
		.join(', ')
