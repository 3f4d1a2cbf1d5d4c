import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { adapters } from './adapters.ts'
import { detectType } from './detect.ts'
import { isOfMachine } from './job.ts'
import type { Format, InnerFile, ParsedText } from './types.ts'

export interface Reading {
	path: string
	format: Format
	maxCharacters: number
	/** Where files may be laid that lie in this one. */
	folder: string
}

/** Files in files in files are read; what lies deeper is only named. */
const MAX_DEPTH = 3

/** Reads a file of any format, in this process. @throws AppError parse…, or whatever its reader throws on a damaged file. */
export async function read({ path, format, maxCharacters, folder }: Reading, depth = 0): Promise<ParsedText> {
	const adapter = await adapters[format].load()
	return adapter({ path, maxCharacters, inner })

	async function inner({ name, content }: InnerFile, maxCharacters: number): Promise<ParsedText | null> {
		if (depth === MAX_DEPTH) return null
		const path = join(folder, randomUUID())
		await writeFile(path, content, { mode: 0o600 })
		try {
			const type = await detectType(path, name)
			return type && (await read({ path, format: type.format, maxCharacters, folder }, depth + 1))
		} catch (error) {
			if (isOfMachine(error)) throw error
			return null // what it lies in can be read all the same
		} finally {
			await rm(path, { force: true })
		}
	}
}
