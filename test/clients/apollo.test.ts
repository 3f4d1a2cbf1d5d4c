import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client/core'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities'
import type { GraphQLInterfaceType } from 'graphql'
import { createClient } from 'graphql-ws'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { schema } from '../../schema/index.ts'
import { bootApp, type TestApp } from '../support/app.ts'

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

/** As its documentation says to set it up, with what the README adds for our types. */
function connect(): ApolloClient {
	const authorization = `Bearer ${token}`
	const http = new HttpLink({ uri: `${url}/graphql`, headers: { authorization, 'accept-language': 'en' } })
	const socket = createClient({
		url: `${url.replace('http', 'ws')}/graphql`,
		webSocketImpl: WebSocket,
		connectionParams: { authorization },
		retryAttempts: 0,
	})
	const cache = new InMemoryCache({
		possibleTypes: { ChatEvent: schema.getPossibleTypes(schema.getType('ChatEvent') as GraphQLInterfaceType).map(({ name }) => name) },
		typePolicies: {
			Query: { fields: { workspaces: relayStylePagination(['search', 'orderBy']) } },
			Workspace: {
				fields: {
					documents: relayStylePagination(['search', 'status', 'createdSince', 'createdBefore', 'orderBy']),
					members: relayStylePagination(['search', 'role', 'orderBy']),
				},
			},
			Member: { keyFields: ['workspaceId', 'userId'] },
			Subscription: { fields: { chat: { merge: false } } },
			Settings: { keyFields: [] },
			SystemInfo: { keyFields: [] },
		},
	})
	const isSubscription = (query: Parameters<typeof getMainDefinition>[0]) => {
		const definition = getMainDefinition(query)
		return definition.kind === 'OperationDefinition' && definition.operation === 'subscription'
	}
	const link = ApolloLink.split(({ query }) => isSubscription(query), new GraphQLWsLink(socket), http)
	const client = new ApolloClient({ link, cache })
	ends.push(
		() => client.stop(),
		() => socket.dispose(),
	)
	return client
}

interface Connection<Node> {
	totalCount: number
	pageInfo: { hasNextPage: boolean; endCursor: string | null }
	edges: { node: Node }[]
}
interface Workspaces {
	workspaces: Connection<{ id: string; slug: string; name: string }>
}
const WORKSPACES = gql`
	query Workspaces($first: Int = 2, $after: String, $search: String) {
		workspaces(first: $first, after: $after, search: $search, orderBy: { field: NAME }) {
			totalCount
			pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
			edges { cursor node { id slug name } }
		}
	}
`
const CREATE = gql`
	mutation Create($input: CreateWorkspaceInput!) {
		createWorkspace(input: $input) { workspace { id slug name } }
	}
`
interface Members {
	workspace: { id: string; members: Connection<{ userId: string; username: string; role: string }> }
}
const MEMBERS = gql`
	query Members($slug: String!) {
		workspace(slug: $slug) {
			id
			members { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { workspaceId userId username role } } }
		}
	}
`

describe('Apollo Client', () => {
	it('reads a list page by page into one, and sees what mutations change and delete', async () => {
		const client = connect()
		for (const name of ['Apollo A', 'Apollo B', 'Apollo C']) await client.mutate({ mutation: CREATE, variables: { input: { name } } })
		const list = client.watchQuery<Workspaces>({ query: WORKSPACES, variables: { search: 'apollo' } })
		const seen: string[][] = []
		const following = list.subscribe(({ data, dataState }) => {
			if (dataState === 'complete') seen.push(data.workspaces.edges.map(({ node }) => node.name))
		})
		ends.push(() => following.unsubscribe())
		await expect.poll(() => seen.at(-1)).toEqual(['Apollo A', 'Apollo B'])
		const { data } = list.getCurrentResult()
		expect(data?.workspaces).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } })
		await list.fetchMore({ variables: { after: data?.workspaces?.pageInfo?.endCursor } })
		await expect.poll(() => seen.at(-1)).toEqual(['Apollo A', 'Apollo B', 'Apollo C'])

		const update = gql`mutation { updateWorkspace(slug: "apollo-b", input: { name: "Apollo B, renamed" }) { workspace { id name } } }`
		await client.mutate({ mutation: update })
		await expect.poll(() => seen.at(-1)).toEqual(['Apollo A', 'Apollo B, renamed', 'Apollo C'])

		await client.mutate<{ deleteWorkspace: { workspaceId: string } }>({
			mutation: gql`mutation { deleteWorkspace(slug: "apollo-a") { workspaceId } }`,
			update(cache, { data }) {
				const id = cache.identify({ __typename: 'Workspace', id: data?.deleteWorkspace.workspaceId })
				expect(cache.evict(id === undefined ? {} : { id })).toBe(true)
			},
		})
		await expect.poll(() => seen.at(-1)).toEqual(['Apollo B, renamed', 'Apollo C'])
	})

	it('knows members by their workspace and user: a list shows what came of a mutation of one', async () => {
		const client = connect()
		await app.tokenOf('mallory')
		const { id: userId } = await app.prisma.user.findUniqueOrThrow({ where: { username: 'mallory' } })
		await app.join('mallory', slug, 'viewer')
		const roles = async (fetchPolicy: 'cache-only' | 'network-only' = 'cache-only') => {
			const { data } = await client.query<Members>({ query: MEMBERS, variables: { slug }, fetchPolicy })
			return Object.fromEntries((data?.workspace.members.edges ?? []).map(({ node }) => [node.username, node.role]))
		}
		expect(await roles('network-only')).toEqual({ admin: 'OWNER', mallory: 'VIEWER' })
		await client.mutate({
			mutation: gql`mutation ($slug: String!, $userId: ID!) {
				updateMember(slug: $slug, userId: $userId, input: { role: EDITOR }) { member { workspaceId userId role } }
			}`,
			variables: { slug, userId: String(userId) },
		})
		expect(await roles()).toEqual({ admin: 'OWNER', mallory: 'EDITOR' })
		await client.mutate<{ removeMember: { workspaceId: string; userId: string } }>({
			mutation: gql`mutation ($slug: String!, $userId: ID!) { removeMember(slug: $slug, userId: $userId) { workspaceId userId } }`,
			variables: { slug, userId: String(userId) },
			update(cache, { data }) {
				cache.evict({ id: cache.identify({ ...data?.removeMember, __typename: 'Member' }) ?? '' })
			},
		})
		expect(await roles()).toEqual({ admin: 'OWNER' })
	})

	it('keeps settings, of which there is one', async () => {
		const client = connect()
		const query = gql`{ settings { llmProvider llmModel } }`
		await client.query({ query })
		const mutation = gql`mutation { updateSettings(input: { llmModel: "first-sentence" }) { settings { llmModel } } }`
		await client.mutate({ mutation })
		expect(client.readQuery({ query })).toMatchObject({ settings: { llmModel: 'first-sentence' } })
		await client.mutate({ mutation: gql`mutation { updateSettings(input: { llmModel: null }) { settings { llmModel } } }` })
	})

	it('follows an answer, and finds the exchange in its cache', async () => {
		const client = connect()
		interface Chat {
			chat: { __typename: string; chat?: { id: string } }
		}
		const events = await new Promise<Chat['chat'][]>((resolve, reject) => {
			const heard: Chat['chat'][] = []
			client
				.subscribe<Chat>({
					query: gql`subscription ($input: ChatInput!) {
						chat(slug: "${slug}", input: $input) {
							sequence
							... on ChatDelta { text }
							... on ChatCompleted { chat { id message response mode thread { id title } workspace { id } } }
						}
					}`,
					variables: { input: { message: 'What is in the documents?' } },
				})
				.subscribe({
					next: ({ data, error }) => (error || !data ? reject(error) : heard.push(data.chat)),
					error: reject,
					complete: () => resolve(heard),
				})
		})
		expect([events[0]?.__typename, events.at(-1)?.__typename]).toEqual(['ChatStarted', 'ChatCompleted'])
		const fragment = gql`fragment Exchange on Chat { message mode thread { title } }`
		expect(client.cache.readFragment({ id: `Chat:${events.at(-1)?.chat?.id}`, fragment })).toMatchObject({
			message: 'What is in the documents?',
			mode: 'CHAT',
			thread: { title: 'What is in the documents?' },
		})
	})

	it('tells errors by their codes, and what stands beside them', async () => {
		const client = connect()
		const query = gql`{ none: workspace(slug: "nowhere") { id } viewer { username } }`
		const refused: unknown = await client.query({ query }).catch((error: unknown) => error)
		if (!CombinedGraphQLErrors.is(refused)) throw refused
		expect(refused.errors).toEqual([
			expect.objectContaining({ message: 'There is no workspace "nowhere".', path: ['none'], extensions: { code: 'NOT_FOUND' } }),
		])
		const { data, error } = await client.query({ query, errorPolicy: 'all' })
		expect(data).toMatchObject({ none: null, viewer: { username: 'admin' } })
		expect(CombinedGraphQLErrors.is(error)).toBe(true)
	})
})
