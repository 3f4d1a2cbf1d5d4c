import { Unavailable } from '../errors.ts'
import { createKept, type Kept } from './kept.ts'

/** Reads what there is of many things, by their keys. */
type ReadMany<Key, Value> = (keys: Key[]) => Promise<ReadonlyMap<Key, Value>>

/**
 * Reads one thing by its key; undefined where there is nothing. What is asked for while others of its kind are being read is read with the next
 * statement, together: one that begins after each was asked for, so nobody gets anything older than by a statement of their own. Nothing is read
 * again while nothing was written, where that can be known. What is given is shared: it is not to be changed.
 * @param kind of what is alike but for the key: `read` of one caller does for another with the same kind.
 */
export type Gather = <Key extends string | number, Value>(kind: string, key: Key, read: ReadMany<Key, Value>) => Promise<Value | undefined>

type Waiting<Key, Value> = Map<Key, PromiseWithResolvers<Value | undefined>>

/** Of one statement. */
const MAX_KEYS = 32
/** Nobody waits longer for a statement that is not theirs. */
const PATIENCE_MS = 250

/** @param writes how many statements may have changed something by now; without it nothing is kept. */
export function createGather(writes?: () => number): Gather {
	const kept = writes && createKept(writes)
	// biome-ignore lint/suspicious/noExplicitAny: each kind has keys and values of its own
	const kinds = new Map<string, Waiting<any, any>>()

	/** Reads what waits by now, and what has come meanwhile when that is there. */
	async function depart<Key, Value>(kind: string, waiting: Waiting<Key, Value>, read: ReadMany<Key, Value>): Promise<void> {
		const batch = [...waiting].slice(0, MAX_KEYS)
		if (batch.length === 0) {
			kinds.delete(kind)
			return
		}
		for (const [key] of batch) waiting.delete(key)
		const isNext = Promise.withResolvers<void>()
		const patience = setTimeout(isNext.resolve, PATIENCE_MS)
		void readAll(kind, batch, read, kept).then(isNext.resolve)
		await isNext.promise
		clearTimeout(patience)
		setImmediate(depart, kind, waiting, read)
	}

	return (kind, key, read) => {
		const keeping = kept?.of(kind)
		if (keeping?.has(key)) return Promise.resolve(keeping.get(key) as never)
		const waiting = kinds.get(kind) ?? new Map()
		const known = waiting.get(key)
		if (known) return known.promise
		const asked = Promise.withResolvers<never>()
		waiting.set(key, asked)
		if (!kinds.has(kind)) setImmediate(depart, kind, waiting, read as ReadMany<unknown, unknown>) // with all that came at once
		kinds.set(kind, waiting)
		return asked.promise
	}
}

/** A list that several ask for while the same is being read: read once for all of them. The same `kind` reads the same. */
export async function together<Value>(gather: Gather, kind: string, read: () => Promise<Value>): Promise<Value> {
	const found = await gather(kind, 0, async () => new Map([[0, await read()]]))
	return found as Value
}

/** Never rejects: whoever asked is told. Where one thing may be the reason that none could be read, each is read by itself. */
async function readAll<Key, Value>(
	kind: string,
	batch: readonly (readonly [Key, PromiseWithResolvers<Value | undefined>])[],
	read: ReadMany<Key, Value>,
	kept: Kept | undefined,
): Promise<void> {
	const keep = kept?.begin(kind)
	try {
		const found = await read(batch.map(([key]) => key))
		for (const [key, { resolve }] of batch) {
			const value = found.get(key)
			keep?.(key, value)
			resolve(value)
		}
	} catch (error) {
		if (batch.length === 1 || error instanceof Unavailable) for (const [, { reject }] of batch) reject(error)
		else await Promise.all(batch.map((one) => readAll(kind, [one], read, kept)))
	}
}
