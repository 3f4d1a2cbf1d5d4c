import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { AppError } from '../errors.ts'
import { MAX_FILES, Upload } from '../uploads.ts'
import { ARRIVAL_TIMEOUT_MS, bodyOf, type DrainLimits, inTime } from './body.ts'
import { readJsonObject } from './json.ts'
import { languageOf } from './language.ts'
import { type FilePart, FileStream, type Form, isMultipart, openForm } from './multipart.ts'
import { STATUS } from './rest/status.ts'

/**
 * The GraphQL multipart request specification (jaydenseric/graphql-multipart-request-spec), streamed: the operation runs when the first
 * file's headers have arrived, with an unread `Upload` at each mapped place. Of several files each is read in the order of arrival;
 * opening one gives up those before it. Yoga's own reader, which buffers whole files, must be off (`multipart: false`).
 */
export function useGraphQLMultipart(drainLimits?: DrainLimits): Plugin {
	const forms = new WeakMap<Request, Form>()
	return {
		onRequestParse({ request, serverContext, setRequestParser }) {
			if (request.method !== 'POST' || !isMultipart(request.headers.get('content-type'))) return
			setRequestParser(async () => {
				try {
					const body = bodyOf(request, serverContext ?? {})
					if (!body) throw new AppError('missingField', { at: 'operations' })
					const form = openForm(body, request.headers, drainLimits)
					forms.set(request, form)
					return await inTime(paramsOf(form), ARRIVAL_TIMEOUT_MS)
				} catch (error) {
					throw error instanceof AppError ? requestError(error, request) : error
				}
			})
		},
		onResponse({ request }) {
			forms.get(request)?.release()
		},
	}
}

function requestError(error: AppError, request: Request): GraphQLError {
	const message = error.in(languageOf(request.headers.get('accept-language')))
	return new GraphQLError(message, { extensions: { code: error.code, http: { status: STATUS[error.code] } } })
}

async function paramsOf(form: Form): Promise<GraphQLParams> {
	const { fields, file } = await form.next()
	const operations = jsonObject(fields, 'operations')
	const files = filesOf(form, file)
	const places = placesOf(jsonObject(fields, 'map'))
	for (const [name, paths] of places) {
		const upload = files(name)
		for (const path of paths) fill(operations, path, upload)
	}
	return operations
}

function jsonObject(fields: ReadonlyMap<string, readonly string[]>, at: string): Record<string, unknown> {
	const [text] = fields.get(at) ?? []
	if (text === undefined) throw new AppError('missingField', { at })
	try {
		return readJsonObject(Buffer.from(text))
	} catch {
		throw new AppError('badValue', { at, expected: 'an object' })
	}
}

function placesOf(map: Record<string, unknown>): [name: string, paths: string[]][] {
	const places = Object.entries(map).map(([name, paths]): [string, string[]] => {
		if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) throw badPlace(name)
		return [name, paths]
	})
	if (places.reduce((sum, [, paths]) => sum + paths.length, 0) > MAX_FILES)
		throw new AppError('badValue', { at: 'map', expected: `at most ${MAX_FILES} places` })
	return places
}

/** Puts an upload where the variables hold a null; nothing else is a place, so no path can reach a prototype. */
function fill(operations: Record<string, unknown>, path: string, upload: Upload): void {
	const segments = path.split('.')
	const last = segments.pop() ?? ''
	if (segments[0] !== 'variables') throw badPlace(path)
	let holder: unknown = operations
	for (const segment of segments) holder = ownValue(holder, segment)
	if (ownValue(holder, last) !== null) throw badPlace(path)
	Object.assign(holder as object, { [last]: upload })
}

const ownValue = (holder: unknown, name: string): unknown =>
	typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined

const badPlace = (path: string) => new AppError('badValue', { at: `map: ${path}`, expected: 'the path of a null in the variables' })

/** Makes the handles of a form's files, by the name of their part. */
function filesOf(form: Form, first: FilePart | undefined): (name: string) => Upload {
	const passed = new Set<string>()
	let current = first
	let turn: Promise<unknown> = Promise.resolve()

	async function arrival(name: string): Promise<FilePart> {
		if (passed.has(name)) throw new AppError('brokenUpload')
		while (current && current.name !== name) {
			passed.add(current.name)
			current = (await form.next()).file
		}
		if (!current) throw new AppError('brokenUpload')
		return current
	}

	function inTurn(work: () => Promise<void>): Promise<void> {
		const done = turn.then(work)
		turn = done.catch(() => {})
		return done
	}

	return (name) => {
		async function arrived(): Promise<FilePart> {
			const part = await arrival(name)
			source.filename = part.filename
			source.mimeType = part.mimeType
			return part
		}

		const known = first?.name === name ? first : undefined
		const source = {
			filename: known?.filename ?? '',
			mimeType: known?.mimeType ?? '',
			requestBytes: form.requestBytes,
			open() {
				const stream = new FileStream()
				inTurn(async () => void (await arrived()).open(stream)).catch((error: unknown) =>
					stream.destroy(error instanceof Error ? error : new AppError('brokenUpload')),
				)
				return stream
			},
			arrive: () => inTurn(async () => void (await arrived())),
			behind: async () => ({ texts: new Map<string, string>(), next: undefined }),
		}
		return new Upload(source)
	}
}
