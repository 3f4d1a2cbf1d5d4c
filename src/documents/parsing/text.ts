import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../../errors.ts'
import { clean } from './clean.ts'
import { decode } from './encoding.ts'
import { checkLength, withText } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** Plain text: as it is, but for `clean`. */
export async function parseText(file: SourceFile): Promise<ParsedText> {
	const text = clean(await readText(file)).trimEnd()
	checkLength(text.length, file.maxCharacters)
	return withText({ text, pages: [], headings: [] })
}

/** No encoding takes more bytes a character. */
const MAX_CHARACTER_BYTES = 4

/** @throws AppError parseBroken where the bytes are no text, parseTooMuchText. */
export async function readText(
	{ path, maxCharacters }: SourceFile,
	type = 'text',
	declaredIn?: (bytes: Buffer) => string | undefined,
): Promise<string> {
	const { size } = await stat(path)
	checkLength(Math.ceil(size / MAX_CHARACTER_BYTES), maxCharacters)
	const bytes = await readFile(path)
	const text = decode(bytes, declaredIn?.(bytes))
	if (text === null) throw new AppError('parseBroken', { type })
	return text
}
