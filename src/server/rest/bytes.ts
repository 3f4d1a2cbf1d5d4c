import type { Readable } from 'node:stream'
import type { Download, Part } from '../../downloads.ts'
import { AppError } from '../../errors.ts'
import { isFresh } from '../conditional.ts'
import type { Pieces } from './streamed.ts'

/** What a file is answered with. */
interface FileAnswer {
	readonly status: 200 | 206 | 304
	readonly headers: Record<string, string>
	/** Undefined: there is nothing to send. */
	readonly part: Part | undefined
}

/** Nothing in a file runs or is shown as a page of ours, whatever it is; no page of others embeds it. */
const SAFE = {
	'content-security-policy': "sandbox; default-src 'none'",
	'cross-origin-resource-policy': 'same-origin',
	'cache-control': 'private, no-cache, no-transform',
	vary: 'Authorization',
	'accept-ranges': 'bytes',
} as const

/**
 * How a GET or HEAD of a file is answered (RFC 9110, 13 and 14): whole, one range of it, or not at all where the client has it. What is no single
 * range is answered whole.
 * @throws AppError RANGE_NOT_SATISFIABLE.
 */
export function fileAnswer({ source }: Download, { method, headers: asked }: Request): FileAnswer {
	const { size, mimeType, hash } = source
	const tag = `"${hash}"`
	const headers: Record<string, string> = { ...SAFE, etag: tag }
	if (isFresh(asked, tag)) return { status: 304, headers, part: undefined }
	const condition = asked.get('if-range')
	const range = method === 'HEAD' || (condition !== null && condition !== tag) ? null : rangeIn(asked.get('range'), size)
	const part = range ?? { start: 0, end: size - 1 }
	if (range) headers['content-range'] = `bytes ${part.start}-${part.end}/${size}`
	headers['content-type'] = mimeType
	headers['content-disposition'] = disposition(source)
	headers['content-length'] = String(part.end - part.start + 1)
	return { status: range ? 206 : 200, headers, part: method === 'HEAD' ? undefined : part }
}

/** Null: all of it. */
function rangeIn(header: string | null, size: number): Part | null {
	const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? []
	if (first === '' && last === '') return null
	const [start, end] = first === '' ? [Math.max(0, size - Number(last)), size - 1] : [Number(first), last === '' ? size - 1 : Number(last)]
	if (first !== '' && end < start && last !== '') return null
	if (start >= size) throw new AppError('badRange', { size })
	return { start, end: Math.min(end, size - 1) }
}

/** RFC 6266: a name in ASCII for who reads no other. */
function disposition({ filename, originalName }: Download['source']): string {
	const extended = encodeURIComponent(originalName).replace(
		/['()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	)
	return `attachment; filename="${filename.replace(/["\\]/g, '_')}"; filename*=UTF-8''${extended}`
}

export function filePieces(bytes: Readable): Pieces {
	const pieces = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer, void>
	return {
		async next() {
			const step = await pieces.next()
			return step.done ? null : step.value
		},
		leave: () => void bytes.destroy(),
	}
}
