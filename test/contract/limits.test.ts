import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD, configFor } from '../support/config.ts'
import { createDictatedModel } from '../support/model.ts'
import { chatHistory, listWorkspaces, login, logout, sendMessage, uploadDocument, verify } from '../support/operations.ts'
import { type Reply, surfaces } from '../support/surfaces.ts'

const SLUG = 'default-workspace'
const LIMITS = { RATE_LIMIT_AUTH: '10', RATE_LIMIT_CHAT: '2', RATE_LIMIT_UPLOAD: '2', RATE_LIMIT_DEFAULT: '5' }
const clock = { now: Date.now() }
const model = createDictatedModel()

let app: TestApp
let admin: string
let user: string
beforeAll(async () => {
	app = await bootApp({ model, now: () => clock.now, environment: { ...LIMITS, TRUST_PROXY: '1' } })
	admin = await app.tokenOf('admin')
	user = await app.tokenOf('somebody')
	await app.join('somebody', SLUG, 'editor')
})
afterAll(() => app.end())

/** All windows have ended. */
beforeEach(() => {
	clock.now += 60_000
})

/** As a proxy names a client. */
const from = (address: string) => ({ 'x-forwarded-for': address })
const WRONG = { input: { username: 'admin', password: 'not it' } }

/** The codes of so many answers. */
const codesOf = async (calls: number, call: (index: number) => Promise<Reply>): Promise<(string | undefined)[]> =>
	Array.fromAsync({ length: calls }, async (_, index) => (await call(index)).code)

const fine = (times: number): undefined[] => Array.from({ length: times }, () => undefined)

/** A GraphQL request with all of its answer. */
async function ask(query: string, { token, headers = {} }: { token?: string; headers?: Record<string, string> } = {}) {
	const response = await app.fetch(
		new Request('http://localhost/graphql', {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers },
			body: JSON.stringify({ query }),
		}),
	)
	const { data, errors = [] } = (await response.json()) as {
		data: Record<string, unknown> | null
		errors?: { path: string[]; message: string; extensions: { code: string; retryAfter?: number } }[]
	}
	return { status: response.status, headers: response.headers, data, errors }
}

describe.each(surfaces)('limits over $name', (surface) => {
	it('refuse the 11th attempt to sign in, and say when to come back', async () => {
		for (let attempt = 0; attempt < 10; attempt++)
			expect((await surface.ask(app, login, WRONG, null, from('203.0.113.7'))).code).toBe('UNAUTHENTICATED')
		clock.now += 17_500
		const refused = await surface.ask(app, login, WRONG, null, from('203.0.113.7'))
		expect(refused.code).toBe('RATE_LIMITED')
		expect(refused.error).toBe('请求过于频繁：“auth” 的限额是每分钟 10 次。请在 43 秒后重试。')
		expect(refused.status).toBe(surface.name === 'REST' ? 429 : 200)
		expect(refused.headers.get('retry-after')).toBe(surface.name === 'REST' ? '43' : null)
		const english = await surface.ask(app, login, WRONG, null, { ...from('203.0.113.7'), 'accept-language': 'en' })
		expect(english.error).toBe('Too many calls: the limit "auth" is 10 a minute. Try again in 43 s.')
	})

	it('take the right password no more than the wrong one', async () => {
		const right = { input: { username: 'admin', password: ADMIN_PASSWORD } }
		for (let attempt = 0; attempt < 10; attempt++) await surface.ask(app, verify, {}, null, from('203.0.113.7'))
		expect((await surface.ask(app, login, right, null, from('203.0.113.7'))).code).toBe('RATE_LIMITED')
		expect((await surface.ask(app, login, right, null, from('203.0.113.8'))).code).toBeUndefined()
	})

	it('begin anew after a minute', async () => {
		expect(await codesOf(6, () => surface.ask(app, listWorkspaces, {}, user))).toEqual([...fine(5), 'RATE_LIMITED'])
		clock.now += 59_999
		expect((await surface.ask(app, listWorkspaces, {}, user)).code).toBe('RATE_LIMITED')
		clock.now += 1
		expect((await surface.ask(app, listWorkspaces, {}, user)).code).toBeUndefined()
	})

	it('count signing in and verifying by the address, whoever is signed in', async () => {
		const tokens = [admin, user]
		const codes = await codesOf(11, (index) => surface.ask(app, verify, {}, tokens[index % 2], from('203.0.113.7')))
		expect(codes).toEqual([...fine(10), 'RATE_LIMITED'])
		expect((await surface.ask(app, verify, {}, user, from('203.0.113.8'))).code).toBeUndefined()
		expect((await surface.ask(app, listWorkspaces, {}, user, from('203.0.113.7'))).code).toBeUndefined()
	})

	it('are a user’s own: two at one address share nothing', async () => {
		const codes = await codesOf(6, () => surface.ask(app, listWorkspaces, {}, user, from('203.0.113.7')))
		expect(codes).toEqual([...fine(5), 'RATE_LIMITED'])
		expect((await surface.ask(app, listWorkspaces, {}, admin, from('203.0.113.7'))).code).toBeUndefined()
	})

	it('follow a user to other addresses', async () => {
		const codes = await codesOf(6, (index) => surface.ask(app, listWorkspaces, {}, user, from(`203.0.113.${index}`)))
		expect(codes).toEqual([...fine(5), 'RATE_LIMITED'])
	})

	it('count who is not signed in, or wrongly, by the address, an IPv6 one by its network', async () => {
		const tokens = [null, 'wrong']
		const codes = await codesOf(6, (index) => surface.ask(app, listWorkspaces, {}, tokens[index % 2], from(`2001:db8::${index}`)))
		expect(codes).toEqual([...fine(5).map(() => 'UNAUTHENTICATED'), 'RATE_LIMITED'])
		expect((await surface.ask(app, listWorkspaces, {}, null, from('2001:db8:0:1::'))).code).toBe('UNAUTHENTICATED')
	})

	it('are not fooled by what a client writes before its proxy', async () => {
		const codes = await codesOf(6, (index) => surface.ask(app, listWorkspaces, {}, null, from(`192.0.2.${index}, 203.0.113.7`)))
		expect(codes.at(-1)).toBe('RATE_LIMITED')
	})

	it('count questions and files each for themselves', async () => {
		const file = (text: string) => ({ slug: SLUG, input: { file: new File([text], 'a.txt') } })
		const name = surface.name
		const chats = await codesOf(3, (index) => {
			if (index < 2) model.say('Hello.')
			if (index < 2) model.finish()
			return surface.ask(app, sendMessage, { slug: SLUG, input: { message: 'Hello?' } }, user)
		})
		expect(chats).toEqual([...fine(2), 'RATE_LIMITED'])
		const files = await codesOf(3, (index) => surface.ask(app, uploadDocument, file(`Text ${index} over ${name}.`), user))
		expect(files).toEqual([...fine(2), 'RATE_LIMITED'])
		expect((await surface.ask(app, chatHistory, { slug: SLUG }, user)).code).toBeUndefined()
	})

	it('count a file before its first byte is read', async () => {
		for (let call = 0; call < 2; call++)
			await surface.ask(app, uploadDocument, { slug: 'nowhere', input: { file: new File(['a'], 'a') } }, user)
		const documents = await app.prisma.document.count()
		const refused = await surface.ask(app, uploadDocument, { slug: SLUG, input: { file: new File(['b'], 'b.txt') } }, user)
		expect(refused.code).toBe('RATE_LIMITED')
		expect(await app.prisma.document.count()).toBe(documents)
	})

	it('are shown in headers, of success and of failure', async () => {
		const { headers } = await surface.ask(app, listWorkspaces, {}, user)
		expect(headers.get('ratelimit-policy')).toBe('"default";q=5;w=60')
		expect(headers.get('ratelimit')).toBe('"default";r=4;t=60')
		clock.now += 20_000
		for (let call = 0; call < 4; call++) await surface.ask(app, listWorkspaces, {}, user)
		const refused = await surface.ask(app, listWorkspaces, {}, user)
		expect(refused.headers.get('ratelimit-policy')).toBe('"default";q=5;w=60')
		expect(refused.headers.get('ratelimit')).toBe('"default";r=0;t=40')
	})

	it('do not keep anybody from signing out of several sessions', async () => {
		const { token } = await app.services.auth.login('somebody', ADMIN_PASSWORD)
		expect((await surface.ask(app, logout, {}, token)).headers.get('ratelimit-policy')).toBe('"default";q=5;w=60')
	})
})

describe('limits of one document', () => {
	it('count each alias: eleven of `login` are eleven attempts', async () => {
		const attempt = 'login(input: { username: "nobody", password: "x" }) { token }'
		const { data, errors, headers } = await ask(`mutation { ${Array.from({ length: 11 }, (_, n) => `a${n}: ${attempt}`).join(' ')} }`)
		expect(errors.map(({ extensions }) => extensions.code)).toEqual([...fine(10).map(() => 'UNAUTHENTICATED'), 'RATE_LIMITED'])
		expect(errors.at(-1)).toMatchObject({ path: ['a10'], extensions: { code: 'RATE_LIMITED', retryAfter: 60 } })
		expect(Object.keys(data ?? {})).toHaveLength(11)
		expect(headers.get('ratelimit')).toBe('"auth";r=0;t=60')
	})

	it('refuse a field alone, and answer the others', async () => {
		for (let call = 0; call < 10; call++) await ask('{ verify { valid } }', { token: user })
		const { status, data, errors, headers } = await ask('{ verify { valid } workspacePage { pagination { total } } }', { token: user })
		expect(status).toBe(200)
		expect(data).toEqual({ verify: null, workspacePage: { pagination: { total: 1 } } })
		expect(errors).toMatchObject([{ path: ['verify'], extensions: { code: 'RATE_LIMITED', retryAfter: 60 } }])
		expect(headers.get('ratelimit-policy')).toBe('"auth";q=10;w=60, "default";q=5;w=60')
		expect(headers.get('ratelimit')).toBe('"auth";r=0;t=60, "default";r=4;t=60')
		expect(headers.get('retry-after')).toBeNull()
	})

	it('count what is asked for, not what is skipped or asked for twice in one place', async () => {
		const page = 'workspacePage { pagination { total } }'
		const { headers } = await ask(
			`query { ${page} ...Again a: ${page} b: workspacePage @skip(if: true) { pagination { total } } __typename } fragment Again on Query { ${page} }`,
			{
				token: user,
			},
		)
		expect(headers.get('ratelimit')).toBe('"default";r=3;t=60')
	})

	it('count a look at the schema', async () => {
		const look = () => ask('{ __schema { queryType { name } } }', { headers: from('203.0.113.7') })
		for (let call = 0; call < 5; call++) expect((await look()).errors).toEqual([])
		const { data, errors, headers } = await look()
		expect(data).toBeNull()
		expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: 60 } }])
		expect(headers.get('ratelimit')).toBe('"default";r=0;t=60')
	})

	it('hold for both surfaces together', async () => {
		const [first, second] = surfaces
		const codes = await codesOf(6, async (index) => {
			const surface = index % 2 === 0 ? first : second
			if (!surface) throw new Error('no surface')
			return surface.ask(app, listWorkspaces, {}, user)
		})
		expect(codes).toEqual([...fine(5), 'RATE_LIMITED'])
	})
})

describe('without limits', () => {
	it.each(['/health/live', '/health/ready', '/api/docs', '/api/openapi.json', '/api/nowhere'])('%s is answered', async (path) => {
		for (let call = 0; call < 12; call++) {
			const { status, headers } = await app.fetch(new Request(`http://localhost${path}`, { headers: from('203.0.113.7') }))
			expect(status).not.toBe(429)
			expect(headers.get('ratelimit')).toBeNull()
		}
	})

	it.each(surfaces)('everything is, over $name, when they are turned off', async (surface) => {
		const free = await bootApp()
		const codes = await codesOf(15, () => surface.ask(free, verify, {}, null))
		expect(codes).toEqual(Array.from({ length: 15 }, () => 'UNAUTHENTICATED'))
		expect((await surface.ask(free, verify, {}, null)).headers.get('ratelimit-policy')).toBeNull()
		await free.end()
	})
})

describe.each(surfaces)('an address over $name', (surface) => {
	it('is not what a client says, when no proxy is trusted', async () => {
		const direct = await bootApp({ environment: LIMITS })
		const codes = await codesOf(6, (index) => surface.ask(direct, listWorkspaces, {}, null, from(`203.0.113.${index}`)))
		expect(codes.at(-1)).toBe('RATE_LIMITED')
		await direct.end()
	})

	it('is that of the socket, which can be a trusted proxy’s', async () => {
		const behind = await bootApp({ environment: { ...LIMITS, TRUST_PROXY: 'loopback' } })
		const url = await behind.url()
		const server = { fetch: async (request: Request) => fetch(new Request(request.url.replace('http://localhost', url), request)) }
		const codes = await codesOf(6, (index) => surface.ask(server, listWorkspaces, {}, null, from(`192.0.2.${index}, 203.0.113.7`)))
		expect(codes.at(-1)).toBe('RATE_LIMITED')
		const other = await surface.ask(server, listWorkspaces, {}, null, from('203.0.113.8'))
		expect(other.code).toBe('UNAUTHENTICATED')
		expect(other.headers.get('ratelimit')).toMatch(/^"default";r=4;t=(60|59)$/)
		await behind.end()
	})
})

describe('the variables', () => {
	it('have the limits of the contract for defaults', () => {
		const { limits, trustProxy } = configFor('/tmp', {
			RATE_LIMIT_AUTH: '',
			RATE_LIMIT_CHAT: '',
			RATE_LIMIT_UPLOAD: '',
			RATE_LIMIT_DEFAULT: '',
		})
		expect(limits).toEqual({ auth: 10, chat: 30, upload: 5, default: 100 })
		expect(trustProxy).toBeUndefined()
	})

	it('are refused in one message when they are wrong', () => {
		const wrong = { RATE_LIMIT_AUTH: '-1', RATE_LIMIT_CHAT: 'many', RATE_LIMIT_UPLOAD: '1.5', TRUST_PROXY: 'true' }
		const name = (variable: string) => expect.stringContaining(`${variable}:`)
		let said = ''
		try {
			configFor('/tmp', wrong)
		} catch (error) {
			said = String(error)
		}
		for (const variable of Object.keys(wrong)) expect(said).toEqual(name(variable))
	})
})
