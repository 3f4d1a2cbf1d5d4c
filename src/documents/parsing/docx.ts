import { readFile } from 'node:fs/promises'
import { OfficeParser } from 'officeparser'
import { AppError } from '../../errors.ts'
import { rolesOfStyles } from './docx-styles.ts'
import { writeOffice } from './office.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'
import { readEntry, refuseBomb } from './zip.ts'

const MAX_STYLES_BYTES = 5_000_000

/** Word: headings by style, lists, tables row by row, notes at the end. An encrypted file is a compound file and no zip. */
export async function parseDocx(file: SourceFile): Promise<ParsedText> {
	const bytes = await readFile(file.path)
	const isZip = bytes.subarray(0, 2).toString('latin1') === 'PK'
	if (isZip) await refuseBomb(file.path)
	const document = await OfficeParser.parseOffice(bytes, { fileType: 'docx', extractAttachments: false }).catch((error: unknown) => {
		throw asProblem(error)
	})
	const styles = isZip ? await readEntry(file.path, 'word/styles.xml', MAX_STYLES_BYTES) : null
	const builder = new TextBuilder(file)
	writeOffice(builder, document.content, rolesOfStyles(styles ?? ''))
	return builder.finish()
}

function asProblem(error: unknown): unknown {
	const code = error instanceof Error && 'code' in error ? String(error.code) : ''
	return /PASSWORD|DECRYPTION/.test(code) || /password/i.test(String(error)) ? new AppError('parsePassword') : error
}
