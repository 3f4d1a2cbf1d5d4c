import { originalNameOf } from './names.ts'
import type { FileType } from './parsing/types.ts'

/** A heading with its space, a fenced block, a link, a row of a table or something bold: what nobody writes in plain text by accident. */
const MARKDOWN =
	/^ {0,3}#{1,6} +\S|^ {0,3}(?:`{3}|~{3})|\[[^\]\n]{1,500}\]\([^()\s]{1,2000}\)|^ {0,3}\|.*\|[ \t]*$|\*\*\S[^*\n]{0,500}\*\*/m

/** The file that a text with a title stands for. A slash in a title is no folder. */
export function textFileOf(title: string, text: string): FileType & { originalName: string } {
	const [, given] = /\.(txt|md)$/i.exec(title) ?? []
	const isMarkdown = given ? given.toLowerCase() === 'md' : MARKDOWN.test(text)
	const type = isMarkdown
		? ({ format: 'markdown', mimeType: 'text/markdown' } as const)
		: ({ format: 'text', mimeType: 'text/plain' } as const)
	const name = title.replace(/[/\\]/g, '-')
	return { ...type, originalName: originalNameOf(given ? name : `${name}.${isMarkdown ? 'md' : 'txt'}`) }
}
