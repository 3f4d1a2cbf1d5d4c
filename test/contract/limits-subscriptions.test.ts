import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { bootApp, type TestApp } from '../support/app.ts'
import { createDictatedModel } from '../support/model.ts'
import { CHAT_SUBSCRIPTION, sendMessage } from '../support/operations.ts'
import { surfaces } from '../support/surfaces.ts'
import { heard, transports } from '../support/transports.ts'

const SLUG = 'default-workspace'
const clock = { now: Date.now() }
const model = createDictatedModel()
const EVENTS = 'subscription { documentEvents(slug: "default-workspace", documentId: 7) { documentId } }'

let app: TestApp
let admin: string
beforeAll(async () => {
	const environment = { RATE_LIMIT_AUTH: '2', RATE_LIMIT_CHAT: '2', RATE_LIMIT_DEFAULT: '2' }
	app = await bootApp({ model, now: () => clock.now, environment })
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())
beforeEach(() => {
	clock.now += 60_000
})

describe.each(transports)('limits of subscriptions over $name', ({ follow }) => {
	const ask = () => {
		model.say('Hello.')
		model.finish()
		return heard(follow(app, CHAT_SUBSCRIPTION, { slug: SLUG, input: { message: 'Hello?' } }, admin))
	}

	it('count what starts a run, together with all other ways to start one', async () => {
		expect((await ask()).code).toBeUndefined()
		expect((await ask()).code).toBeUndefined()
		const asked = model.asked
		const refused = await heard(follow(app, CHAT_SUBSCRIPTION, { slug: SLUG, input: { message: 'Hello?' } }, admin))
		expect(refused.code).toBe('RATE_LIMITED')
		expect(refused.error).toContain('60')
		for (const surface of surfaces)
			expect((await surface.ask(app, sendMessage, { slug: SLUG, input: { message: 'Hello?' } }, admin)).code).toBe('RATE_LIMITED')
		expect(model.asked).toBe(asked)
	})

	it('count what follows something with everything else, before it is looked at', async () => {
		const codes = []
		for (let call = 0; call < 3; call++) codes.push((await heard(follow(app, EVENTS, {}, admin))).code)
		expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND', 'RATE_LIMITED'])
	})

	it('say when to come back', async () => {
		for (let call = 0; call < 2; call++) await heard(follow(app, EVENTS, {}, admin))
		const [told] = await Array.fromAsync(follow(app, EVENTS, {}, admin))
		expect(told?.errors).toMatchObject([{ path: ['documentEvents'], extensions: { code: 'RATE_LIMITED', retryAfter: 60 } }])
	})
})

describe('limits over a WebSocket', () => {
	it('hold for queries and mutations, which leave the socket open', async () => {
		const client = createClient({
			url: `${(await app.url()).replace('http', 'ws')}/graphql`,
			webSocketImpl: WebSocket,
			connectionParams: { authorization: `Bearer ${admin}` },
			retryAttempts: 0,
		})
		const ask = async (query: string) => (await client.iterate({ query }).next()).value
		const page = '{ workspacePage { pagination { total } } }'
		for (let call = 0; call < 2; call++) expect(await ask(page)).toEqual({ data: { workspacePage: { pagination: { total: 1 } } } })
		expect(await ask(page)).toMatchObject({
			data: { workspacePage: null },
			errors: [{ path: ['workspacePage'], extensions: { code: 'RATE_LIMITED', retryAfter: 60 } }],
		})
		expect(await ask('{ verify { valid } }')).toEqual({ data: { verify: { valid: true } } })
		const attempts = await ask(
			'mutation { a: login(input: { username: "x", password: "y" }) { token } b: login(input: { username: "x", password: "y" }) { token } }',
		)
		expect(attempts).toMatchObject({
			errors: [{ extensions: { code: 'UNAUTHENTICATED' } }, { path: ['b'], extensions: { code: 'RATE_LIMITED' } }],
		})
		await client.dispose()
	})
})

describe('a stream of server-sent events', () => {
	it('shows the limits in its headers', async () => {
		model.say('Hello.')
		model.finish()
		const response = await fetch(`${await app.url()}/graphql`, {
			method: 'POST',
			headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${admin}` },
			body: JSON.stringify({ query: CHAT_SUBSCRIPTION, variables: { slug: SLUG, input: { message: 'Hello?' } } }),
		})
		expect(response.headers.get('ratelimit-policy')).toBe('"chat";q=2;w=60')
		expect(response.headers.get('ratelimit')).toBe('"chat";r=1;t=60')
		await response.text()
	})
})
