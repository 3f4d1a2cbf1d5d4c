import { AppError } from '../errors.ts'
import { Upload } from '../uploads.ts'

/** Far deeper than any argument is. */
const MAX_DEPTH = 100

/** The files among the arguments of a call. @throws AppError BAD_REQUEST when they are nested too deep. */
export function uploadsIn(args: unknown): Upload[] {
	const uploads: Upload[] = []
	textOf(args, (upload) => uploads.push(upload))
	return uploads
}

/** Of the arguments of a call whose files have been read: of each its name, its bytes, and the text that came after it. */
export async function payloadOf(args: unknown): Promise<string> {
	const files = new Map<Upload, unknown>()
	for (const upload of uploadsIn(args)) {
		const { filename, hash } = upload
		files.set(upload, { filename, hash, trailing: Object.fromEntries(await upload.trailing()) })
	}
	return textOf(args, (upload) => files.get(upload))
}

/** The same text for values that say the same, in whatever order. Files are left out unless they are put into words. */
export const textOf = (value: unknown, inWords: (upload: Upload) => unknown = () => null): string =>
	JSON.stringify(sorted(value, inWords, MAX_DEPTH))

function sorted(value: unknown, inWords: (upload: Upload) => unknown, depth: number): unknown {
	if (value instanceof Upload) return inWords(value)
	if (typeof value !== 'object' || value === null || value instanceof Date) return value
	if (depth === 0) throw new AppError('badValue', { at: 'input', expected: `at most ${MAX_DEPTH} levels` })
	if (Array.isArray(value)) return value.map((inner) => sorted(inner, inWords, depth - 1))
	const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
	return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner, inWords, depth - 1)]))
}
