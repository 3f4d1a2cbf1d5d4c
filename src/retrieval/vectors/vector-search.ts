import type pg from 'pg'
import type { GenerationId, Hit } from '../chunk-index.ts'
import { changedVectorsSql, chunkIdsSql, STATE_SQL } from '../embedded-sql.ts'
import { quantise } from './vector-set.ts'
import { createVectorThread } from './vector-thread.ts'

/** A workspace's vectors, as far as they are in memory. */
interface Loaded {
	/** Of the thread that holds them. */
	life: number
	/** The last writing and the last removal that they show; see `chunk_index.states`. */
	revision: number
	removals: number
	bytes: number
}

/** A refresh under way, and the one that starts after it for all who asked meanwhile. */
interface Refreshing {
	running: Promise<boolean>
	next: Promise<boolean> | undefined
}

const PAGE_ROWS = 2_000
const MAX_ID = 2 ** 31 - 1
/** Ids and the map from ids to rows. */
const ROW_OVERHEAD_BYTES = 64

/**
 * Dense search over the vectors that the index' tables keep. A workspace is read into memory when it is first searched, afterwards what has
 * changed since, whoever changed it. Above `maxBytes` the workspace that was not searched for the longest time leaves; the last one always stays.
 */
export function createVectorSearch(pool: pg.Pool, maxBytes: number) {
	const thread = createVectorThread()
	const loaded = new Map<string, Loaded>() // the least recently searched first
	const refreshing = new Map<string, Refreshing>()

	/** Brings a workspace up to date with everything that was written before the call. Answers whether it has vectors. */
	function refresh(generation: GenerationId, workspaceId: number): Promise<boolean> {
		const set = nameOf(generation, workspaceId)
		const current = refreshing.get(set)
		if (current) {
			current.next ??= current.running.catch(() => false).then(() => startRefresh(generation, workspaceId))
			return current.next
		}
		return startRefresh(generation, workspaceId)
	}

	function startRefresh(generation: GenerationId, workspaceId: number): Promise<boolean> {
		const set = nameOf(generation, workspaceId)
		const entry: Refreshing = { running: load(generation, workspaceId, set), next: undefined }
		refreshing.set(set, entry)
		const done = () => refreshing.get(set) === entry && !entry.next && refreshing.delete(set)
		entry.running.then(done, done)
		return entry.running
	}

	async function load(generation: GenerationId, workspaceId: number, set: string): Promise<boolean> {
		const { rows } = await pool.query<{ revision: number; removals: number }>({
			name: 'read-index-state',
			text: STATE_SQL,
			values: [generation, workspaceId],
		})
		const [state] = rows
		if (!state) {
			if (loaded.delete(set)) await thread.ask({ forget: { set } })
			return false
		}
		const known = await knownOf(set, state.removals)
		if (known.removals !== state.removals) await keepRemaining(generation, workspaceId, set)
		if (known.revision < state.revision) known.bytes = await readPages(generation, workspaceId, set, known)
		loaded.delete(set)
		loaded.set(set, { ...known, ...state })
		await makeRoom(set)
		return true
	}

	async function knownOf(set: string, removals: number): Promise<Loaded> {
		const known = loaded.get(set)
		if (known && known.life === thread.life) return known
		loaded.delete(set)
		await thread.ask({ forget: { set } })
		return { life: thread.life, revision: 0, removals, bytes: 0 }
	}

	async function keepRemaining(generation: GenerationId, workspaceId: number, set: string): Promise<void> {
		const { rows } = await pool.query<{ ids: Buffer | null }>(chunkIdsSql(generation), [workspaceId])
		await thread.ask({ keep: { set, chunkIds: integersOf(rows[0]?.ids ?? Buffer.alloc(0)) } })
	}

	async function readPages(generation: GenerationId, workspaceId: number, set: string, known: Loaded): Promise<number> {
		let { bytes } = known
		let after = { revision: known.revision, chunk_id: MAX_ID }
		for (;;) {
			const page = [workspaceId, after.revision, after.chunk_id, PAGE_ROWS]
			const { rows } = await pool.query<VectorRow>(changedVectorsSql(generation), page)
			const last = rows.at(-1)
			if (!last) return bytes
			bytes = (await put(set, rows)) ?? bytes
			if (rows.length < PAGE_ROWS) return bytes
			after = last
		}
	}

	/** Answers the bytes that the set now holds, where it was changed. */
	async function put(set: string, rows: VectorRow[]): Promise<number | undefined> {
		const without = rows.filter(({ vector }) => vector === null)
		if (without.length > 0) await thread.ask({ remove: { set, chunkIds: Int32Array.from(without, (row) => row.chunk_id) } })
		const dense = rows.flatMap((row) => (row.vector ? [{ ...row, vector: row.vector }] : []))
		const dimensions = dense[0]?.vector.length
		if (!dimensions) return undefined
		const vectors = new Int8Array(dense.length * dimensions)
		dense.forEach(({ vector }, row) => {
			vectors.set(new Int8Array(vector.buffer, vector.byteOffset, vector.length), row * dimensions)
		})
		const chunkIds = Int32Array.from(dense, (row) => row.chunk_id)
		const documentIds = Int32Array.from(dense, (row) => row.document_id)
		const { size } = await thread.ask({ put: { set, chunkIds, documentIds, vectors } }, [
			vectors.buffer,
			chunkIds.buffer,
			documentIds.buffer,
		])
		return size * (dimensions + ROW_OVERHEAD_BYTES)
	}

	async function makeRoom(newest: string): Promise<void> {
		let bytes = 0
		for (const set of loaded.values()) bytes += set.bytes
		for (const [set, { bytes: freed }] of loaded) {
			if (bytes <= maxBytes || set === newest) return
			loaded.delete(set)
			bytes -= freed
			await thread.ask({ forget: { set } })
		}
	}

	return {
		async search(generation: GenerationId, workspaceId: number, vector: Float32Array, limit: number): Promise<Hit[]> {
			if (!(await refresh(generation, workspaceId))) return []
			const { nearest } = await thread.ask({ nearest: { set: nameOf(generation, workspaceId), query: quantise(vector), limit } })
			if (!nearest) return []
			return Array.from(nearest.chunkIds, (chunkId, row) => ({
				chunkId,
				documentId: nearest.documentIds[row] ?? 0,
				score: nearest.scores[row] ?? 0,
			}))
		},
		close: () => thread.close(),
	}
}

interface VectorRow {
	chunk_id: number
	document_id: number
	revision: number
	vector: Buffer | null
}

const nameOf = (generation: GenerationId, workspaceId: number): string => `${generation}:${workspaceId}`

function integersOf(bytes: Buffer): Int32Array {
	return Int32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readInt32BE(at * 4))
}
