import { expect } from 'vitest'
import { read } from '../../../src/documents/parsing/read.ts'
import type { Format, ParsedText } from '../../../src/documents/parsing/types.ts'
import { useFolder } from './make-files.ts'

/** Reads files in this process: `using` a folder of its own. */
export function useReader(): (format: Format, content: string | Uint8Array, maxCharacters?: number) => Promise<ParsedText> {
	const folder = useFolder()
	return async (format, content, maxCharacters = 1e6) => {
		return read({ path: await folder.file('file', content), format, maxCharacters, folder: folder.path('.') })
	}
}

/** The headings as an outline, each checked to stand at its offset. */
export function outlineOf({ text, headings }: ParsedText): string[] {
	return headings.map(({ level, start, title }) => {
		expect(text.startsWith(title, start)).toBe(true)
		return `${'#'.repeat(level)} ${title}`
	})
}
