import type { ResStatus } from '@zilliz/milvus2-sdk-node'

/** The server is there, but not one that can hold the index: a sentence for who set MILVUS_ADDRESS or MILVUS_TOKEN. */
export class UnusableServer extends Error {}

/** The server answered that it does not do what it was asked. */
export class MilvusError extends Error {
	readonly code: number
	/** It may do it later: it starts, moves data, or has too much to do. */
	readonly isPassing: boolean

	constructor({ code, error_code, reason, retriable }: Partial<ResStatus>) {
		super(`Milvus: ${reason ?? ''} (${code ?? 0} ${error_code ?? ''})`)
		this.code = code ?? 0
		this.isPassing = retriable === true
	}
}

const COLLECTION_NOT_FOUND = 100
const COLLECTION_NOT_LOADED = 101
const COLLECTION_NOT_FULLY_LOADED = 103

export const isMissing = (error: unknown): boolean => error instanceof MilvusError && error.code === COLLECTION_NOT_FOUND

export const isNotLoaded = (error: unknown): boolean =>
	error instanceof MilvusError && (error.code === COLLECTION_NOT_LOADED || error.code === COLLECTION_NOT_FULLY_LOADED)

/** Codes of gRPC: cancelled (by the breaking connection), deadline exceeded, unavailable. */
const AWAY = new Set([1, 4, 14])
/** Permission denied, unauthenticated. */
const REFUSED = new Set([7, 16])

/** Whether the server is away, or will do later what it does not do now. */
export const isPassing = (error: unknown): error is Error =>
	error instanceof MilvusError ? error.isPassing : error instanceof Error && AWAY.has(grpcCodeOf(error))

export function refusalOf(error: unknown): UnusableServer | null {
	if (!(error instanceof Error) || !REFUSED.has(grpcCodeOf(error))) return null
	return new UnusableServer(
		'MILVUS_TOKEN: Milvus does not accept it, or it may not do what the index needs; give `user:password` or an API key.',
	)
}

const grpcCodeOf = (error: Error): number => ('code' in error && typeof error.code === 'number' ? error.code : -1)
