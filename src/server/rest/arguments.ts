import {
	type GraphQLInputObjectType,
	type GraphQLInputType,
	getNamedType,
	isInputObjectType,
	isListType,
	isNonNullType,
	isRequiredInputField,
	isScalarType,
	isSpecifiedScalarType,
} from 'graphql'
import { AppError } from '../../errors.ts'
import { isRecord } from '../json.ts'
import { leafOf, type Read, refuse } from './leaves.ts'

/**
 * A reader of JSON values, strict: no text for a number, no single value for a list, no field that the type lacks. It checks all that
 * GraphQL would, so that the words are ours. Null stays null and absent stays absent: the one clears a field, the other leaves it.
 */
export const jsonReader = (type: GraphQLInputType): Read => readerOf(type, new Map()).read

/** A reader of text from the path or the query string; several values of one name make a list. */
export function textReader(type: GraphQLInputType): Read {
	if (isNonNullType(type)) return textReader(type.ofType)
	if (isListType(type)) {
		const read = textReader(type.ofType)
		return (value, at) => (Array.isArray(value) ? value : [value]).map((item) => read(item, at))
	}
	if (isInputObjectType(type)) throw new Error(`${type} cannot be written as text`)
	const { parse, read, expected } = leafOf(type)
	return (value, at) => {
		if (typeof value !== 'string') return refuse(at, 'one value')
		const parsed = parse(value)
		return parsed === undefined ? refuse(at, expected) : read(parsed, at)
	}
}

/** A reader of a form's parts: a file as it is, JSON where the type asks for a structure, other text as in a query string. */
export function formReader(type: GraphQLInputObjectType): Read {
	const fields = new Map(
		Object.values(type.getFields()).map((field) => [field.name, { isRequired: isRequiredInputField(field), read: partReader(field.type) }]),
	)
	return (value, at) => readFields(fields, value, at)
}

function partReader(type: GraphQLInputType): Read {
	const readValue = jsonReader(type)
	const readText: Read = isStructure(type) ? (text, at) => readValue(structureIn(text), at) : textReader(type)
	return (value, at) => (typeof value === 'string' || Array.isArray(value) ? readText(value, at) : readValue(value, at))
}

/** Whether a value of the type is written as JSON in a form: an input type, or a scalar that is not written as a simple value. */
function isStructure(type: GraphQLInputType): boolean {
	const named = getNamedType(type)
	if (isInputObjectType(named)) return true
	return isScalarType(named) && !isSpecifiedScalarType(named) && named.extensions.jsonSchema?.['type'] !== 'string'
}

/** What is no JSON stays text: whoever knows the rule for this field refuses it. */
function structureIn(text: unknown): unknown {
	try {
		return JSON.parse(String(text)) as unknown
	} catch {
		return text
	}
}

// ---- JSON

interface Reader {
	readonly expected: string
	readonly read: Read
}

interface Field {
	readonly isRequired: boolean
	readonly read: Read
}

type Known = Map<GraphQLInputObjectType, Reader>

function readerOf(type: GraphQLInputType, known: Known): Reader {
	if (isNonNullType(type)) return refusingNull(readerOf(type.ofType, known))
	if (isListType(type)) return listReader(readerOf(type.ofType, known))
	if (isInputObjectType(type)) return known.get(type) ?? objectReader(type, known)
	const { expected, read } = leafOf(type)
	return { expected, read: nullable(read) }
}

function refusingNull({ expected, read }: Reader): Reader {
	return { expected, read: (value, at) => (value === null ? refuse(at, expected) : read(value, at)) }
}

function listReader({ read }: Reader): Reader {
	const readList: Read = (value, at) =>
		Array.isArray(value) ? value.map((item, index) => read(item, `${at}[${index}]`)) : refuse(at, 'a list')
	return { expected: 'a list', read: nullable(readList) }
}

function objectReader(type: GraphQLInputObjectType, known: Known): Reader {
	const fields = new Map<string, Field>()
	const reader: Reader = { expected: 'an object', read: nullable((value, at) => readFields(fields, value, at)) }
	known.set(type, reader) // before its fields, for an input type may contain itself
	for (const field of Object.values(type.getFields())) {
		fields.set(field.name, { isRequired: isRequiredInputField(field), read: readerOf(field.type, known).read })
	}
	return reader
}

function readFields(fields: ReadonlyMap<string, Field>, value: unknown, at: string): Record<string, unknown> {
	if (!isRecord(value)) return refuse(at, 'an object')
	const pathOf = (name: string) => (at === '' ? name : `${at}.${name}`)
	const result: Record<string, unknown> = {}
	for (const name of Object.keys(value)) {
		const field = fields.get(name)
		if (!field) throw new AppError('unknownField', { at: pathOf(name) })
		result[name] = field.read(value[name], pathOf(name))
	}
	for (const [name, { isRequired }] of fields) {
		if (isRequired && !Object.hasOwn(result, name)) throw new AppError('missingField', { at: pathOf(name) })
	}
	return result
}

const nullable =
	(read: Read): Read =>
	(value, at) =>
		value === null ? null : read(value, at)
