import type { OfficeContentNode } from 'officeparser'
import { cleanLine } from './clean.ts'
import { type Cell, tableLines } from './table.ts'
import type { TextBuilder } from './text-builder.ts'

/** Writes what officeparser read into a `TextBuilder`. */
export function writeOffice(builder: TextBuilder, nodes: OfficeContentNode[]): void {
	let list: string[] = []
	const endList = () => {
		builder.block(list.join('\n'))
		list = []
	}
	for (const node of nodes) {
		if (node.type === 'list') {
			if (node.text?.trim()) list.push(itemLine(node))
			continue
		}
		endList()
		write(builder, node)
	}
	endList()
}

function write(builder: TextBuilder, node: OfficeContentNode): void {
	switch (node.type) {
		case 'heading':
			builder.heading(node.metadata?.level ?? 1, node.text ?? '')
			break
		case 'table':
			writeTable(builder, node)
			break
		case 'paragraph':
		case 'code':
		case 'text':
			writeParagraph(builder, node)
			break
		case 'comment':
		case 'image':
		case 'break':
			break
		default:
			if (node.children?.length) writeOffice(builder, node.children)
			else builder.block(node.text ?? '')
	}
}

/** A paragraph may hold tables in text boxes beside its words. */
function writeParagraph(builder: TextBuilder, node: OfficeContentNode): void {
	builder.block(node.text ?? '')
	writeOffice(builder, node.children?.filter((child) => child.type === 'table') ?? [])
}

function itemLine(node: OfficeContentNode & { type: 'list' }): string {
	const { listType, indentation = 0, itemIndex = 0 } = node.metadata ?? {}
	const mark = listType === 'ordered' ? `${itemIndex + 1}.` : '-'
	return `${'  '.repeat(Math.min(MAX_INDENTATION, indentation))}${mark} ${cleanLine(node.text ?? '')}`
}

const MAX_INDENTATION = 8

function writeTable(builder: TextBuilder, table: OfficeContentNode): void {
	const rows = (table.children ?? []).filter((row) => row.type === 'row')
	builder.block(tableLines(rows.map((row) => (row.children ?? []).filter((cell) => cell.type === 'cell').map(toCell))).join('\n'))
}

function toCell(node: OfficeContentNode): Cell {
	const { rowSpan = 1, colSpan = 1 } = node.type === 'cell' ? (node.metadata ?? {}) : {}
	return { text: cleanLine((node.children ?? []).map(textOf).join(' ')), rowSpan, colSpan }
}

const textOf = (node: OfficeContentNode): string =>
	node.type === 'table' || node.type === 'row' || node.type === 'cell' ? (node.children ?? []).map(textOf).join(' ') : (node.text ?? '')
