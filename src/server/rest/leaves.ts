import { type GraphQLEnumType, type GraphQLScalarType, isEnumType } from 'graphql'
import { AppError } from '../../errors.ts'

/**
 * Turns one REST value into the value of a GraphQL variable; `at` names it in errors.
 * @throws AppError BAD_REQUEST
 */
export type Read = (value: unknown, at: string) => unknown

/** A scalar or an enum as REST writes it. */
interface Leaf {
	/** What a caller should have sent, as words. */
	readonly expected: string
	/** The JSON value that a text in a path, a query string or a form stands for; undefined when it stands for none. */
	readonly parse: (text: string) => unknown
	/** Of a JSON value that is not null. */
	readonly read: Read
}

export const refuse = (at: string, expected: string): never => {
	throw new AppError('badValue', { at, expected })
}

export function leafOf(type: GraphQLScalarType | GraphQLEnumType): Leaf {
	if (isEnumType(type)) return enumLeaf(type)
	switch (type.name) {
		case 'String':
			return leaf('a string', asIs, (value) => typeof value === 'string')
		case 'Int':
			return leaf('an integer', number(/^(0|-?[1-9]\d{0,9})$/), (value) => typeof value === 'number' && value === (value | 0))
		case 'Float':
			return leaf('a number', number(/^[-+\d.e]+$/i), Number.isFinite)
		case 'Boolean':
			return leaf(
				'true or false',
				(text) => ({ true: true, false: false })[text],
				(value) => typeof value === 'boolean',
			)
		case 'ID':
			return leaf('an id', number(/^[1-9]\d{0,15}$/), (value) => Number.isSafeInteger(value) && Number(value) > 0)
		default:
			return customLeaf(type)
	}
}

function leaf(expected: string, parse: Leaf['parse'], accepts: (value: unknown) => boolean): Leaf {
	return { expected, parse, read: (value, at) => (accepts(value) ? value : refuse(at, expected)) }
}

/** REST writes an enum's internal value (`admin`, `document.uploaded`), GraphQL its name. */
function enumLeaf(type: GraphQLEnumType): Leaf {
	const names = new Map<unknown, string>(type.getValues().map(({ name, value }) => [value, name]))
	const expected = `one of ${[...names.keys()].join(', ')}`
	return { expected, parse: asIs, read: (value, at) => names.get(value) ?? refuse(at, expected) }
}

/** A scalar of the schema's own judges its values itself, here and once more when GraphQL reads the variable. */
function customLeaf(type: GraphQLScalarType): Leaf {
	const read: Read = (value, at) => {
		try {
			type.parseValue(value)
		} catch (error) {
			if (error instanceof AppError && !isBadValue(error)) throw error
			refuse(at, isBadValue(error) ? error.params[0].expected : type.name)
		}
		return value
	}
	return { expected: type.name, parse: asIs, read }
}

const isBadValue = (error: unknown): error is AppError<'badValue'> => error instanceof AppError && error.problem === 'badValue'

const asIs = (text: string): string => text

const number =
	(pattern: RegExp) =>
	(text: string): number | undefined =>
		pattern.test(text) ? Number(text) : undefined
