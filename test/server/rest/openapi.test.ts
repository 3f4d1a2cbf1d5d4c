import { describe, expect, it } from 'vitest'
import { createExample } from '../example/app.ts'

interface Operation {
	operationId: string
	security?: unknown[]
	parameters: { name: string; in: string; required: boolean; description?: string; schema: unknown }[]
	requestBody?: { required: boolean; content: Record<string, { schema: unknown; encoding?: unknown }> }
	responses: Record<string, unknown>
	tags: string[]
	summary?: string
}
interface Document {
	openapi: string
	paths: Record<string, Record<string, Operation>>
	components: { schemas: Record<string, { required?: string[]; properties: Record<string, unknown> }> } & Record<string, unknown>
}

// As a client gets it: through JSON.
const document = JSON.parse(JSON.stringify(createExample().rest.openapi)) as Document
const operation = (method: string, path: string): Operation => {
	const found = document.paths[path]?.[method]
	if (!found) throw new Error(`no ${method} ${path}`)
	return found
}
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

describe('the OpenAPI document', () => {
	it("shows REST's types: integers, values, nulls", () => {
		const { User, Thread, Webhook, UserRole, ChatInput } = document.components.schemas
		expect(User?.properties['id']).toEqual({ type: 'integer', format: 'int32', minimum: 1, maximum: 2 ** 31 - 1 })
		expect(User?.properties['lastLogin']).toEqual({ type: ['string', 'null'], format: 'date-time' })
		expect(User?.properties['username']).toEqual({ type: 'string', description: 'What one signs in with.' })
		expect(User?.required).toEqual(['id', 'username', 'role', 'lastLogin'])
		expect(Thread?.properties['id']).toEqual({ type: 'string', pattern: '^thread-' })
		expect(Webhook?.properties['events']).toEqual({ type: 'array', items: { $ref: '#/components/schemas/WebhookEvent' } })
		expect(UserRole).toEqual({ type: 'string', enum: ['admin', 'user'] })
		expect(ChatInput?.required).toEqual(['message'])
		expect(ChatInput?.properties['mode']).toEqual({ $ref: '#/components/schemas/ChatMode', default: 'chat' })
		expect(ChatInput?.properties['options']).toEqual({ anyOf: [{ $ref: '#/components/schemas/ChatOptions' }, { type: 'null' }] })
	})

	it('has the input itself as body', () => {
		expect(operation('post', '/workspaces/{slug}/chat').requestBody).toEqual({
			required: true,
			content: { 'application/json': { schema: { $ref: '#/components/schemas/ChatInput' } } },
		})
		expect(operation('post', '/workspaces/{slug}/documents').requestBody).toEqual({
			required: true,
			content: {
				'multipart/form-data': {
					schema: { $ref: '#/components/schemas/UploadDocumentInput' },
					encoding: { metadata: { contentType: 'application/json' } },
				},
			},
		})
		expect(document.components.schemas['UploadDocumentInput']?.properties['file']).toEqual({ type: 'string', format: 'binary' })
		expect(operation('get', '/workspaces').requestBody).toBeUndefined()
	})

	it('describes parameters, each with its own words and default', () => {
		const { parameters } = operation('get', '/workspaces/{slug}/documents')
		expect(parameters.slice(0, 4)).toEqual([
			{ name: 'slug', in: 'path', required: true, description: 'The slug of the workspace.', schema: { type: 'string' } },
			{ name: 'page', in: 'query', required: false, schema: { type: 'integer', format: 'int32', default: 1 } },
			{ name: 'limit', in: 'query', required: false, schema: { type: 'integer', format: 'int32', default: 20 } },
			{ name: 'search', in: 'query', required: false, description: 'A part of the name.', schema: { type: 'string' } },
		])
		expect(operation('get', '/workspaces').parameters).toEqual([
			{ $ref: '#/components/parameters/AcceptLanguage' },
			{ $ref: '#/components/parameters/IfNoneMatch' },
		])
	})

	it('wraps answers in the envelope and lists the failures', () => {
		const { responses, summary, tags } = operation('post', '/workspaces')
		expect(Object.keys(responses)).toEqual(['201', '400', '401', '406', '409', '413', '415', '422', '429', '500', '503'])
		expect(responses['201']).toMatchObject({
			headers: { Location: {} },
			content: {
				'application/json': {
					schema: { required: ['success', 'data', 'error', 'message'], properties: { data: { required: ['workspace'] } } },
				},
			},
		})
		expect([summary, tags]).toEqual(['Makes a workspace.', ['workspaces']])
		expect(operation('get', '/auth/verify').summary).toBe('Whether the token is valid.')
	})

	it('asks for a token, but where the field is public', () => {
		expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api' }], security: [{ bearer: [] }] })
		expect(operation('post', '/auth/login').security).toEqual([])
		expect(operation('get', '/auth/verify').security).toBeUndefined()
	})

	it('is consistent: every reference leads somewhere, no operation has the name of another, and nothing is only GraphQL’s', () => {
		for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
			const target = reference?.split('/').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], document)
			expect(target, reference).toBeDefined()
		}
		expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
		expect(JSON.stringify(document)).not.toMatch(/secretNote|Connection|RestString|webhook\/\{id\}/)
	})
})
