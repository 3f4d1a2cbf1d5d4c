import type { Ranked } from '../retrieval/retrieval.ts'
import { terms } from '../text/terms.ts'

/** Of the runs of three terms that one of two texts has, so many are in both. */
const LEAST_SHARED = 0.8
/** Longer by so much, a text says more. */
const MOST_LONGER = 1.25

type Compared = Pick<Ranked, 'text' | 'counts'>

/**
 * Whether two chunks say nearly the same. Those that have other terms of the question do not, however much of the rest they share:
 * the number that is asked for may be all that tells two rows of a table apart.
 */
export function areAlike(one: Compared, other: Compared): boolean {
	if (one.text === other.text) return true
	const [shorter, longer] = one.text.length < other.text.length ? [one, other] : [other, one]
	if (longer.text.length > shorter.text.length * MOST_LONGER || !haveSameTerms(one, other)) return false
	const [some, more] = [runsOf(shorter), runsOf(longer)]
	let shared = 0
	for (const run of some) if (more.has(run)) shared++
	return shared >= LEAST_SHARED * (some.size + more.size - shared)
}

function haveSameTerms({ counts: one }: Compared, { counts: other }: Compared): boolean {
	return one.size === other.size && [...one.keys()].every((term) => other.has(term))
}

const known = new WeakMap<Compared, ReadonlySet<number>>()

/** As numbers: two that differ have the same one once in four thousand million times. */
function runsOf(chunk: Compared): ReadonlySet<number> {
	const before = known.get(chunk)
	if (before) return before
	const hashes = terms(chunk.text).map(hashOf)
	const runs = new Set(hashes.map((hash, at) => mixed(mixed(hash, hashes[at + 1] ?? 0), hashes[at + 2] ?? 0)))
	known.set(chunk, runs)
	return runs
}

/** FNV-1a of the UTF-16 units, 32 bits. */
function hashOf(term: string): number {
	let hash = 0x811c9dc5
	for (let at = 0; at < term.length; at++) hash = Math.imul(hash ^ term.charCodeAt(at), 0x01000193)
	return hash
}

const mixed = (one: number, other: number): number => Math.imul(one ^ (other >>> 15), 0x85ebca6b) ^ other
