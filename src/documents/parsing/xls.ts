import { readFile } from 'node:fs/promises'
import { type CellObject, read, type WorkSheet } from '@e965/xlsx'
import { AppError } from '../../errors.ts'
import { type SheetRow, sheetLines } from './sheet-lines.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** Excel before 2007: as `parseXlsx`. */
export async function parseXls(file: SourceFile): Promise<ParsedText> {
	const workbook = parse(await readFile(file.path))
	const builder = new TextBuilder(file)
	for (const name of workbook.SheetNames) {
		const sheet = workbook.Sheets[name]
		const lines = sheet ? [...sheetLines(rowsOf(sheet))] : []
		if (lines.length === 0) continue
		builder.heading(1, name)
		builder.block(lines.join('\n'))
	}
	return builder.finish()
}

function parse(bytes: Buffer) {
	try {
		return read(bytes, { type: 'buffer', dense: true, cellFormula: false, cellHTML: false, cellText: true, dateNF: 'yyyy-mm-dd' })
	} catch (error) {
		throw /password|encrypt/i.test(String(error)) ? new AppError('parsePassword') : error
	}
}

/** Rows and cells that are there: one in the last corner of a sheet costs no more than one in the first. */
function* rowsOf(sheet: WorkSheet): Generator<SheetRow> {
	for (const row of sheet['!data'] ?? []) {
		if (!row) continue
		const cells = new Map<number, string>()
		row.forEach((cell, column) => {
			if (cell) cells.set(column, textOf(cell))
		})
		yield cells
	}
}

function textOf({ t, w, v }: CellObject): string {
	if (t === 'z' || v === undefined) return ''
	return w ?? String(v)
}
