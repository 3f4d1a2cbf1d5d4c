import { AppError } from '../errors.ts'
import type { Prisma } from '../generated/prisma/client.ts'

const MAX_METADATA = 16_384
const MAX_METADATA_DEPTH = 64

/** An object, or its JSON text. @throws AppError UNPROCESSABLE when it is no JSON object, a large one, or one that the database cannot hold. */
export function asMetadata(sent: unknown): Prisma.InputJsonObject {
	const value = typeof sent === 'string' ? parsed(sent) : sent
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AppError('notAnObject', { at: 'metadata' })
	checkValue(value, MAX_METADATA_DEPTH)
	if (JSON.stringify(value).length > MAX_METADATA) throw new AppError('tooLong', { at: 'metadata', max: MAX_METADATA })
	return value as Prisma.InputJsonObject
}

/** @throws AppError UNPROCESSABLE for NUL, half of a surrogate pair and a number such as 1e400, BAD_REQUEST for what is nested too deep. */
function checkValue(value: unknown, depth: number): void {
	if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) throw new AppError('badCharacters', { at: 'metadata' })
	if (typeof value === 'number' && !Number.isFinite(value)) throw new AppError('tooLarge', { at: 'metadata', max: Number.MAX_VALUE })
	if (typeof value !== 'object' || value === null) return
	if (depth === 0) throw new AppError('badValue', { at: 'metadata', expected: `at most ${MAX_METADATA_DEPTH} levels` })
	for (const [name, inner] of Object.entries(value)) {
		checkValue(name, depth)
		checkValue(inner, depth - 1)
	}
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		return undefined
	}
}
