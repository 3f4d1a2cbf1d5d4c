import { parentPort } from 'node:worker_threads'
import type { FromVectorWorker, ToVectorWorker, VectorReply, VectorRequest } from './vector-protocol.ts'
import { VectorSet } from './vector-set.ts'

const sets = new Map<string, VectorSet>()

parentPort?.on('message', ({ id, request }: ToVectorWorker) => {
	parentPort?.postMessage({ id, reply: answer(request) } satisfies FromVectorWorker)
})

function answer(request: VectorRequest): VectorReply {
	if ('put' in request) return put(request.put)
	if ('remove' in request) {
		const set = sets.get(request.remove.set)
		for (const chunkId of request.remove.chunkIds) set?.remove(chunkId)
		return { size: set?.size ?? 0 }
	}
	if ('keep' in request) {
		const set = sets.get(request.keep.set)
		set?.keep(request.keep.chunkIds)
		return { size: set?.size ?? 0 }
	}
	if ('forget' in request) {
		sets.delete(request.forget.set)
		return { size: 0 }
	}
	const { query, limit, documentIds } = request.nearest
	const set = sets.get(request.nearest.set)
	return set ? { size: set.size, nearest: set.nearest(query, limit, documentIds && new Set(documentIds)) } : { size: 0 }
}

function put({
	set: name,
	chunkIds,
	documentIds,
	vectors,
}: {
	set: string
	chunkIds: Int32Array
	documentIds: Int32Array
	vectors: Int8Array
}): VectorReply {
	const dimensions = vectors.length / chunkIds.length
	const set = sets.get(name) ?? new VectorSet(dimensions)
	sets.set(name, set)
	chunkIds.forEach((chunkId, row) => {
		set.put(chunkId, documentIds[row] ?? 0, vectors.subarray(row * dimensions, (row + 1) * dimensions))
	})
	return { size: set.size }
}
