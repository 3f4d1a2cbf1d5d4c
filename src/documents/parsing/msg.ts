import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { decompressRTF } from '@kenjiuno/decompressrtf'
import type { FieldsData } from '@kenjiuno/msgreader'
import { OfficeParser } from 'officeparser'
import { AppError } from '../../errors.ts'
import { decode } from './encoding.ts'
import { type Mail, writeMail } from './mail.ts'
import type { InnerFile, ParsedText, SourceFile } from './types.ts'

/** CommonJS, whose default export importers see differently. */
const { default: MsgReader } = createRequire(import.meta.url)('@kenjiuno/msgreader') as typeof import('@kenjiuno/msgreader')

type Reader = InstanceType<typeof MsgReader>

/** A mail as Outlook stores it. */
export async function parseMsg(file: SourceFile): Promise<ParsedText> {
	const bytes = await readFile(file.path)
	const reader = new MsgReader(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
	const fields = reader.getFileData()
	if (fields.error || fields.dataType !== 'msg') throw new AppError('parseBroken', { type: 'MSG' })
	return writeMail(await mailOf(fields, reader), file)
}

async function mailOf(fields: FieldsData, reader: Reader): Promise<Mail> {
	const { subject = '', senderName = '', senderEmail = '', senderSmtpAddress, body = '', bodyHtml, html, recipients = [] } = fields
	const address = senderSmtpAddress ?? (senderEmail.includes('@') ? senderEmail : '')
	const to = (kind: string) =>
		recipients
			.filter(({ recipType = 'to' }) => recipType === kind)
			.map(({ name = '', smtpAddress, email = '' }) => withAddress(name, smtpAddress ?? (email.includes('@') ? email : '')))
			.filter((each) => each !== '')
			.join(', ')
	const markup = bodyHtml ?? (html ? (decode(html) ?? '') : '')
	return {
		subject,
		from: withAddress(senderName, address),
		to: to('to'),
		cc: to('cc'),
		date: isoDate(fields.clientSubmitTime ?? fields.messageDeliveryTime),
		text: body || (markup === '' ? await rtfText(fields.compressedRtf) : ''),
		html: markup,
		attachments: (fields.attachments ?? []).flatMap((attachment) => contentOf(attachment, reader)),
	}
}

const withAddress = (name: string, address: string): string =>
	name && address && name !== address ? `${name} <${address}>` : name || address

function isoDate(date: string | undefined): string {
	const time = Date.parse(date ?? '')
	return Number.isNaN(time) ? '' : new Date(time).toISOString()
}

/** Pictures shown in the text are not attachments to a reader. */
function contentOf(attachment: FieldsData, reader: Reader): InnerFile[] {
	if (attachment.attachmentHidden) return []
	const { fileName, content } = reader.getAttachment(attachment)
	return [{ name: attachment.innerMsgContent ? `${attachment.name ?? fileName}.msg`.replace(/(\.msg)+$/i, '.msg') : fileName, content }]
}

async function rtfText(compressed: Uint8Array | undefined): Promise<string> {
	if (!compressed) return ''
	const rtf = Buffer.from(decompressRTF([...compressed]))
	const { content } = await OfficeParser.parseOffice(rtf, { fileType: 'rtf', extractAttachments: false })
	return content.map(({ text = '' }) => text).join('\n')
}
