import { beforeEach, describe, expect, it } from 'vitest'
import { start } from '../support.ts'

let app: ReturnType<typeof start>
beforeEach(() => {
	app = start()
})

const documents = '/workspaces/default-workspace/documents'
const chat = '/workspaces/default-workspace/chat'

describe('one value, two idioms', () => {
	it('shows an id as text in GraphQL and as an integer in REST', async () => {
		expect(await app.graphql('{ verify { user { id } } }')).toEqual({ data: { verify: { user: { id: '1' } } } })
		expect((await app.rest('GET', '/auth/verify')).body.data.user.id).toBe(1)
	})

	it('shows an id that is text as the same text in both', async () => {
		const thread = { id: 'thread-123', title: 'first' }
		const { data } = await app.graphql('{ workspace(slug: "default-workspace") { threads { edges { node { id title } } } } }')
		expect(data.workspace.threads.edges).toEqual([{ node: thread }])
		expect((await app.rest('GET', '/workspaces/default-workspace')).body.data.workspace.threads).toEqual([thread])
	})

	it('names an enum value in GraphQL and shows its value in REST, also where no GraphQL name could', async () => {
		const mutation = 'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { events } }'
		const { data } = await app.graphql(mutation, { input: { url: 'http://a', events: ['DOCUMENT_UPLOADED'] } })
		expect(data).toEqual({ createWebhook: { events: ['DOCUMENT_UPLOADED'] } })
		const { status, body } = await app.rest('POST', '/system/webhooks', { url: 'http://a', events: ['document.uploaded'] })
		expect([status, body.data.webhook.events]).toEqual([201, ['document.uploaded']])
	})

	it('gives resolvers the same arguments from both, at any depth', async () => {
		const seen = { message: 'a', mode: 'query', options: { next: { modes: ['chat', 'query'], documentIds: [1, 2] } } }
		expect((await app.rest('POST', chat, seen)).body.data).toEqual({ seen })
		const input = { message: 'a', mode: 'QUERY', options: { next: { modes: ['CHAT', 'QUERY'], documentIds: ['1', 2] } } }
		const mutation = 'mutation ($input: ChatInput!) { sendMessage(slug: "default-workspace", input: $input) { seen } }'
		expect((await app.graphql(mutation, { input })).data.sendMessage).toEqual({ seen })
	})

	it("refuses the other side's idiom", async () => {
		expect((await app.rest('GET', '/users?role=ADMIN')).body.error).toBe('role: expected one of admin, user.')
		expect((await app.rest('POST', chat, { message: 'a', options: { documentIds: ['1'] } })).body.error).toBe(
			'options.documentIds[0]: expected an id.',
		)
		expect((await app.graphql('{ users(role: admin) { id } }')).errors[0].message).toMatch(/"admin" does not exist/)
	})

	it('refuses an id in GraphQL that is no number of ours, wherever it stands', async () => {
		const mutation = 'mutation { sendMessage(slug: "a", input: { message: "a", options: { next: { documentIds: ["1", "x"] } } }) { seen } }'
		const { errors } = await app.graphql(mutation)
		expect(errors).toMatchObject([{ message: 'documentIds: expected an id.', extensions: { code: 'BAD_REQUEST' } }])
	})

	it('fails with the same code', async () => {
		expect((await app.graphql('{ workspace(slug: "no") { id } }')).errors[0].extensions.code).toBe('NOT_FOUND')
		expect((await app.rest('GET', '/workspaces/no')).code).toBe('NOT_FOUND')
	})
})

describe('results', () => {
	it('stand in exactly four keys, in the documented order', async () => {
		const { status, body, headers } = await app.rest('GET', '/workspaces', undefined, {})
		expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
		expect(Object.keys(body)).toEqual(['success', 'data', 'error', 'message'])
		const workspace = { id: 1, name: '默认工作空间', slug: 'default-workspace', description: '描述', createdAt: '2024-01-01T00:00:00.000Z' }
		expect(body).toEqual({ success: true, data: { workspaces: [workspace] }, error: null, message: '操作成功' })
	})

	it('leave links out, but for those that the route names: connections as lists', async () => {
		const { workspace } = (await app.rest('GET', '/workspaces/default-workspace')).body.data
		expect(Object.keys(workspace)).toEqual(['id', 'name', 'slug', 'description', 'createdAt', 'documents', 'threads'])
		expect(workspace.documents).toHaveLength(23)
		expect(workspace.documents[0]).toEqual({ id: 1, workspaceId: 1, filename: 'document-1.pdf', size: 10, metadata: { index: 0 } })
	})

	it('page by number where GraphQL pages by cursor', async () => {
		const { data } = (await app.rest('GET', `${documents}?page=2&limit=10&search=document`)).body
		expect(data.pagination).toEqual({ page: 2, limit: 10, total: 23, pages: 3 })
		expect(data.documents[0].id).toBe(11)
	})

	it('of nothing are null, of a delete an empty object', async () => {
		expect((await app.rest('GET', '/users/me', undefined, {})).body.data).toEqual({ user: null })
		expect((await app.rest('DELETE', `${documents}/3`)).body).toMatchObject({ success: true, data: {} })
		expect((await app.rest('DELETE', `${documents}/3`)).status).toBe(404)
	})

	it('of a creation have the status and the place of what was made', async () => {
		const { status, headers } = await app.rest('POST', '/workspaces', { name: '工 作' })
		expect([status, headers.get('location')]).toEqual([201, `/api/workspaces/${encodeURIComponent('工-作')}`])
	})

	it('have no body for HEAD, and the length that GET has', async () => {
		const head = await app.rest('HEAD', '/workspaces')
		const get = await app.rest('GET', '/workspaces')
		expect([head.status, head.body]).toEqual([200, undefined])
		expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
		expect(Number(head.headers.get('content-length'))).toBe(Buffer.byteLength(JSON.stringify(get.body)))
	})
})
