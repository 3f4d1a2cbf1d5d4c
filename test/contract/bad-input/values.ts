import { type GraphQLInputType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, isScalarType } from 'graphql'
import type { ErrorCode } from '../../../src/errors.ts'
import type { Place } from './places.ts'
import { type Expected, ruleOf } from './rules.ts'
import type { World } from './world.ts'

/** A value as it is written, what it is called in a failure, and what it is answered with. */
export interface Hostile {
	readonly what: string
	/** JSON, of variables and bodies; or text of a path or a query string, percent-encoded. */
	readonly text: string
	readonly expected: Expected
}

const BAD = 'BAD_REQUEST' satisfies ErrorCode

/** JSON that is of no type but the one that it names. */
const OF_TYPE: readonly (readonly [type: 'string' | 'integer' | 'number' | 'boolean' | 'list' | 'object', json: string])[] = [
	['string', '"x"'],
	['string', '"7"'],
	['string', '"NaN"'],
	['integer', '7'],
	['number', '1.5'],
	['number', '-0.1'],
	['number', '1e400'],
	['number', '-1e400'],
	['number', '2147483648'],
	['number', '-2147483649'],
	['number', '9007199254740992'],
	['boolean', 'true'],
	['boolean', 'false'],
	['list', '[]'],
	['list', '["x"]'],
	['list', '[1]'],
	['list', '[null]'],
	['list', '[{}]'],
	['object', '{}'],
	['object', '{"contains":""}'],
	['object', '{"not":null}'],
	['object', '{"in":["x"]}'],
	['object', '{"set":"x"}'],
	['object', '{"$ne":1}'],
	['object', '{"__proto__":{"admin":true}}'],
	['object', '{"constructor":{"prototype":{"admin":true}}}'],
	['object', '{"toString":"x"}'],
	['object', `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`],
	['list', `${'['.repeat(50)}${']'.repeat(50)}`],
]
const not = (...types: string[]): Hostile[] =>
	OF_TYPE.filter(([type]) => !types.includes(type)).map(([type, json]) => ({
		what: `the ${type} ${short(json)}`,
		text: json,
		expected: BAD,
	}))

/** What stands for no id, in JSON as a string and in a path. */
const NO_IDS = [
	'abc',
	'1.5',
	'1.0',
	'-1',
	'0',
	'00',
	'01',
	'1e3',
	'0x1',
	'+1',
	' 1',
	'1 ',
	'1\n',
	'１',
	'١',
	'NaN',
	'Infinity',
	'null',
	'true',
	'1,2',
	'1;2',
	"1'--",
	'{}',
	'[]',
	'9007199254740992',
	'9'.repeat(40),
	'__proto__',
]
/** What stands for no number, in a query string. */
const NO_NUMBERS = [
	'',
	'abc',
	'1.5',
	'1.0',
	'1e2',
	'0x10',
	'007',
	'-01',
	'+1',
	' 1',
	'1 ',
	'２',
	'-',
	'--1',
	'1,2',
	'NaN',
	'Infinity',
	'1e400',
	'null',
	'true',
	'[]',
	'{"gt":1}',
	'2147483648',
	'-2147483649',
	'9'.repeat(40),
]
const NO_NAMES = ['', 'nonsense', ' ', '__proto__', 'constructor', 'toString', 'null', '0', "' OR true --"]
const NO_TIMES = [
	'',
	'now',
	'yesterday',
	'2024',
	'2024-01-01',
	'2024-13-01T00:00:00Z',
	'2024-02-30T00:00:00Z',
	'2024-01-01T25:00:00Z',
	'2024-01-01T00:00:00',
	'+010000-01-01T00:00:00Z',
	'0000-01-01T00:00:00Z',
	'1704067200000',
	'Mon, 01 Jan 2024 00:00:00 GMT',
	"2024-01-01T00:00:00Z' --",
	'2024-01-01T00:00:00Z\u0000',
]
const noThreads = (prefix: string) => [
	'',
	prefix,
	`${prefix}-`,
	`${prefix}-A`,
	`${prefix}-a b`,
	`${prefix}-${'a'.repeat(61)}`,
	`other-${'a'.repeat(20)}`,
	`${prefix}-a\u0000`,
	`${prefix}-é`,
	`${prefix}-a%`,
	`${prefix}-' --`,
	`${prefix}-a\n`,
]

/** What an argument gets in the variables of GraphQL, or in a body of REST. */
export function jsonFor(place: Place, surface: 'GraphQL' | 'REST', world: World): Hostile[] {
	const { type, hasDefault } = place
	const rule = ruleOf(place)
	const onNull = isNonNullType(type) ? BAD : (rule?.onNull ?? 'ok')
	return [
		{ what: 'null', text: 'null', expected: onNull },
		...(isNonNullType(type) && !hasDefault ? [{ what: 'nothing', text: '', expected: BAD } as const] : []),
		...ofType(getNullableType(type) as GraphQLInputType, surface),
		...(rule?.values(world, surface) ?? []).map(([what, value, expected]) => ({
			what,
			text: typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : value.json,
			expected,
		})),
	]
}

function ofType(type: GraphQLInputType, surface: 'GraphQL' | 'REST'): Hostile[] {
	const texts = (values: readonly string[]): Hostile[] =>
		values.map((value) => ({ what: JSON.stringify(short(value)), text: JSON.stringify(value), expected: BAD }))
	if (isListType(type)) {
		const inner = ofType(getNullableType(type.ofType) as GraphQLInputType, surface).filter(({ text }) => !text.startsWith('['))
		return [
			...(surface === 'REST' ? not('list') : []),
			...inner.map((one) => ({ ...one, what: `a list of ${one.what}`, text: `[${one.text}]` })),
			{ what: 'a list of null', text: '[null]', expected: BAD },
		]
	}
	if (isInputObjectType(type))
		return [
			...not('object'),
			...OF_TYPE.filter(([kind, json]) => kind === 'object' && json !== '{}').map(
				([, json]) => ({ what: `the object ${short(json)}`, text: json, expected: BAD }) as const,
			),
		]
	if (isEnumType(type)) {
		const other = type.getValues().map(({ name, value }) => (surface === 'REST' ? name : String(value)))
		const own = new Set(type.getValues().map(({ name, value }) => (surface === 'REST' ? String(value) : name)))
		return [...not('string'), ...texts([...NO_NAMES, ...other, ...[...own].map((name) => `${name} `)].filter((name) => !own.has(name)))]
	}
	if (!isScalarType(type)) throw new Error(`what is bad for ${type}?`)
	switch (type.name) {
		case 'String':
			return not('string')
		case 'Int':
			return [...not('integer'), ...texts(['7', ''])]
		case 'ID':
			return [
				...not('string', 'integer', 'number'),
				...['1.5', '1e400', '0', '-1', '-2147483649', '9007199254740992'].map((text) => ({ what: text, text, expected: BAD }) as const),
				...texts(NO_IDS),
				...(surface === 'REST' ? texts(['1']) : []),
			]
		case 'ThreadID':
			return [...not('string'), ...texts([...noThreads('thread'), 'run-1'])]
		case 'RunID':
			return [...not('string'), ...texts([...noThreads('run'), 'thread-1'])]
		case 'DateTime':
			return [...not('string'), ...texts(NO_TIMES)]
		case 'Boolean':
			return [...not('boolean'), ...texts(['true', ''])]
		case 'Float':
			return [
				...not('integer', 'number'),
				...['1e400', '-1e400'].map((text) => ({ what: text, text, expected: BAD }) as const),
				...texts(['0.5']),
			]
		case 'File':
			return [...not(), ...texts([''])]
		case 'JSONObject':
			return []
		default:
			throw new Error(`what is bad for a ${type.name}?`)
	}
}

/** What an argument gets in the path or the query string of REST. */
export function textsFor(place: Place, isInPath: boolean, world: World): Hostile[] {
	const { type, hasDefault } = place
	const texts = textsOf(getNullableType(type) as GraphQLInputType, isInPath)
	const rules = (ruleOf(place)?.values(world, 'REST') ?? []).flatMap(([what, value, expected]): Hostile[] => {
		if (typeof value === 'object' || (isInPath && value === '')) return []
		const text = String(value)
		return text.isWellFormed() ? [{ what, text: encodeURIComponent(text), expected }] : []
	})
	if (isInPath)
		return [
			...texts,
			...rules,
			{ what: 'half of a surrogate pair', text: '%ED%A0%80', expected: BAD },
			{ what: 'no UTF-8', text: '%FF', expected: BAD },
			{ what: 'half of an escape', text: '%', expected: BAD },
		]
	const name = encodeURIComponent(place.path[0] ?? '')
	return [
		...[...texts, ...rules].map((one) => ({ ...one, text: `${name}=${one.text}` })),
		...(isListType(getNullableType(type)) ? [] : [{ what: 'two values', text: `${name}=1&${name}=2`, expected: BAD } as const]),
		...(isNonNullType(type) && !hasDefault
			? [
					{ what: 'nothing', text: '', expected: BAD } as const,
					{ what: 'an operator of another language', text: `${name}[$ne]=1&${name}[]=1`, expected: BAD } as const,
				]
			: [{ what: 'an operator of another language', text: `${name}[$ne]=1&${name}[]=1`, expected: 'ok' } as const]),
	]
}

function textsOf(type: GraphQLInputType, isInPath: boolean): Hostile[] {
	const bad = (values: readonly string[]): Hostile[] =>
		values
			.filter((value) => !isInPath || value !== '')
			.map((value) => ({ what: JSON.stringify(short(value)), text: encodeURIComponent(value), expected: BAD }))
	if (isListType(type)) return textsOf(getNullableType(type.ofType) as GraphQLInputType, isInPath)
	if (isEnumType(type)) return bad([...NO_NAMES, ...type.getValues().map(({ name }) => name)])
	if (!isScalarType(type)) throw new Error(`${type} in a query string?`)
	switch (type.name) {
		case 'String':
			return []
		case 'Int':
			return bad(NO_NUMBERS)
		case 'ID':
			return bad(NO_IDS)
		case 'ThreadID':
			return bad([...noThreads('thread'), 'run-1'])
		case 'RunID':
			return bad([...noThreads('run'), 'thread-1'])
		case 'DateTime':
			return bad(NO_TIMES)
		case 'Boolean':
			return bad(['', 'yes', '1', 'TRUE', 'null'])
		case 'JSONObject':
			return []
		default:
			throw new Error(`what is bad for a ${type.name} in a query string?`)
	}
}

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 30)}… (${text.length})` : text)
