import type pg from 'pg'
import type { GenerationId, Hit, IndexQuery } from '../chunk-index.ts'
import { changedVectorsSql, chunkIdsSql, type WorkspaceState } from '../embedded-sql.ts'
import { createLocks } from './locks.ts'
import { quantise } from './vector-set.ts'
import { createVectorThread, type VectorThread } from './vector-thread.ts'

/** A workspace's vectors in memory. */
interface Loaded extends WorkspaceState {
	/** Of the thread that holds them. */
	life: number
	bytes: number
	/** Searches under way, refreshing included: they must not lose it. */
	searches: number
}

interface VectorRow {
	chunk_id: number
	document_id: number
	revision: number
	vector: Buffer | null
}

interface SearchedWorkspace extends WorkspaceState {
	workspaceId: number
}

type Wanted = Pick<IndexQuery, 'limit' | 'documentIds'>

const PAGE_ROWS = 2_000
const MAX_ID = 2 ** 31 - 1
/** Ids and the map from ids to rows. */
const ROW_OVERHEAD_BYTES = 64

/**
 * Dense search over the vectors that the index' tables keep. A workspace is read into memory when it is first searched, afterwards what has
 * changed since, whoever changed it. Above `maxBytes` the workspace that was not searched for the longest time leaves; the last one always stays.
 */
export function createVectorSearch(pool: pg.Pool, maxBytes: number, thread: VectorThread = createVectorThread()) {
	const loaded = new Map<string, Loaded>() // the least recently searched first
	const oneAtATime = createLocks()

	/** Brings a workspace up to the state that the database had when the search began, or a later one. */
	async function refresh(generation: GenerationId, workspaceId: number, set: string, known: Loaded, state: WorkspaceState): Promise<void> {
		if (known.removals < state.removals) {
			const { rows } = await pool.query<{ ids: Buffer | null }>(chunkIdsSql(generation), [workspaceId])
			await thread.ask({ keep: { set, chunkIds: integersOf(rows[0]?.ids ?? Buffer.alloc(0)) } })
			known.removals = state.removals
		}
		if (known.revision < state.revision) {
			known.bytes = await readPages(generation, workspaceId, set, known)
			known.revision = state.revision
		}
		loaded.delete(set)
		loaded.set(set, known)
		await makeRoom()
	}

	/** The workspace as it is in memory, kept there from this moment on until `searches` is counted down. */
	async function hold(set: string, { removals }: WorkspaceState): Promise<Loaded> {
		const known = loaded.get(set)
		if (known?.life === thread.life) {
			known.searches++
			return known
		}
		loaded.delete(set)
		await thread.ask({ forget: { set } })
		return { life: thread.life, revision: 0, removals, bytes: 0, searches: 1 }
	}

	/** Answers the bytes that the set then holds. */
	async function readPages(generation: GenerationId, workspaceId: number, set: string, known: Loaded): Promise<number> {
		let { bytes } = known
		let after = { revision: known.revision, chunk_id: MAX_ID }
		for (;;) {
			const page = [workspaceId, after.revision, after.chunk_id, PAGE_ROWS]
			const { rows } = await pool.query<VectorRow>(changedVectorsSql(generation), page)
			const last = rows.at(-1)
			if (last) bytes = (await put(set, rows)) ?? bytes
			if (!last || rows.length < PAGE_ROWS) return bytes
			after = last
		}
	}

	/** Answers the bytes that the set now holds, where vectors came. */
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

	async function makeRoom(): Promise<void> {
		let bytes = 0
		for (const set of loaded.values()) bytes += set.bytes
		for (const [set, { bytes: freed, searches }] of loaded) {
			if (bytes <= maxBytes) return
			if (searches > 0) continue
			loaded.delete(set)
			bytes -= freed
			await thread.ask({ forget: { set } })
		}
	}

	async function search(
		generation: GenerationId,
		{ workspaceId, ...state }: SearchedWorkspace,
		query: Int8Array,
		wanted: Wanted,
	): Promise<Hit[]> {
		const set = `${generation}:${workspaceId}`
		const known = await oneAtATime(set, async () => {
			const held = await hold(set, state)
			await refresh(generation, workspaceId, set, held, state).catch((error: unknown) => {
				held.searches--
				throw error
			})
			return held
		})
		try {
			const { nearest } = await thread.ask({ nearest: { set, query, ...wanted } })
			if (known.life !== thread.life) throw new Error('the vector thread ended')
			if (!nearest) return []
			const { chunkIds, documentIds, scores } = nearest
			return Array.from(chunkIds, (chunkId, row) => ({ chunkId, documentId: documentIds[row] ?? 0, score: scores[row] ?? 0 }))
		} finally {
			known.searches--
		}
	}

	return {
		/** The nearest in a workspace that is in this state, or in a later one; `limit` of them, the best first. */
		async search(
			generation: GenerationId,
			workspace: SearchedWorkspace,
			vector: Float32Array,
			{ limit, documentIds }: Wanted,
		): Promise<Hit[]> {
			const query = quantise(vector)
			const wanted = { limit, documentIds }
			const { life } = thread
			try {
				return await search(generation, workspace, query, wanted)
			} catch (error) {
				if (thread.life === life) throw error
				return search(generation, workspace, query, wanted) // the thread ended meanwhile; another has started
			}
		},
		/** The workspaces in memory. */
		get loaded(): number {
			return loaded.size
		},
		close: () => thread.close(),
	}
}

function integersOf(bytes: Buffer): Int32Array {
	return Int32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readInt32BE(at * 4))
}
