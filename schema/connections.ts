import type { InputFieldMap, InputShapeFromFields } from '@pothos/core'
import { type FieldSelection, queryFromInfo } from '@pothos/plugin-prisma'
import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { z } from 'zod'
import type { Context } from '../src/context.ts'
import { type Column, type CursorArgs, type Direction, type Ordering, pageOf, type Window, windowOf } from '../src/cursors.ts'
import { builder } from './builder.ts'
import { optionalText } from './rules.ts'

const OrderDirection = builder.enumType('OrderDirection', {
	description: 'Which end of a list comes first.',
	values: {
		ASC: { value: 'asc', description: 'The least, the oldest, the first of the alphabet.' },
		DESC: { value: 'desc', description: 'The greatest, the newest, the last of the alphabet.' },
	} as const,
})

interface Order {
	field: string
	direction: Direction
}

interface OrderField {
	column: Column
	description: string
}

/**
 * What a list can be ordered by. Makes the type of its argument `orderBy`.
 * @param unique the column that tells things apart where the others are equal.
 */
export function createOrder(
	thing: string,
	unique: Column,
	fields: Readonly<Record<'CREATED_AT', OrderField> & Record<string, OrderField>>,
) {
	const type = builder.inputType(`${thing}OrderInput`, {
		description: 'The order of a list.',
		fields: (t) => ({
			field: t.field({
				type: builder.enumType(`${thing}OrderField`, {
					description: 'What a list is ordered by.',
					values: Object.fromEntries(Object.entries(fields).map(([name, { description }]) => [name, { value: name, description }])),
				}),
				required: true,
				description: 'What decides.',
			}),
			direction: t.field({ type: OrderDirection, required: true, defaultValue: 'asc', description: 'Which end comes first.' }),
		}),
	})
	return {
		/** The argument. */
		arg: { type, description: 'In which order; the oldest first unless said. A cursor is good for the field that it was made with.' },
		of(order: Order | null | undefined): Ordering {
			const { field, direction } = order ?? { field: 'CREATED_AT', direction: 'asc' as const }
			const { column } = fields[field] ?? fields.CREATED_AT
			return { name: `${thing}.${column[0]}`, columns: [column, unique], direction }
		},
	}
}

/** The argument that looks for a part of something. */
export const searchArg = (what: string) => ({
	description: `Only ${what} that contain this, whatever the case.`,
	validate: optionalText(200),
})

/** What is checked is the scalar's; its text is no longer. */
const time = z.unknown().meta({ maxLength: 64 })

/** The arguments of {@link Period}. */
export const periodArgs = () =>
	builder.args((t) => ({
		createdSince: t.field({ type: 'DateTime', description: 'Only those made then or later.', validate: time }),
		createdBefore: t.field({ type: 'DateTime', description: 'Only those made earlier than that.', validate: time }),
	}))

/** A list at the root: neither its rows nor their number are read unless somebody asks for them. */
export function connectionOf<Row extends object>(
	ordering: Ordering,
	args: CursorArgs,
	{ rows, count }: { rows: (window: Window) => Promise<Row[]>; count: () => Promise<number> },
) {
	const window = windowOf(ordering, args)
	let page: Promise<ReturnType<typeof pageOf<Row>>> | undefined
	const read = () => {
		page ??= rows(window).then((found) => pageOf(ordering, args, found))
		return page
	}
	return {
		get edges() {
			return read().then(({ edges }) => edges)
		},
		get pageInfo() {
			return read().then(({ pageInfo }) => pageInfo)
		},
		totalCount: count,
	}
}

/** What Pothos wants loaded with the nodes of a list at the root. */
export const loadedWith = (typeName: string, context: Context, info: GraphQLResolveInfo): object =>
	queryFromInfo({ context, info, typeName, paths: [['edges', 'node']] })

/** A list of a row: read with it, in the same statement. */
interface Relation<Fields extends InputFieldMap> {
	args: Fields
	ordering: (args: InputShapeFromFields<Fields>) => Ordering
	/** Prisma's condition. */
	where: (args: InputShapeFromFields<Fields>, context: Context) => object
}

/** The options of a connection of a Prisma object for its relation of that name. */
export function related<Fields extends InputFieldMap>(name: string, { args: fields, ordering, where }: Relation<Fields>) {
	type Args = InputShapeFromFields<Fields> & CursorArgs
	const select = (args: Args, context: Context, nested: Nested, asked: (path: string[]) => FieldNode | null) => {
		const window = attempt(() => windowOf(ordering(args), args))
		if (!window) return { select: {} } // the field itself will say why
		const filter = where(args, context)
		const isRead = asked(['edges']) !== null || asked(['pageInfo']) !== null
		const rows = isRead && { [name]: { ...rowsOf(nested(true, ['edges', 'node'])), ...window, where: { AND: [filter, window.where] } } }
		return { select: { ...rows, ...(asked(['totalCount']) && { _count: { select: { [name]: { where: filter } } } }) } }
	}
	return {
		args: fields,
		// what Pothos makes of `select`, but for the last argument: what is asked for
		extensions: { pothosPrismaSelect: select as unknown as FieldSelection },
		resolve(row: object, args: Args) {
			const order = ordering(args)
			windowOf(order, args)
			const loaded = row as Record<string, object[] | undefined> & { _count?: Record<string, number> }
			return { ...pageOf(order, args, loaded[name] ?? []), totalCount: loaded._count?.[name] ?? 0 } as never
		},
	}
}

type Nested = (selection: true, path: string[]) => unknown

/** What is wanted of each row: all of it where nothing is, for its cursor is made of it. */
function rowsOf(wanted: unknown): object {
	const { select, ...others } = wanted as { select?: object }
	return select && Object.keys(select).length > 0 ? { ...others, select } : others
}

function attempt<Value>(make: () => Value): Value | undefined {
	try {
		return make()
	} catch {
		return undefined
	}
}
