import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { rest } from '../support/surfaces.ts'

interface Schema {
	$ref?: string
	type?: string | string[]
	required?: string[]
	properties?: Record<string, Schema>
	[key: string]: unknown
}
interface Parameter {
	name: string
	in: string
	required?: boolean
	schema: Schema
	description?: string
}
interface Operation {
	operationId: string
	summary: string
	tags: string[]
	security?: unknown[]
	parameters: (Parameter | { $ref: string })[]
	requestBody?: { required: boolean; content: Record<string, { schema: Schema }> }
	responses: Record<string, { $ref?: string; description?: string; content?: Record<string, { schema: Schema }>; headers?: object }>
}
interface Document {
	openapi: string
	info: { title: string; version: string }
	servers: { url: string }[]
	paths: Record<string, Record<string, Operation>>
	components: { schemas: Record<string, Schema>; responses: object; parameters: object; headers: object; securitySchemes: object }
}

/** The routes of the reference that this version has. */
const REFERENCE = [
	'post /auth/login',
	'get /auth/verify',
	'get /workspaces',
	'post /workspaces',
	'get /workspaces/{slug}',
	'put /workspaces/{slug}',
	'delete /workspaces/{slug}',
	'post /workspaces/{slug}/documents',
	'get /workspaces/{slug}/documents',
	'delete /workspaces/{slug}/documents/{documentId}',
	'post /workspaces/{slug}/chat',
	'get /workspaces/{slug}/chats',
]

let app: TestApp
let document: Document
let operations: { path: string; method: string; operation: Operation }[]
beforeAll(async () => {
	app = await bootApp()
	const response = await app.fetch(new Request('http://localhost/api/openapi.json'))
	expect(response.status).toBe(200)
	expect(response.headers.get('content-type')).toMatch(/^application\/json/)
	document = (await response.json()) as Document
	operations = Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
	)
})
afterAll(() => app.end())

/** What a reference leads to. */
const resolve = (ref: string): unknown =>
	ref
		.replace(/^#\//, '')
		.split('/')
		.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document)

function* references(value: unknown): Generator<string> {
	if (typeof value !== 'object' || value === null) return
	for (const [name, inner] of Object.entries(value)) {
		if (name === '$ref' && typeof inner === 'string') yield inner
		else yield* references(inner)
	}
}

describe('the OpenAPI document', () => {
	it('says which version it is, and where the server is', () => {
		expect(document).toMatchObject({
			openapi: expect.stringMatching(/^3\.1\./),
			info: { title: 'anythingllm-api', version: expect.stringMatching(/^\d/) },
		})
		expect(document.servers).toMatchObject([{ url: '/api' }])
	})

	it('has the routes of the reference', () => {
		const routes = operations.map(({ path, method }) => `${method} ${path}`)
		for (const route of REFERENCE) expect(routes).toContain(route)
	})

	it('refers to nothing that it lacks, and has nothing that it does not refer to', () => {
		const all = new Set(references(document))
		for (const ref of all) expect(resolve(ref), ref).toBeTypeOf('object')
		for (const kind of ['schemas', 'responses', 'parameters', 'headers'] as const)
			for (const name of Object.keys(document.components[kind])) expect(all, name).toContain(`#/components/${kind}/${name}`)
	})

	it('names each operation once, with a summary and a tag', () => {
		expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
		for (const { operation, path } of operations) {
			expect(operation.summary, path).toMatch(/\S/)
			expect(operation.tags, path).toHaveLength(1)
		}
	})

	it('declares each parameter of a path, and describes all', () => {
		for (const { path, operation } of operations) {
			const parameters = operation.parameters.map((parameter) => ('$ref' in parameter ? (resolve(parameter.$ref) as Parameter) : parameter))
			const inPath = parameters.filter((parameter) => parameter.in === 'path')
			expect(inPath.map(({ name }) => `{${name}}`).sort()).toEqual((path.match(/\{\w+\}/g) ?? []).sort())
			for (const parameter of parameters) {
				expect(parameter.description, `${path} ${parameter.name}`).toMatch(/\S/)
				if (parameter.in === 'path') expect(parameter.required).toBe(true)
			}
		}
	})

	it('answers a success in the envelope, and a failure in the other one', () => {
		for (const { operation, path } of operations) {
			const successes = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'))
			const types = successes.flatMap(([, { content = {} }]) => Object.keys(content))
			const isJson = !types.includes('text/event-stream') && !types.includes('*/*')
			const schema = successes[0]?.[1].content?.['application/json']?.schema
			if (isJson) expect(schema?.required, path).toEqual(['success', 'data', 'error', 'message'])
			if (isJson) expect(successes, path).toHaveLength(1)
			for (const [status, { $ref }] of Object.entries(operation.responses))
				if (!status.startsWith('2')) expect($ref, `${path} ${status}`).toMatch(/^#\/components\/responses\//)
		}
		expect(document.components.schemas['Failure']?.required).toEqual(['success', 'data', 'error', 'message'])
	})

	it('tells that a token is needed, and of each failure that can come', () => {
		for (const { operation, path, method } of operations) {
			const isPublic = path === '/auth/login'
			expect(operation.security, path).toEqual(isPublic ? [] : undefined)
			for (const status of ['401', '429', '500', '503']) expect(operation.responses, `${path} ${status}`).toHaveProperty(status)
			if (path.includes('{')) for (const status of ['403', '404']) expect(operation.responses, path).toHaveProperty(status)
			if (operation.requestBody) for (const status of ['400', '413', '415', '422']) expect(operation.responses, path).toHaveProperty(status)
			const saysWhat = operation.requestBody !== undefined || path.includes('{')
			if (method !== 'get' && !path.startsWith('/auth') && saysWhat) expect(operation.responses, path).toHaveProperty('409')
		}
		expect(document).toMatchObject({
			security: [{ bearer: [] }],
			components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
		})
	})

	it('tells what an upload is made of', () => {
		const upload = document.paths['/workspaces/{slug}/documents']?.['post']
		const schema = upload?.requestBody?.content['multipart/form-data']?.schema
		const { properties, required } = (schema?.$ref ? resolve(schema.$ref) : schema) as Schema
		expect(Object.keys(properties ?? {}).sort()).toEqual(['file', 'metadata'])
		expect(required).toEqual(['file'])
		expect(upload?.responses['201']?.headers).toHaveProperty('Location')
	})

	it('shows nothing of passwords in what is answered', () => {
		for (const { operation } of operations) expect(JSON.stringify(operation.responses)).not.toMatch(/password/i)
		expect(Object.keys((document.components.schemas['User']?.properties ?? {}) as object)).not.toContain('passwordHash')
	})

	it('tells of no route that is not there', async () => {
		for (const { path, method } of operations) {
			const filled = path.replace('{slug}', 'default-workspace').replaceAll(/\{\w+Id\}/g, '1')
			expect(filled).not.toContain('{')
			const reply = await rest(app, method.toUpperCase(), filled)
			expect([400, 401], `${method} ${path}`).toContain(reply.status)
		}
	})

	it('is true of an answer: every field that is told is there, and no other', async () => {
		const admin = await app.tokenOf('admin')
		for (const path of ['/auth/verify', '/workspaces', '/workspaces/default-workspace', '/workspaces/default-workspace/documents']) {
			const operation = document.paths[path.replace('default-workspace', '{slug}')]?.['get']
			const schema = operation?.responses['200']?.content?.['application/json']?.schema.properties?.['data']
			const { data } = await rest(app, 'GET', path, undefined, admin)
			expectSame(data, schema, path)
		}
	})
})

function expectSame(value: unknown, schema: Schema | undefined, at: string): void {
	const { properties, items, anyOf } = (schema?.$ref ? resolve(schema.$ref) : schema) as Schema & { items?: Schema; anyOf?: Schema[] }
	if (anyOf) {
		if (value !== null) expectSame(value, anyOf[0], at)
	} else if (Array.isArray(value)) for (const [index, item] of value.entries()) expectSame(item, items, `${at}[${index}]`)
	else if (typeof value === 'object' && value !== null && properties) {
		expect(Object.keys(value).sort(), at).toEqual(Object.keys(properties).sort())
		for (const [name, inner] of Object.entries(value)) expectSame(inner, properties[name], `${at}.${name}`)
	}
}
