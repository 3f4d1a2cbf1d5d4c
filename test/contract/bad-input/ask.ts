import { type GraphQLInputType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql'
import type { App } from '../../../src/app.ts'
import type { Route } from '../../../src/server/rest/routes.ts'
import { filesIn, multipart, withoutFiles } from '../../support/surfaces.ts'
import type { Asked, Place } from './places.ts'
import type { Hostile } from './values.ts'

type Args = Readonly<Record<string, unknown>>
type Json = Record<string, unknown>

/** A hostile value in its place; undefined for a call that is good. */
export interface Attack {
	readonly place: Place
	readonly hostile: Hostile
}

export interface Answer {
	readonly code: string | undefined
	readonly error: string | null
	readonly status: number
	readonly text: string
	readonly isEnvelope: boolean
}

/** Longest that any call may take. */
const PATIENCE_MS = 20_000
const HOLE = '\u{E000}hole\u{E000}'

/** As a request of GraphQL over HTTP; a subscription is followed to its first event. */
export async function askGraphQL(
	app: Pick<App, 'fetch'>,
	asked: Asked,
	args: Args,
	attack: Attack | undefined,
	headers: Record<string, string>,
): Promise<Answer> {
	const files = filesIn(args)
	const body = `{"query":${JSON.stringify(asked.document)},"variables":${textOf(withoutFiles(args), attack)}}`
	const isEndless = asked.operation === 'subscription'
	const init =
		files.length > 0 && !/^files?$/.test(attack?.place.path.at(-1) ?? '')
			? { body: multipart(body, files), headers }
			: { body, headers: { ...headers, 'content-type': 'application/json', ...(isEndless && { accept: 'text/event-stream' }) } }
	const response = await sent(app, 'http://localhost/graphql', { method: 'POST', ...init })
	const text = isEndless ? await firstEvent(response) : await response.text()
	const json = (text.startsWith('{') ? JSON.parse(text) : {}) as { errors?: { message: string; extensions?: { code?: string } }[] }
	const [error] = json.errors ?? []
	const code = error && (error.extensions?.code ?? 'no code')
	return {
		code,
		error: error?.message ?? null,
		status: response.status,
		text,
		isEnvelope: error === undefined || typeof error.message === 'string',
	}
}

/** As a request of REST. */
export async function askRest(
	app: Pick<App, 'fetch'>,
	asked: Asked,
	args: Args,
	attack: Attack | undefined,
	headers: Record<string, string>,
): Promise<Answer> {
	const { route, args: definitions } = asked
	if (!route) throw new Error('no route')
	const at = attack?.place.path[0] ?? ''
	const written = Object.fromEntries(definitions.map(({ name, type }) => [name, asRest(args[name], type)]))
	const path = route.path.replace(/:(\w+)/g, (_match, name: string) =>
		name === at ? (attack?.hostile.text ?? '') : encodeURIComponent(String(written[name])),
	)
	const search = definitions.flatMap(({ name }) => {
		if (name === 'input' || route.parameters.includes(name)) return []
		if (name === at) return attack?.hostile.text ? [attack.hostile.text] : []
		return written[name] === undefined ? [] : [`${name}=${encodeURIComponent(String(written[name]))}`]
	})
	const body = route.input ? bodyOf(route.kind, (written['input'] ?? {}) as Json, at === 'input' ? attack : undefined) : undefined
	const init = {
		method: route.method,
		headers: { ...headers, ...(typeof body === 'string' && { 'content-type': 'application/json' }) },
		...(body !== undefined && { body }),
	}
	const isEndless = asked.operation === 'subscription'
	const response = await sent(app, `http://localhost/api${path}${search.length > 0 ? `?${search.join('&')}` : ''}`, init)
	const text = isEndless ? await firstEvent(response) : await response.text()
	const isStream = response.ok && route.kind !== undefined && route.kind !== 'multipart'
	const json = isStream ? {} : (JSON.parse(text) as Json)
	const isEnvelope =
		isStream ||
		(Object.keys(json).join() === 'success,data,error,message' &&
			json['success'] === response.status < 300 &&
			(json['error'] === null) === (json['success'] === true))
	return {
		code: response.headers.get('x-error-code') ?? undefined,
		error: (json['error'] as string | undefined) ?? null,
		status: response.status,
		text,
		isEnvelope,
	}
}

function sent(app: Pick<App, 'fetch'>, url: string, init: RequestInit): Promise<Response> {
	const late = new Promise<never>((_resolve, reject) =>
		setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS).unref(),
	)
	return Promise.race([app.fetch(new Request(url, init)), late])
}

/** What stands for a value in JSON; in a form each value by itself. */
function bodyOf(kind: Route['kind'] | undefined, input: Json, attack: Attack | undefined): string | FormData {
	const [, ...path] = attack?.place.path ?? []
	const inner = attack && { ...attack, place: { ...attack.place, path } }
	if (kind !== 'multipart') return path.length === 0 && attack ? attack.hostile.text : textOf(input, inner)
	const form = new FormData()
	const name = path[0] ?? ''
	if (attack && attack.hostile.text !== '') form.set(name, attack.hostile.text)
	for (const [field, value] of Object.entries(input))
		if (field !== name) form.set(field, value instanceof Blob ? value : JSON.stringify(value))
	return form
}

/** The arguments as JSON, with the hostile value in its place, or nothing there where its text is empty. */
function textOf(args: Args, attack: Attack | undefined): string {
	if (!attack) return JSON.stringify(args)
	const filled = placed(args, attack.place.path, attack.hostile.text === '' ? undefined : HOLE, attack.place)
	return JSON.stringify(filled).replace(JSON.stringify(HOLE), () => attack.hostile.text)
}

function placed(holder: Args, [name = '', ...path]: readonly string[], value: unknown, place: Place): Args {
	if (path.length === 0) return { ...holder, [name]: value }
	const inner = (holder[name] ?? required(place)) as Args
	return { ...holder, [name]: placed(inner, path, value, place) }
}

/** What must stand beside the place in an input that a good call does without. */
function required({ asked, path }: Place): Json {
	const type = asked.args.find(({ name }) => name === path[0])?.type
	const input = type && getNullableType(type)
	if (!isInputObjectType(input)) return {}
	return Object.fromEntries(
		Object.values(input.getFields()).flatMap((field) => {
			const inner = getNullableType(field.type)
			return isNonNullType(field.type) && isEnumType(inner) ? [[field.name, inner.getValues()[0]?.name]] : []
		}),
	)
}

/** REST writes an enum’s value, GraphQL its name. */
function asRest(value: unknown, type: GraphQLInputType): unknown {
	const inner = getNullableType(type)
	if (value === null || value === undefined || value instanceof Blob) return value
	if (isListType(inner)) return (value as unknown[]).map((item) => asRest(item, inner.ofType))
	if (isEnumType(inner)) return inner.getValue(String(value))?.value as unknown
	if (!isInputObjectType(inner)) return value
	const fields = inner.getFields()
	return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fields[name] ? asRest(item, fields[name].type) : item]))
}

/** The data of the first event; what is not a stream is given as it is. */
async function firstEvent(response: Response): Promise<string> {
	if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
	let text = ''
	for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
		text += piece
		const [, data] = /^data: ?(\{.*)$/m.exec(text) ?? []
		if (data && text.includes('\n\n', text.indexOf(data))) return data
	}
	return text
}
