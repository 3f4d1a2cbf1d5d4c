import type { Readable } from 'node:stream'
import { AppError } from '../../errors.ts'
import { Upload } from '../../uploads.ts'
import { type DrainLimits, drain, inTime, readAll } from '../body.ts'
import { readJsonObject } from '../json.ts'
import { type FilePart, type Form, isMultipart, openForm } from '../multipart.ts'
import type { Route } from './routes.ts'

interface InputLimits {
	/** Of a JSON body, in bytes. */
	readonly maxBodyBytes: number
	/** Of a JSON body, or of a form up to its first file. */
	readonly arrivalTimeoutMs: number
	readonly drain: DrainLimits
}

/** What the body of one request says, not yet checked against a type. */
export interface Input {
	/**
	 * Undefined when there is no body, or none that the route reads. A form is read up to its file, which is in the values as an `Upload`.
	 * @throws AppError BAD_REQUEST, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE
	 */
	read(route: Pick<Route, 'input' | 'kind'>): Promise<Record<string, unknown> | undefined>
	/** Lets go of the body, however much of it was read: called when the request is answered. */
	release(): void
}

export function inputOf(body: Readable | null, headers: Headers, limits: InputLimits): Input {
	let form: Form | undefined
	return {
		async read({ input, kind }) {
			if (!body || !input) return undefined
			if (kind !== 'multipart') return inTime(readJson(body, headers, limits.maxBodyBytes), limits.arrivalTimeoutMs)
			if (!isMultipart(headers.get('content-type'))) throw new AppError('unsupportedMediaType', { expected: 'multipart/form-data' })
			form = openForm(body, headers, limits.drain)
			return inTime(readForm(form), limits.arrivalTimeoutMs)
		},
		release() {
			if (form) form.release()
			else if (body) drain(body, limits.drain)
		},
	}
}

async function readJson(body: Readable, headers: Headers, maxBytes: number): Promise<Record<string, unknown> | undefined> {
	if (!/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? '')) {
		throw new AppError('unsupportedMediaType', { expected: 'application/json' })
	}
	if (!/^(identity)?$/i.test(headers.get('content-encoding') ?? '')) throw new AppError('encodedBody')
	if (Number(headers.get('content-length')) > maxBytes) throw new AppError('bodyTooLarge', { maxBytes })
	const bytes = await readAll(body, maxBytes)
	return bytes.length === 0 ? undefined : readJsonObject(bytes)
}

async function readForm(form: Form): Promise<Record<string, unknown>> {
	const { fields, file } = await form.next()
	const values: [string, unknown][] = [...fields].map(([name, texts]) => [name, texts.length === 1 ? texts[0] : texts])
	if (file) values.push([file.name, uploadOf(form, file)])
	return Object.fromEntries(values)
}

function uploadOf(form: Form, file: FilePart): Upload {
	return new Upload({
		filename: file.filename,
		mimeType: file.mimeType,
		requestBytes: form.requestBytes,
		open: () => file.open(),
		async behind() {
			const { fields, file: next } = await form.next()
			if (next && next.name !== file.name) throw new AppError('unknownField', { at: next.name })
			return { texts: new Map([...fields].map(([name, texts]) => [name, texts.at(-1) ?? ''])), next: next && uploadOf(form, next) }
		},
	})
}
