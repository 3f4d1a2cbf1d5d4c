import { parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../schema/index.ts'
import { GRAPHIQL_TABS } from '../../src/server/graphiql-tabs.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { graphql } from '../support/surfaces.ts'
import { transports } from '../support/transports.ts'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp()
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

describe('the tabs of GraphiQL', () => {
	it('are on its page, with an editor for headers that keeps nothing', async () => {
		const script = await (await app.fetch(new Request('http://localhost/graphql/graphiql.js'))).text()
		for (const { query } of GRAPHIQL_TABS) expect(script).toContain(JSON.stringify(query))
		expect(script).toContain('"shouldPersistHeaders":false')
	})

	it('begin with signing in', async () => {
		const [{ query = '', variables = '' } = {}] = GRAPHIQL_TABS
		const { input } = JSON.parse(variables) as { input: object }
		const reply = await graphql(app, query, { input: { ...input, password: ADMIN_PASSWORD } })
		expect(reply.data).toMatchObject({ token: expect.stringMatching(/^eyJ/), user: { username: 'admin' } })
	})

	it.each(GRAPHIQL_TABS.slice(1).map((tab) => [/(\w+ \w+)[( ]/.exec(tab.query.replace(/^#.*\n/gm, ''))?.[1], tab] as const))(
		'go on with what works: %s',
		async (_name, { query, variables = '{}', headers }) => {
			expect(validate(schema, parse(query))).toEqual([])
			expect(JSON.parse(headers ?? '')).toEqual({ Authorization: expect.stringMatching(/^Bearer /) })
			if (query.includes('subscription Documents')) return // has no event until something happens
			const given = JSON.parse(variables) as Record<string, unknown>
			if (!query.includes('subscription ')) return expect((await graphql(app, query, given, admin)).error).toBeNull()
			for (const transport of transports) {
				const events = await Array.fromAsync(transport.follow(app, query, given, admin))
				expect(events.at(-1)).toMatchObject({ data: { chat: { __typename: 'ChatCompleted' } } })
			}
		},
	)
})
