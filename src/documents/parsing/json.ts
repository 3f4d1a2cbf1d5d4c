import { cleanLine } from './clean.ts'
import { sheetLines, sheetRow } from './sheet-lines.ts'
import { parseText, readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

/** JSON: its upper keys are headings, its values lines that name their path; a list of records is a table. What does not read as JSON is text. */
export async function parseJson(file: SourceFile): Promise<ParsedText> {
	const value = tryJson(await readText(file, 'JSON'))
	if (value === undefined) return parseText(file)
	const builder = new TextBuilder(file)
	try {
		new JsonWriter(builder).write(value)
	} catch (error) {
		if (error instanceof RangeError) return parseText(file) // nested deeper than the stack
		throw error
	}
	return builder.finish()
}

/** JSON lines: a record a line. */
export async function parseJsonLines(file: SourceFile): Promise<ParsedText> {
	const text = await readText(file, 'JSON')
	const builder = new TextBuilder(file)
	const writer = new JsonWriter(builder)
	for (const line of text.split('\n')) {
		const value = line.trim() === '' ? null : tryJson(line)
		if (value === undefined) builder.block(line)
		else if (value !== null) writer.record(value)
	}
	return builder.finish()
}

function tryJson(text: string): unknown {
	try {
		return JSON.parse(text.replace(/^\ufeff/, ''))
	} catch {
		return undefined
	}
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null
const isFlat = (value: unknown): value is Json =>
	isObject(value) && Object.values(value).every((each) => isScalar(each) || isScalarList(each))
const isScalarList = (value: unknown): value is unknown[] => Array.isArray(value) && value.every(isScalar)
const words = (value: unknown): string => (Array.isArray(value) ? value.map(words).join(', ') : value === null ? '' : String(value))

/** Deeper values are written as JSON. */
const MAX_DEPTH = 50
/** Keys that become headings. */
const HEADING_LEVELS = 2
/** A longer text stands by itself. */
const MAX_LINE = 300

class JsonWriter {
	readonly #builder: TextBuilder
	#lines: string[] = []

	constructor(builder: TextBuilder) {
		this.#builder = builder
	}

	write(value: unknown): void {
		this.#value('', value, 0)
		this.#flush()
	}

	/** One of many: a block. */
	record(value: unknown): void {
		if (isFlat(value)) this.#lines.push(pairs(value))
		else this.#value('', value, HEADING_LEVELS)
		this.#flush()
	}

	#value(path: string, value: unknown, depth: number): void {
		if (depth > MAX_DEPTH) this.#line(path, JSON.stringify(value))
		else if (isScalar(value) || isScalarList(value)) this.#line(path, words(value))
		else if (Array.isArray(value)) this.#list(path, value, depth)
		else if (isObject(value)) this.#object(path, value, depth)
	}

	#object(path: string, object: Json, depth: number): void {
		const entries = Object.entries(object)
		const isNested = (value: unknown) => !isScalar(value) && !isScalarList(value)
		for (const [key, value] of entries) if (!isNested(value)) this.#value(join(path, key), value, depth + 1)
		for (const [key, value] of entries) {
			if (!isNested(value)) continue
			const isHeading = depth < HEADING_LEVELS && path === ''
			if (isHeading) {
				this.#flush()
				this.#builder.heading(depth + 1, key)
			}
			this.#value(isHeading ? '' : join(path, key), value, depth + 1)
		}
	}

	#list(path: string, list: unknown[], depth: number): void {
		if (list.every(isFlat)) {
			this.#flush()
			if (path) this.#lines.push(`${path}:`)
			this.#lines.push(...tableOf(list))
			this.#flush()
			return
		}
		for (const [index, item] of list.entries()) {
			if (isFlat(item)) this.#line(`${path}[${index}]`, pairs(item))
			else this.#value(`${path}[${index}]`, item, Math.max(depth + 1, HEADING_LEVELS))
			if (depth < HEADING_LEVELS) this.#flush()
		}
	}

	#line(path: string, text: string): void {
		if (text.trim() === '') return
		const isLong = text.length > MAX_LINE || text.includes('\n')
		if (isLong) this.#flush()
		this.#lines.push(path === '' ? text : isLong ? `${path}:\n${text}` : `${path}: ${text}`)
		if (isLong) this.#flush()
	}

	#flush(): void {
		this.#builder.block(this.#lines.join('\n'))
		this.#lines = []
	}
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

const pairs = (object: Json): string =>
	Object.entries(object)
		.map(([key, value]) => [key, cleanLine(words(value))])
		.filter(([, text]) => text !== '')
		.map((pair) => pair.join(': '))
		.join(' | ')

function tableOf(records: Json[]): string[] {
	const columns = [...new Set(records.flatMap((record) => Object.keys(record)))]
	const isTable = records.length > 1 && columns.length <= 50
	return isTable
		? [...sheetLines([columns, ...records.map((record) => columns.map((key) => words(record[key] ?? '')))].map(sheetRow))]
		: records.map(pairs)
}
