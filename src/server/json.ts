import { AppError } from '../errors.ts'

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value)

/** Far deeper than anything that the API reads, and safe for whoever walks it recursively. */
const MAX_DEPTH = 64

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws AppError BAD_REQUEST when the bytes are no UTF-8, no JSON, no object, or nested too deep. */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> {
	const value = parsed(bytes)
	if (!isRecord(value)) throw new AppError('badBody')
	if (!isWithin(MAX_DEPTH, value)) throw new AppError('badValue', { at: 'body', expected: `at most ${MAX_DEPTH} levels` })
	return value
}

function parsed(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(bytes)) as unknown
	} catch {
		throw new AppError('badJson')
	}
}

function isWithin(depth: number, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return true
	return depth > 0 && Object.values(value).every((inner) => isWithin(depth - 1, inner))
}
