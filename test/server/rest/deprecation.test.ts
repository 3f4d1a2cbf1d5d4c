import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { RestExtension } from '../../../schema/plugins/rest.ts'
import { deprecation } from '../../../src/server/rest/deprecation.ts'
import { routesOf } from '../../../src/server/rest/routes.ts'
import { createExample } from '../example/app.ts'
import { start } from '../support.ts'

const ANNOUNCED = {
	deprecation: `@${Date.UTC(2026, 10, 23) / 1000}`,
	sunset: 'Mon, 31 May 2027 00:00:00 GMT',
}

describe('a deprecated route', () => {
	const app = start()
	const announced = ({ headers }: { headers: Headers }) => ({
		deprecation: headers.get('deprecation'),
		sunset: headers.get('sunset'),
		link: headers.get('link'),
	})

	it('says since when, until when and what to call instead, whatever it answers', async () => {
		const [{ slug = '' } = {}] = app.store.workspaces
		const found = await app.rest('GET', `/spaces/${slug}`)
		expect([found.status, announced(found)]).toEqual([
			200,
			{ ...ANNOUNCED, link: `</api/workspaces/${encodeURIComponent(slug)}>; rel="successor-version"` },
		])
		const missing = await app.rest('HEAD', '/spaces/a%20b%22%3E')
		expect([missing.status, announced(missing)]).toEqual([
			404,
			{ ...ANNOUNCED, link: '</api/workspaces/a%20b%22%3E>; rel="successor-version"' },
		])
	})

	it('is documented as deprecated, over both surfaces', async () => {
		const { paths } = createExample().rest.openapi as { paths: Record<string, Record<string, { deprecated?: boolean }>> }
		expect(paths['/spaces/{slug}']?.['get']?.deprecated).toBe(true)
		expect(paths['/workspaces/{slug}']?.['get']?.deprecated).toBeUndefined()
		const { data } = await app.graphql(
			'{ __type(name: "Query") { fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }',
		)
		expect(data.__type.fields).toContainEqual({ name: 'space', isDeprecated: true, deprecationReason: 'Ask for `workspace`.' })
	})

	it('says nothing where nothing is deprecated', async () => {
		expect(announced(await app.rest('GET', '/workspaces'))).toEqual({ deprecation: null, sunset: null, link: null })
	})
})

describe('a route cannot be made', () => {
	const compile = (rest: Partial<RestExtension>, deprecationReason?: string) => {
		const extensions = { rest: { method: 'GET', path: '/old', isPublic: true, isForAdmins: false, ...rest } } as const
		const field = { type: GraphQLString, extensions, ...(deprecationReason && { deprecationReason }) }
		const [route] = routesOf(new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { old: field } }) }))
		return () => route && deprecation(route, '/api')
	}

	it.each<[string, () => unknown, string]>([
		['a reason without a date', compile({}, 'Old.'), 'need each other'],
		['a date without a reason', compile({ deprecated: { since: '2026-11-23' } }), 'need each other'],
		['a day that is none', compile({ deprecated: { since: '2026-13-41' } }, 'Old.'), '"2026-13-41" is no day'],
		['an end that is none', compile({ deprecated: { since: '2026-11-23', sunset: '1-2-3' } }, 'Old.'), '"1-2-3" is no day'],
		[
			'a successor that needs more than the path has',
			compile({ deprecated: { since: '2026-11-23', successor: '/new/:id' } }, 'Old.'),
			'the successor names "id", which the path lacks',
		],
	])('with %s', (_what, made, message) => {
		expect(made).toThrow(`Query.old: `)
		expect(made).toThrow(message)
	})
})
