import { AppError } from './errors.ts'

/** Most nodes of one page of a connection, and how many unless asked otherwise. */
export const [MAX_NODES, DEFAULT_NODES] = [1_000, 20]

/** A column to order by, none that may be null: `createdAt`, or of a row that belongs to it: `user.username`. */
export type Column = readonly [name: string, kind: 'int' | 'text' | 'time']

/** An order without ties. */
export interface Ordering {
	/** Names it in its cursors: those of another order are refused. */
	readonly name: string
	/** The most significant first; the last one is unique. */
	readonly columns: readonly Column[]
	readonly direction: Direction
}

/** The arguments of a Relay connection. */
export interface CursorArgs {
	first?: number | null | undefined
	last?: number | null | undefined
	after?: string | null | undefined
	before?: string | null | undefined
}

export type Direction = 'asc' | 'desc'
const OPPOSITE = { asc: 'desc', desc: 'asc' } as const

/** The rows of a page, as Prisma asks for them: one more than fit, and backwards where the page is read from its end. */
export interface Window {
	where: object
	orderBy: object[]
	take: number
}

interface Page<Row> {
	edges: { cursor: string; node: Row }[]
	pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

/**
 * A page by keyset: a cursor holds the values that its row is ordered by, so it stays good when rows come and go, that one included.
 * @throws AppError BAD_REQUEST for a cursor that is none of this order, UNPROCESSABLE for a number out of range.
 */
export function windowOf(ordering: Ordering, args: CursorArgs): Window {
	const { columns, direction } = ordering
	const opposite = OPPOSITE[direction]
	const read = isBackwards(args) ? opposite : direction
	const bounds = [
		...(args.after == null ? [] : [beyond(columns, decode(ordering, args.after, 'after'), direction)]),
		...(args.before == null ? [] : [beyond(columns, decode(ordering, args.before, 'before'), opposite)]),
	]
	return {
		where: bounds.length > 0 ? { AND: bounds } : {},
		orderBy: columns.map(([name]) => nested(name, read)),
		take: sizeOf(args) + 1,
	}
}

/** The page that these rows make, read with its {@link windowOf}. */
export function pageOf<Row extends object>(ordering: Ordering, args: CursorArgs, rows: readonly Row[]): Page<Row> {
	const hasMore = rows.length > sizeOf(args)
	const isBackward = isBackwards(args)
	const nodes = hasMore ? rows.slice(0, -1) : [...rows]
	if (isBackward) nodes.reverse()
	const edges = nodes.map((node) => ({ cursor: encode(ordering, node), node }))
	return {
		edges,
		pageInfo: {
			hasNextPage: isBackward ? args.before != null : hasMore,
			hasPreviousPage: isBackward ? hasMore : args.after != null,
			startCursor: edges[0]?.cursor ?? null,
			endCursor: edges.at(-1)?.cursor ?? null,
		},
	}
}

/** A page of a list that is all there, in its order. @throws AppError as {@link windowOf}. */
export function pageOfList<Row extends object>(ordering: Ordering, args: CursorArgs, rows: readonly Row[]): Page<Row> {
	const after = args.after == null ? null : decode(ordering, args.after, 'after')
	const before = args.before == null ? null : decode(ordering, args.before, 'before')
	const between = rows.filter((row) => (!after || place(ordering, row, after) > 0) && (!before || place(ordering, row, before) < 0))
	return pageOf(ordering, args, (isBackwards(args) ? between.reverse() : between).slice(0, sizeOf(args) + 1))
}

/**
 * A page of what was found, the best first. A cursor names its row, and its rank for when that row is gone: what follows then has moved up.
 * @param key what tells the rows apart, a number.
 * @throws AppError as {@link windowOf}.
 */
export function pageOfRanked<Key extends string, Row extends Record<Key, number>>(
	name: string,
	key: Key,
	args: CursorArgs,
	rows: readonly Row[],
): Page<Row> {
	const ordering = {
		name,
		columns: [
			['rank', 'int'],
			[key, 'int'],
		],
		direction: 'asc',
	} as const
	const ranked = rows.map((row, rank) => ({ ...row, rank }))
	const placeOf = (cursor: string, at: string): { index: number; isThere: boolean } => {
		const [rank, id] = decode(ordering, cursor, at)
		const index = rows.findIndex((row) => row[key] === id)
		return { index: index < 0 ? Number(rank) : index, isThere: index >= 0 }
	}
	const after = args.after == null ? null : placeOf(args.after, 'after')
	const before = args.before == null ? null : placeOf(args.before, 'before')
	const from = after ? after.index + (after.isThere ? 1 : 0) : 0
	const between = ranked.slice(from, Math.max(from, before?.index ?? rows.length))
	return pageOf(ordering, args, (isBackwards(args) ? between.reverse() : between).slice(0, sizeOf(args) + 1))
}

/** Where a row stands: before (-1) or behind (1) these values. */
function place({ columns, direction }: Ordering, row: object, values: readonly Value[]): number {
	for (const [index, [name]] of columns.entries()) {
		const [own, other] = [valueIn(row, name) as Value | undefined, values[index]]
		if (own !== undefined && other !== undefined && own !== other) return own < other === (direction === 'asc') ? -1 : 1
	}
	return 0
}

const isBackwards = ({ first, last, before }: CursorArgs): boolean => last != null || (first == null && before != null)

function sizeOf({ first, last }: CursorArgs): number {
	if (first != null && last != null) throw new AppError('firstOrLast')
	const [at, size] = first == null ? ['last', last ?? DEFAULT_NODES] : ['first', first]
	if (size < 0) throw new AppError('tooSmall', { at, min: 0 })
	if (size > MAX_NODES) throw new AppError('tooLarge', { at, max: MAX_NODES })
	return size
}

type Value = number | string | Date

/** `a >= x AND (a > x OR b > y)`: the first half is for the index. */
function beyond([column, ...others]: readonly Column[], [value, ...rest]: readonly Value[], direction: Direction): object {
	if (!column) return {}
	const [name] = column
	const isPast = nested(name, direction === 'asc' ? { gt: value } : { lt: value })
	if (others.length === 0) return isPast
	const isThere = nested(name, direction === 'asc' ? { gte: value } : { lte: value })
	return { ...isThere, OR: [isPast, beyond(others, rest, direction)] }
}

function encode({ name, columns }: Ordering, row: object): string {
	const values = columns.map(([column]) => valueIn(row, column))
	const plain = values.map((value) => (value instanceof Date ? value.getTime() : value))
	return Buffer.from(JSON.stringify([name, ...plain])).toString('base64url')
}

/** As Prisma nests it: `{ user: { username: inner } }`. */
const nested = (column: string, inner: unknown): object =>
	column.split('.').reduceRight((value, name) => ({ [name]: value }), inner) as object

const valueIn = (row: object, column: string): unknown =>
	column.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], row)

const MAX_INT = 2 ** 31 - 1
const END_OF_TIME = Date.UTC(10_000, 0) - 1

function decode({ name, columns }: Ordering, cursor: string, at: string): Value[] {
	const [kind, ...plain] = parsed(cursor)
	const values = columns.flatMap(([, type], index) => asValue(type, plain[index]) ?? [])
	if (kind !== name || plain.length !== columns.length || values.length !== columns.length) throw new AppError('badCursor', { at })
	return values
}

function parsed(cursor: string): unknown[] {
	try {
		const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
		return Array.isArray(value) ? value : []
	} catch {
		return []
	}
}

/** Nothing that the database would choke on. */
function asValue(kind: Column[1], value: unknown): Value | undefined {
	if (kind === 'text') return typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined
	if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return undefined
	if (kind === 'int') return value <= MAX_INT ? value : undefined
	return value <= END_OF_TIME ? new Date(value) : undefined
}
