import { type AnyVariables, Client, cacheExchange, fetchExchange, gql, type OperationResult, subscriptionExchange } from '@urql/core'
import { createClient, type Sink, type SubscribePayload } from 'graphql-ws'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { bootApp, type TestApp } from '../support/app.ts'
import { textFile } from '../support/documents.ts'

const slug = 'default-workspace'

let app: TestApp
let url: string
let token: string
const ends: (() => unknown)[] = []
beforeAll(async () => {
	app = await bootApp()
	url = await app.url()
	token = await app.tokenOf('admin')
})
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))
afterAll(() => app.end())

const fetchOptions = () => ({ headers: { authorization: `Bearer ${token}`, 'accept-language': 'en' } })

/** As its documentation says to set it up: subscriptions over graphql-ws. */
function overWebSocket(): Client {
	const socket = createClient({
		url: `${url.replace('http', 'ws')}/graphql`,
		webSocketImpl: WebSocket,
		connectionParams: { authorization: `Bearer ${token}` },
		retryAttempts: 0,
	})
	ends.push(() => socket.dispose())
	const forwardSubscription = subscriptionExchange({
		forwardSubscription: (operation) => ({
			subscribe: (sink) => ({ unsubscribe: socket.subscribe(operation as SubscribePayload, sink as Sink) }),
		}),
	})
	return new Client({ url: `${url}/graphql`, fetchOptions, exchanges: [cacheExchange, fetchExchange, forwardSubscription] })
}

/** Or by `fetch`, as server-sent events. */
const overFetch = () =>
	new Client({ url: `${url}/graphql`, fetchOptions, fetchSubscriptions: true, exchanges: [cacheExchange, fetchExchange] })

const UPLOAD = gql<{ uploadDocument: { document: { id: string; originalName: string; size: number; metadata: unknown } } }>`
	mutation ($slug: String!, $input: UploadDocumentInput!) {
		uploadDocument(slug: $slug, input: $input) { document { id originalName size metadata workspace { id } } }
	}
`
const DOCUMENTS = gql<{
	workspace: { documents: { totalCount: number; pageInfo: { endCursor: string }; edges: { node: { originalName: string } }[] } }
}>`
	query ($slug: String!, $after: String) {
		workspace(slug: $slug) {
			documents(first: 2, after: $after, orderBy: { field: NAME, direction: DESC }) {
				totalCount
				pageInfo { endCursor }
				edges { node { originalName } }
			}
		}
	}
`

describe('urql', () => {
	it('uploads files as variables, reads them page by page, and asks again what a mutation has changed', async () => {
		const client = overWebSocket()
		const counts: (number | undefined)[] = []
		const watching = client.query(DOCUMENTS, { slug }).subscribe(({ data }) => counts.push(data?.workspace.documents.totalCount))
		ends.push(() => watching.unsubscribe())
		await expect.poll(() => counts).toEqual([0])
		for (const name of ['a.txt', 'b.txt', 'c.txt']) {
			const input = { file: textFile(name, `About ${name}`), metadata: { from: 'urql' } }
			const { data, error } = await client.mutation(UPLOAD, { slug, input })
			expect(error).toBeUndefined()
			expect(data?.uploadDocument.document).toMatchObject({ originalName: name, size: `About ${name}`.length, metadata: { from: 'urql' } })
		}
		await expect.poll(() => counts.at(-1)).toBe(3)
		const names: string[] = []
		for (let after: string | undefined; names.length < 3; ) {
			const { data } = await client.query(DOCUMENTS, { slug, after })
			const { edges = [], pageInfo } = data?.workspace.documents ?? {}
			names.push(...edges.map(({ node }) => node.originalName))
			after = pageInfo?.endCursor
		}
		expect(names).toEqual(['c.txt', 'b.txt', 'a.txt'])
	})

	it.each([
		['WebSocket', overWebSocket],
		['fetch', overFetch],
	])('follows an answer over %s, to its end', async (_way, connect) => {
		const CHAT = gql<{ chat: { __typename: string; sequence: number; chat?: { message: string } } }>`
			subscription ($slug: String!, $input: ChatInput!) {
				chat(slug: $slug, input: $input) { __typename sequence ... on ChatCompleted { chat { message } } }
			}
		`
		const events = await followed(connect(), CHAT, { slug, input: { message: 'What are they about?', mode: 'QUERY' } })
		expect(events.map(({ error }) => error)).toEqual(events.map(() => undefined))
		const told = events.flatMap(({ data }) => data?.chat ?? [])
		expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index + 1))
		expect(told.at(-1)).toMatchObject({ __typename: 'ChatCompleted', chat: { message: 'What are they about?' } })
	})

	it.each([
		['WebSocket', overWebSocket],
		['fetch', overFetch],
	])('tells errors by their codes, of subscriptions over %s too', async (_way, connect) => {
		const client = connect()
		const { data, error } = await client.query(gql`{ none: workspace(slug: "nowhere") { id } viewer { username } }`, {})
		expect(data).toMatchObject({ none: null, viewer: { username: 'admin' } })
		expect(error?.graphQLErrors).toMatchObject([
			{ message: 'There is no workspace "nowhere".', path: ['none'], extensions: { code: 'NOT_FOUND' } },
		])
		const [refused] = await followed(client, gql`subscription { documentEvents(slug: "nowhere") { documentId } }`, {})
		expect(refused?.error?.graphQLErrors).toMatchObject([{ path: ['documentEvents'], extensions: { code: 'NOT_FOUND' } }])
	})
})

/** All that a subscription gives until it ends. */
function followed<Data, Variables extends AnyVariables>(
	client: Client,
	query: Parameters<typeof client.subscription<Data, Variables>>[0],
	variables: Variables,
): Promise<OperationResult<Data, Variables>[]> {
	return new Promise((resolve) => {
		const results: OperationResult<Data, Variables>[] = []
		const { unsubscribe } = client.subscription<Data, Variables>(query, variables).subscribe((result) => {
			if (result.hasNext || result.error) results.push(result) // the last one comes again, as the last
			if (!result.hasNext) resolve(results)
		})
		ends.push(unsubscribe)
	})
}
