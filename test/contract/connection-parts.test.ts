import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { graphql } from '../support/surfaces.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
	await app.prisma.thread.create({ data: { id: 'thread-1', title: 'x', workspaceId: 1, userId: 1 } })
})
afterAll(() => app.end())

const inWorkspace = (list: string) => `workspace(slug: "default-workspace") { ${list} }`
const onPage = (list: string) => `workspacePage { workspaces { ${list} } }`

describe.each<[string, (asked: string) => string]>([
	['users', (asked) => `users { ${asked} }`],
	['workspaces', (asked) => `workspaces { ${asked} }`],
	['models', (asked) => `models { ${asked} }`],
	...['threads', 'chats', 'documents', 'members'].flatMap((list): [string, (asked: string) => string][] => [
		[`the ${list} of a workspace`, (asked) => inWorkspace(`${list} { ${asked} }`)],
		[`the ${list} of workspaces on a page`, (asked) => onPage(`${list} { ${asked} }`)],
	]),
	['the chats of a thread', (asked) => `thread(id: "thread-1") { chats { ${asked} } }`],
])('of %s', (_list, query) => {
	it.each([
		'totalCount',
		'edges { cursor }',
		'edges { __typename }',
		'edges { node { __typename } }',
		'pageInfo { hasNextPage }',
		'pageInfo { startCursor }',
		'__typename',
	])('one may ask just for { %s }', async (asked) => {
		expect(await graphql(app, `{ ${query(asked)} }`, {}, admin)).toMatchObject({ code: undefined, error: null })
	})
})
