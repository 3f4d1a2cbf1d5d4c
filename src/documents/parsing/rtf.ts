import { readFile } from 'node:fs/promises'
import { OfficeParser } from 'officeparser'
import { writeOffice } from './office.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** RTF: headings, lists, tables row by row. */
export async function parseRtf(file: SourceFile): Promise<ParsedText> {
	const document = await OfficeParser.parseOffice(await readFile(file.path), { fileType: 'rtf', extractAttachments: false })
	const builder = new TextBuilder(file)
	writeOffice(builder, document.content)
	return builder.finish()
}
