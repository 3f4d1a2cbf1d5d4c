import { createClient } from 'graphql-sse'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'

const slug = 'default-workspace'

let app: TestApp
let url: string
let token: string
beforeAll(async () => {
	app = await bootApp()
	url = `${await app.url()}/graphql`
	token = await app.tokenOf('admin')
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => app.end())

const connect = () =>
	createClient({ url, headers: () => ({ authorization: `Bearer ${token}`, 'accept-language': 'en' }), retryAttempts: 0 })
const all = <Data>(query: string, variables: Record<string, unknown> = {}) =>
	Array.fromAsync(connect().iterate<Data, unknown>({ query, variables }))

describe('graphql-sse, a connection an operation', () => {
	it('asks a query', async () => {
		expect(await all('{ viewer { username } }')).toEqual([{ data: { viewer: { username: 'admin' } } }])
	})

	it('asks for a change', async () => {
		const query = 'mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { workspace { slug } } }'
		expect(await all(query, { input: { name: 'Over SSE' } })).toEqual([{ data: { createWorkspace: { workspace: { slug: 'over-sse' } } } }])
	})

	it('follows an answer to its end', async () => {
		const query = `subscription ($input: ChatInput!) { chat(slug: "${slug}", input: $input) { __typename sequence } }`
		const told = await all<{ chat: { __typename: string; sequence: number } }>(query, { input: { message: 'What is there?' } })
		const events = told.map(({ data }) => data?.chat)
		expect(events.map((event) => event?.sequence)).toEqual(events.map((_, index) => index + 1))
		expect([events[0]?.__typename, events.at(-1)?.__typename]).toEqual(['ChatStarted', 'ChatCompleted'])
	})

	it('follows documents, until it leaves: then the server leaves them too', async () => {
		const [followed, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
		const { events } = app.services.documents
		vi.spyOn(app.services.documents, 'events').mockImplementationOnce(async (...args) => {
			const stream = (await events(...args))[Symbol.asyncIterator]()
			followed.resolve()
			const end = async () => {
				left.resolve()
				return (await stream.return?.()) ?? { done: true as const, value: undefined }
			}
			return { [Symbol.asyncIterator]: () => ({ next: () => stream.next(), return: end }) }
		})
		const client = connect()
		const query = `subscription { documentEvents(slug: "${slug}") { documentId ... on DocumentProgressed { status } } }`
		const following = client.iterate<{ documentEvents: { documentId: string; status: string } }>({ query })
		const begun = following.next()
		await followed.promise
		await takeIn(app, slug, textFile('followed.txt', 'Followed over SSE'), token)
		expect((await begun).value?.data?.documentEvents.status).toBe('UPLOADED')
		for await (const { data } of following) if (data?.documentEvents.status === 'PROCESSED') break
		await left.promise
		client.dispose()
	})

	it.each([
		['that cannot be read', '{', [], 'BAD_REQUEST'],
		['for a field that is none', '{ nothing }', [], 'BAD_REQUEST'],
		['for what is not there', '{ workspace(slug: "nowhere") { id } }', ['workspace'], 'NOT_FOUND'],
		['to follow what is not there', 'subscription { documentEvents(slug: "nowhere") { documentId } }', ['documentEvents'], 'NOT_FOUND'],
	])('hears why a document %s is refused, and the end', async (_what, query, path, code) => {
		const [result, ...others] = await all(query)
		expect(others).toEqual([])
		expect(result?.errors).toMatchObject([{ ...(path.length > 0 && { path }), extensions: { code } }])
	})

	it('finds no single connection to reserve', async () => {
		const headers = { authorization: `Bearer ${token}` }
		for (const method of ['PUT', 'DELETE']) expect((await fetch(url, { method, headers })).status).toBe(405)
	})
})
