import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const root = path.resolve(import.meta.dirname, '../..')
const REFERENCE = path.resolve(root, '../shared/spec/api-reference.zh.txt')
/** What the reference shows and this product does not have. */
const ABSENT = ['POST /system/webhooks']
/** Where our value has to be another one: our index is none of Pinecone's. */
const OTHER_VALUES = ['vectorDB']

interface Content {
	schema: Record<string, unknown>
	example?: unknown
}
interface Operation {
	operationId: string
	requestBody?: { content: Record<string, Content> }
	responses: Record<string, { $ref?: string; content?: Record<string, Content> }>
}
interface Document {
	paths: Record<string, Record<string, Operation>>
	components: { schemas: Record<string, unknown>; responses: Record<string, { content: Record<string, Content> }> }
}

const document = JSON.parse(readFileSync(path.join(root, 'schema/openapi.json'), 'utf8')) as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({
		name: `${method.toUpperCase()} ${path}`,
		request: first(operation.requestBody?.content),
		success: first(Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1].content),
	})),
)

function first(content: Record<string, Content> | undefined): Content | undefined {
	return content && Object.values(content)[0]
}

/** A schema of the document, its components beside it. */
function validator(schema: unknown) {
	const inlined = JSON.stringify({ ...(schema as object), $defs: document.components.schemas }).replaceAll(
		'#/components/schemas/',
		'#/$defs/',
	)
	return z.fromJSONSchema(JSON.parse(inlined) as Parameters<typeof z.fromJSONSchema>[0])
}

describe('the examples of the OpenAPI document', () => {
	it.each(operations)('$name: its answer, and its body where it has one, are what their schemas say', ({ request, success }) => {
		expect(success?.example).toBeDefined()
		expect(validator(success?.schema).parse(success?.example)).toEqual(success?.example)
		if (!request) return
		expect(request.example).toBeDefined()
		expect(validator(request.schema).parse(request.example)).toEqual(request.example)
	})

	it.each(Object.entries(document.components.responses))('%s: so is what goes wrong', (_name, { content }) => {
		const { schema, example } = first(content) ?? {}
		expect(validator(schema).parse(example)).toEqual(example)
	})

	it('are refused when they are not', () => {
		const login = operations.find(({ name }) => name === 'POST /auth/login')
		expect(() => validator(login?.request?.schema).parse({ username: 'admin' })).toThrow()
		expect(() => validator(login?.success?.schema).parse({ success: true, data: {}, error: null, message: '' })).toThrow()
	})
})

interface Shown {
	route: string
	part: 'request' | 'response'
	value: unknown
}

/** Every JSON value that the reference shows below a route. */
function* shownIn(text: string): Generator<Shown> {
	let route = ''
	const lines = text.split('\n')
	for (const [index, line] of lines.entries()) {
		const [, method, place] = /^(GET|POST|PUT|DELETE) (\/\S+)$/.exec(line) ?? []
		if (method && place) route = `${method} ${place.replaceAll(/:(\w+)/g, '{$1}')}`
		if (/^(错误处理|SDK 和示例|Webhook 负载示例)$/.test(line)) route = ''
		const part = { '请求体:': 'request', '响应:': 'response' }[line] as Shown['part'] | undefined
		if (route && part && lines[index + 1] === 'json') {
			const end = lines.findIndex((other, at) => at > index && other === '}' && isJson(lines.slice(index + 2, at + 1).join('\n')))
			yield { route, part, value: JSON.parse(lines.slice(index + 2, end + 1).join('\n')) as unknown }
		}
	}
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text)
		return true
	} catch {
		return false
	}
}

/** The values that differ from ours replaced by ours. */
function adapted(value: unknown, ours: unknown): unknown {
	if (Array.isArray(value)) return value.map((item, index) => adapted(item, (ours as unknown[] | undefined)?.[index]))
	if (typeof value !== 'object' || value === null) return value
	const entries = Object.entries(value).map(([name, inner]) => {
		const own = (ours as Record<string, unknown> | undefined)?.[name]
		return [name, OTHER_VALUES.includes(name) ? own : adapted(inner, own)]
	})
	return Object.fromEntries(entries)
}

describe.skipIf(!existsSync(REFERENCE))('the examples of the API reference (../shared)', () => {
	const shown = existsSync(REFERENCE) ? [...shownIn(readFileSync(REFERENCE, 'utf8'))] : []

	it('are found', () => {
		expect(shown).toHaveLength(20)
	})

	it.each(shown.filter(({ route }) => !ABSENT.includes(route)))(
		'$route: its $part is there, with every value',
		({ route, part, value }) => {
			const { request, success } = operations.find(({ name }) => name === route) ?? {}
			const ours = (part === 'request' ? request : success)?.example
			expect(ours).toMatchObject(adapted(value, ours) as object)
		},
	)
})
