import type { Nearest } from './vector-set.ts'

/** What the thread is asked; `set` names the vectors of one workspace in one generation. */
export type VectorRequest =
	| { put: { set: string; chunkIds: Int32Array; documentIds: Int32Array; vectors: Int8Array } }
	| { remove: { set: string; chunkIds: Int32Array } }
	| { keep: { set: string; chunkIds: Int32Array } }
	| { forget: { set: string } }
	| { nearest: { set: string; query: Int8Array; limit: number; documentIds: readonly number[] | null } }

/** `size`: vectors in the set now. */
export interface VectorReply {
	size: number
	nearest?: Nearest
}

export interface ToVectorWorker {
	id: number
	request: VectorRequest
}
export interface FromVectorWorker {
	id: number
	reply: VectorReply
}
