/** What was read, for as long as nothing is written. */
export interface Kept {
	/** What is kept of a kind, by key. */
	of(kind: string): ReadonlyMap<unknown, unknown> | undefined
	/** A reading begins. @returns what keeps a value of it, if nothing was written meanwhile. */
	begin(kind: string): (key: unknown, value: unknown) => void
}

/** Of all that is kept, in the units of {@link sizeOf}. */
const MAX_SIZE = 16_000_000

/**
 * @param writes how many statements may have changed something by now: counted when they are sent, and answered in the order of sending.
 * @param maxAgeMs after which nothing is kept either.
 */
export function createKept(writes: () => number, maxAgeMs = Number.POSITIVE_INFINITY): Kept {
	const kinds = new Map<string, Map<unknown, unknown>>()
	let size = 0
	let keptAt = writes()
	let keptUntil = 0

	function dropOld(): void {
		const now = writes()
		if (now === keptAt && performance.now() < keptUntil) return
		keptAt = now
		keptUntil = performance.now() + maxAgeMs
		clear()
	}

	function clear(): void {
		kinds.clear()
		size = 0
	}

	return {
		of(kind) {
			dropOld()
			return kinds.get(kind)
		},
		begin(kind) {
			const begunAt = writes()
			return (key, value) => {
				dropOld()
				if (begunAt !== keptAt) return
				const added = sizeOf(kind) + sizeOf(key) + sizeOf(value)
				if (added > MAX_SIZE) return
				if (size + added > MAX_SIZE) clear()
				size += added
				const values = kinds.get(kind) ?? new Map()
				kinds.set(kind, values.set(key, value))
			}
		},
	}
}

/** About the bytes that a value of rows takes. */
function sizeOf(value: unknown): number {
	if (typeof value === 'string') return 2 * value.length
	if (typeof value !== 'object' || value === null) return 8
	let size = 64
	for (const part of Object.values(value)) size += 8 + sizeOf(part)
	return size
}
