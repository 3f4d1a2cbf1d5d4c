import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { clean } from './clean.ts'
import { headingsOf } from './markdown.ts'
import { withTableRows } from './markdown-tables.ts'
import { readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

const Source = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))])
const Output = z.object({
	text: Source.optional(),
	data: z.object({ 'text/plain': Source.optional() }).optional(),
	ename: z.string().optional(),
	evalue: z.string().optional(),
})
const Cell = z.object({
	cell_type: z.string(),
	source: Source.optional(),
	/** nbformat 3 */
	input: Source.optional(),
	outputs: z.array(Output.catch({})).catch([]),
})
const Notebook = z.object({
	metadata: z.object({ language_info: z.object({ name: z.string() }).optional().catch(undefined) }).catch({}),
	cells: z.array(Cell).optional(),
	worksheets: z.array(z.object({ cells: z.array(Cell) })).optional(),
})

/** The rest of an output is a print of data. */
const MAX_OUTPUT = 2_000

/** Jupyter: prose as Markdown with its headings, code in fences, what it printed below it. */
export async function parseNotebook(file: SourceFile): Promise<ParsedText> {
	const { cells, worksheets, metadata } = read(await readText(file, 'Jupyter'))
	const language = metadata.language_info?.name ?? ''
	const builder = new TextBuilder(file)
	for (const { cell_type, source, input, outputs } of cells ?? worksheets?.flatMap((sheet) => sheet.cells) ?? []) {
		const text = clean(source ?? input ?? '').trim()
		if (text === '') continue
		if (cell_type === 'markdown' || cell_type === 'heading') includeMarkdown(builder, text)
		else if (cell_type === 'code') builder.block(`\`\`\`${language}\n${text}\n\`\`\``)
		else builder.block(text)
		const printed = outputs.map(outputText).join('\n').trim()
		if (printed !== '') builder.block(`Output:\n${shortened(printed)}`)
	}
	return builder.finish()
}

function includeMarkdown(builder: TextBuilder, source: string): void {
	const text = withTableRows(source)
	builder.include({ text, headings: [...headingsOf(text)] })
}

function shortened(printed: string): string {
	const more = printed.length - MAX_OUTPUT
	return more > 0 ? `${printed.slice(0, MAX_OUTPUT)}… (${more} more characters)` : printed
}

function read(text: string): z.infer<typeof Notebook> {
	try {
		return Notebook.parse(JSON.parse(text))
	} catch {
		throw new AppError('parseBroken', { type: 'Jupyter' })
	}
}

function outputText({ text, data, ename, evalue }: z.infer<typeof Output>): string {
	return ename ? `${ename}: ${evalue ?? ''}` : (text ?? data?.['text/plain'] ?? '')
}
