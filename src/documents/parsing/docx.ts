import { readFile } from 'node:fs/promises'
import { OfficeParser } from 'officeparser'
import { rolesOfStyles } from './docx-styles.ts'
import { writeOffice } from './office.ts'
import { Package } from './package.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** Word: headings by style, lists, tables row by row, notes at the end. */
export async function parseDocx(file: SourceFile): Promise<ParsedText> {
	using zip = await Package.open(file.path)
	const document = await OfficeParser.parseOffice(await readFile(file.path), { fileType: 'docx', extractAttachments: false })
	const styles = await zip.text('word/styles.xml')
	const builder = new TextBuilder(file)
	writeOffice(builder, document.content, rolesOfStyles(styles ?? ''))
	return builder.finish()
}
