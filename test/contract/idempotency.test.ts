import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Viewer } from '../../src/auth/auth.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { ended, textFile } from '../support/documents.ts'
import { createDictatedModel } from '../support/model.ts'
import {
	addMember,
	addText,
	createUser,
	createWorkspace,
	deleteWorkspace,
	listWorkspaces,
	login,
	sendMessage,
	updateWorkspace,
	uploadDocument,
} from '../support/operations.ts'
import { stalled } from '../support/stalled.ts'
import { graphql, type Operation, type Reply, rest, type Surface, surfaces, ways } from '../support/surfaces.ts'

const AT_ONCE = 10
const slug = 'default-workspace'

const model = createDictatedModel()
let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ model })
	admin = await app.tokenOf('admin')
	await app.tokenOf('anna')
	await app.tokenOf('bert')
})
afterAll(() => app.end())

// biome-ignore lint/suspicious/noExplicitAny: of each operation its own
type Args = any

/** A call that makes something, with names that nobody else has. */
interface Creating {
	name: string
	operation: Operation<Args>
	/** Also what it stands on. */
	args(unique: string): Promise<Args>
	/** The same call with another value. */
	other(args: Args): Args
	count(): Promise<number>
}

const creating: Creating[] = [
	{
		name: 'a workspace',
		operation: createWorkspace,
		args: async (unique) => ({ input: { name: `Workspace ${unique}`, description: 'To be made once.' } }),
		other: ({ input }) => ({ input: { ...input, description: null } }),
		count: () => app.prisma.workspace.count(),
	},
	{
		name: 'a user',
		operation: createUser,
		args: async (unique) => ({ input: { username: `user ${unique}`, password: 'correct horse' } }),
		other: ({ input }) => ({ input: { ...input, password: 'battery staple' } }),
		count: () => app.prisma.user.count(),
	},
	{
		name: 'a member',
		operation: addMember,
		async args(unique) {
			const username = `member ${unique}`
			await app.prisma.user.create({ data: { username, passwordHash: '' } })
			return { slug, input: { username, role: 'EDITOR' } }
		},
		other: ({ input, ...args }) => ({ ...args, input: { ...input, role: 'VIEWER' } }),
		count: () => app.prisma.member.count(),
	},
	{
		name: 'a document',
		operation: uploadDocument,
		args: async (unique) => ({ slug, input: { metadata: { of: unique }, file: textFile('once.txt', `The text ${unique}.`) } }),
		other: ({ input, ...args }) => ({ ...args, input: { ...input, file: textFile('once.txt', 'Another text.') } }),
		count: () => app.prisma.document.count(),
	},
	{
		name: 'a document of a text',
		operation: addText,
		args: async (unique) => ({ slug, input: { title: 'Once', text: `The text of ${unique}.` } }),
		other: ({ input, ...args }) => ({ ...args, input: { ...input, text: 'Another text.' } }),
		count: () => app.prisma.document.count(),
	},
]

/** REST spells enum values in its own way. */
const spelled = (surface: Surface, { input, ...args }: Args): Args =>
	surface.name === 'REST' && input.role ? { ...args, input: { ...input, role: input.role.toLowerCase() } } : { ...args, input }

const withKey = (key: string) => ({ 'idempotency-key': key })
const isReplayed = ({ headers }: Reply) => headers.get('idempotency-replayed') === 'true'
const cases = surfaces.flatMap((surface) => creating.map((made) => ({ ...made, surface, title: `${made.name} over ${surface.name}` })))

describe.each(cases)('making $title with an Idempotency-Key', ({ surface, operation, args, other, count }) => {
	const ask = (asked: Args, key: string, token = admin, to: TestApp = app) =>
		surface.ask(to, operation, spelled(surface, asked), token, withKey(key))

	it('gives the first answer again, and makes nothing more', async () => {
		const [asked, key] = [await args(randomUUID()), randomUUID()]
		const first = await ask(asked, key)
		expect([first.code, isReplayed(first)]).toEqual([undefined, false])
		const made = await count()
		for (const again of [await ask(asked, key), await ask(asked, key)]) {
			expect(again.data).toEqual(first.data)
			expect([again.status, again.headers.get('location')]).toEqual([first.status, first.headers.get('location')])
			expect(isReplayed(again)).toBe(true)
		}
		expect(await count()).toBe(made)
	})

	it('refuses other values with the same key', async () => {
		const [asked, key] = [await args(randomUUID()), randomUUID()]
		await ask(asked, key)
		const made = await count()
		expect((await ask(other(asked), key)).code).toBe('UNPROCESSABLE')
		expect(await count()).toBe(made)
	})

	it('makes one thing of many calls at once', async () => {
		const [asked, key, before] = [await args(randomUUID()), randomUUID(), await count()]
		const replies = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(asked, key)))
		const good = replies.filter(({ code }) => code === undefined)
		expect(good.filter((reply) => !isReplayed(reply))).toHaveLength(1)
		expect(replies.filter(({ code }) => code === 'CONFLICT')).toHaveLength(AT_ONCE - good.length)
		for (const { data } of good) expect(data).toEqual(good[0]?.data)
		expect(await count()).toBe(before + 1)
		expect((await ask(asked, key)).data).toEqual(good[0]?.data)
	})

	it('loads what was made when the process died before it answered', async () => {
		const [asked, key] = [await args(randomUUID()), randomUUID()]
		const first = await ask(asked, key)
		await app.prisma.idempotencyKey.updateMany({ where: { key }, data: { request: null, answer: null } })
		const made = await count()
		const again = await ask(asked, key)
		expect([again.code, isReplayed(again)]).toEqual([undefined, true])
		expect(idIn(again)).toBe(idIn(first))
		expect(await count()).toBe(made)
	})

	it('takes over the mark of a process that died, and leaves one of a living process alone', async () => {
		const [asked, key] = [await args(randomUUID()), randomUUID()]
		const mark = { userId: 1, operation: nameOf(operation), key, claim: randomUUID(), expiresAt: new Date(Date.now() + 3_600_000) }
		await app.prisma.idempotencyKey.create({ data: { ...mark, leaseUntil: new Date(Date.now() + 3_600_000) } })
		expect((await ask(asked, key)).code).toBe('CONFLICT')
		await app.prisma.idempotencyKey.updateMany({ where: { key }, data: { leaseUntil: new Date(Date.now() - 1) } })
		expect((await ask(asked, key)).code).toBeUndefined()
		expect(isReplayed(await ask(asked, key))).toBe(true)
	})

	it('makes another after 24 hours', async () => {
		const [first, second, key] = [await args(randomUUID()), await args(randomUUID()), randomUUID()]
		await ask(first, key)
		const { expiresAt } = await app.prisma.idempotencyKey.findFirstOrThrow({ where: { key } })
		expect(Math.abs(expiresAt.getTime() - Date.now() - 24 * 3_600_000)).toBeLessThan(60_000)
		await app.prisma.idempotencyKey.updateMany({ where: { key }, data: { expiresAt: new Date(Date.now() - 1) } })
		const later = await ask(second, key)
		expect([later.code, isReplayed(later)]).toEqual([undefined, false])
	})

	it('knows rights before keys', async () => {
		const [asked, key] = [await args(randomUUID()), randomUUID()]
		expect((await surface.ask(app, operation, spelled(surface, asked), null, withKey(key))).code).toBe('UNAUTHENTICATED')
		expect(await app.prisma.idempotencyKey.count({ where: { key } })).toBe(0)
	})
})

const nameOf = ({ graphql: { query } }: Operation<Args>): string => /\{ (\w+)/.exec(query)?.[1] ?? ''
const idIn = ({ data }: Reply): number => {
	const [made] = Object.values(data as Record<string, { id?: unknown; userId?: unknown }>)
	return Number(made?.id ?? made?.userId)
}

describe.each(surfaces)('an Idempotency-Key over $name', (surface) => {
	const make = (input: object, key: string, token = admin) =>
		surface.ask(app, createWorkspace, { input: { ...input } }, token, withKey(key))

	it('gives the first answer also when what was made has changed, or is gone', async () => {
		const [input, key] = [{ name: 'To be changed', slug: randomUUID() }, randomUUID()]
		const first = await make(input, key)
		await surface.ask(app, updateWorkspace, { slug: input.slug, input: { name: 'Changed' } }, admin)
		expect((await make(input, key)).data).toEqual(first.data)
		await surface.ask(app, deleteWorkspace, { slug: input.slug }, admin)
		expect((await make(input, key)).data).toEqual(first.data)
		expect(await app.prisma.workspace.count({ where: { slug: input.slug } })).toBe(0)
	})

	it('keeps no failure: what is mended may be tried again', async () => {
		const [input, key] = [{ name: 'Taken', slug: randomUUID() }, randomUUID()]
		await surface.ask(app, createWorkspace, { input }, admin)
		expect((await make(input, key)).code).toBe('CONFLICT')
		await surface.ask(app, deleteWorkspace, { slug: input.slug }, admin)
		const made = await make(input, key)
		expect([made.code, isReplayed(made)]).toEqual([undefined, false])
		expect((await make({ ...input, slug: 'not a slug' }, randomUUID())).code).toBe('UNPROCESSABLE')
	})

	it('belongs to one user and one operation', async () => {
		const key = randomUUID()
		const [anna, bert] = [await app.tokenOf('anna'), await app.tokenOf('bert')]
		const replies = [await make({ name: `${surface.name} of Anna` }, key, anna), await make({ name: `${surface.name} of Bert` }, key, bert)]
		const user = { input: { username: randomUUID(), password: 'correct horse' } }
		replies.push(await surface.ask(app, createUser, user, admin, withKey(key)), await make({ name: `${surface.name} of the admin` }, key))
		expect(replies.map(({ code }) => code)).toEqual([undefined, undefined, undefined, undefined])
		expect(replies.some(isReplayed)).toBe(false)
	})

	it.each([
		['empty', ''],
		['too long', 'k'.repeat(256)],
		['with a space', 'a key'],
		['with other characters', 'schlüssel'],
	])('is refused when it is %s', async (_what, key) => {
		const before = await app.prisma.workspace.count()
		expect((await make({ name: 'Never made' }, key)).code).toBe('UNPROCESSABLE')
		expect(await app.prisma.workspace.count()).toBe(before)
	})

	it('may be any visible ASCII of up to 255 characters', async () => {
		const key = `"!~${surface.name}`.padEnd(255, 'k')
		expect((await make({ name: surface.name }, key)).code).toBeUndefined()
		expect(isReplayed(await make({ name: surface.name }, key))).toBe(true)
	})

	it('is passed over by calls that make nothing', async () => {
		const headers = withKey('not a key')
		const calls = [
			surface.ask(app, listWorkspaces, {}, admin, headers),
			surface.ask(app, updateWorkspace, { slug, input: { description: 'Changed.' } }, admin, headers),
			surface.ask(app, login, { input: { username: 'admin', password: ADMIN_PASSWORD } }, null, headers),
		]
		expect((await Promise.all(calls)).map(({ code }) => code)).toEqual([undefined, undefined, undefined])
	})

	it('keeps neither a password nor what it could be guessed from', async () => {
		const [key, password] = [randomUUID(), 'a password that is kept nowhere']
		await surface.ask(app, createUser, { input: { username: randomUUID(), password } }, admin, withKey(key))
		const [row] = await app.prisma.$queryRaw<{ text: string }[]>`SELECT k::text AS text FROM "IdempotencyKey" k WHERE key = ${key}`
		expect(row?.text).toContain('createUser')
		expect(row?.text).not.toMatch(/a password|argon2/)
	})

	it('is the requestId of a chat: the same question is asked once', async () => {
		const [key, input, { asked }] = [randomUUID(), { message: `What is ${surface.name}?`, mode: 'chat' }, model]
		const ask = (sent: object) => surface.ask(app, sendMessage, { slug, input: { ...sent } }, admin, withKey(key))
		const both = Promise.all([ask(input), ask(input)])
		model.say('One answer.')
		model.finish()
		const [one, other] = await both
		expect(one.data.response).toBe('One answer.')
		expect(other.data).toEqual(one.data)
		expect((await ask(input)).data).toEqual(one.data)
		expect(model.asked).toBe(asked + 1)
		expect(await app.prisma.run.count({ where: { requestId: key } })).toBe(1)
		for (const sent of [
			{ ...input, message: 'Another?' },
			{ ...input, mode: 'query' },
			{ ...input, threadId: 'thread-0' },
		])
			expect((await ask(sent)).code).toBe('UNPROCESSABLE')
		expect((await ask({ ...input, requestId: 'k'.repeat(129) })).code).toBe('UNPROCESSABLE')
		expect(model.asked).toBe(asked + 1)
	})
})

describe.each(surfaces)('an upload with an Idempotency-Key over $name', (surface) => {
	/** The request that the surface would send. */
	async function requestOf(input: object, key: string): Promise<Request> {
		let sent: Request | undefined
		const listening = {
			async fetch(request: Request) {
				sent = request
				return new Response('{}')
			},
		}
		await surface.ask(listening, uploadDocument, { slug, input: { ...input } }, admin, withKey(key))
		return sent as Request
	}
	const ask = (input: object, key: string) => surface.ask(app, uploadDocument, { slug, input: { ...input } }, admin, withKey(key))
	const large = (what: string) => textFile('large.txt', `${what}\n${' \n'.repeat(600_000)}`)
	const codeOf = async (response: Response): Promise<string | undefined> => {
		const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
		return response.headers.get('x-error-code') ?? errors?.[0]?.extensions.code
	}

	it('is refused while the same upload is running, and answered when that has ended', async () => {
		const [key, file] = [randomUUID(), large(`Running over ${surface.name}`)]
		const { request, isRead, goOn } = await stalled(await requestOf({ file }, key))
		const first = app.fetch(request)
		await isRead
		expect((await ask({ file }, key)).code).toBe('CONFLICT')
		goOn()
		expect(await codeOf(await first)).toBeUndefined()
		expect(isReplayed(await ask({ file }, key))).toBe(true)
	})

	it('that is cut off may be sent again', async () => {
		const [key, file] = [randomUUID(), large(`Cut off over ${surface.name}`)]
		const { request, isRead, breakOff } = await stalled(await requestOf({ file }, key))
		const first = app.fetch(request)
		await isRead
		breakOff()
		expect(await codeOf(await first)).toBe('BAD_REQUEST')
		const again = await ask({ file }, key)
		expect([again.code, isReplayed(again)]).toEqual([undefined, false])
	})

	it('makes nothing when its process seemed dead and another took it over', async () => {
		const [key, file] = [randomUUID(), large(`Taken over in ${surface.name}`)]
		const { request, isRead, goOn } = await stalled(await requestOf({ file }, key))
		const first = app.fetch(request)
		await isRead
		await app.prisma.idempotencyKey.updateMany({ where: { key }, data: { claim: randomUUID() } })
		const before = [await app.prisma.document.count(), await filesIn('files')]
		goOn()
		expect(await codeOf(await first)).toBe('CONFLICT')
		expect([await app.prisma.document.count(), await filesIn('files')]).toEqual(before)
	})

	it('is compared by its bytes, its name and its metadata', async () => {
		const [key, bytes, metadata] = [randomUUID(), `Compared over ${surface.name}`, { a: 1, b: [1, 2] }]
		expect((await ask({ metadata, file: textFile('a.txt', bytes) }, key)).code).toBeUndefined()
		expect(isReplayed(await ask({ metadata: { b: [1, 2], a: 1 }, file: textFile('a.txt', bytes) }, key))).toBe(true)
		for (const input of [
			{ metadata, file: textFile('b.txt', bytes) },
			{ metadata, file: textFile('a.txt', `${bytes}.`) },
			{ metadata: { ...metadata, a: 2 }, file: textFile('a.txt', bytes) },
			{ file: textFile('a.txt', bytes) },
		])
			expect((await ask(input, key)).code).toBe('UNPROCESSABLE')
	})

	it('is stored once', async () => {
		const [key, file] = [randomUUID(), textFile('stored.txt', `Stored over ${surface.name}`)]
		const { data } = await ask({ file }, key)
		await ended(app, slug, Number(data.document.id))
		const before = [await filesIn('files'), await filesIn('tmp')]
		const again = await ask({ file }, key)
		expect(again.data).toEqual(data)
		expect(again.data.document.processed).toBe(false)
		expect([await filesIn('files'), await filesIn('tmp')]).toEqual(before)
	})

	/** How many files lie there. */
	async function filesIn(folder: 'files' | 'tmp'): Promise<number> {
		const entries = await readdir(path.join(app.directory, folder), { recursive: true, withFileTypes: true })
		return entries.filter((entry) => entry.isFile()).length
	}
})

it.each(ways)('tells a repetition by a header, $name', async ({ to }) => {
	const [key, input] = [randomUUID(), { name: randomUUID() }]
	const ask = () => rest(to(app), 'POST', '/workspaces', input, admin, withKey(key))
	expect((await ask()).headers.get('idempotency-replayed')).toBeNull()
	expect((await ask()).headers.get('idempotency-replayed')).toBe('true')
})

it('counts the metadata that comes after the file too', async () => {
	const key = randomUUID()
	const upload = (input: object) => surfaces[0]?.ask(app, uploadDocument, { slug, input: { ...input } }, admin, withKey(key))
	const file = textFile('trailing.txt', 'With metadata behind.')
	expect((await upload({ file, metadata: { page: 1 } }))?.data.document.metadata).toEqual({ page: 1 })
	expect((await upload({ file, metadata: { page: 1 } }))?.data.document.metadata).toEqual({ page: 1 })
	expect((await upload({ file, metadata: { page: 2 } }))?.code).toBe('UNPROCESSABLE')
})

describe('an Idempotency-Key and what GraphQL selects', () => {
	const make = (selection: string, input: object, key: string, token = admin) =>
		graphql(app, `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) ${selection} }`, { input }, token, withKey(key))

	it('makes one thing, however it is asked for', async () => {
		const [key, input] = [randomUUID(), { name: 'Selected', slug: randomUUID() }]
		await make('{ workspace { id } }', input, key)
		const { data } = await make('{ workspace { slug members(first: 5) { edges { node { username } } } } }', input, key)
		expect(data.workspace).toEqual({ slug: input.slug, members: { edges: [{ node: { username: 'admin' } }] } })
	})

	it('joins both surfaces', async () => {
		const [key, input] = [randomUUID(), { name: 'Of both', slug: randomUUID() }]
		const replies = [await surfaces[0]?.ask(app, createWorkspace, { input }, admin, withKey(key))]
		for (const surface of surfaces) replies.push(await surface.ask(app, createWorkspace, { input }, admin, withKey(key)))
		expect(new Set(replies.map((reply) => Number(reply?.data.workspace.id))).size).toBe(1)
		expect(replies.map((reply) => reply?.code)).toEqual([undefined, undefined, undefined])
	})

	it('shows nothing anew to whom it is hidden by now', async () => {
		const [key, input, anna] = [randomUUID(), { name: 'Left', slug: randomUUID() }, await app.tokenOf('anna')]
		const first = await make('{ workspace { id } }', input, key, anna)
		await app.prisma.member.deleteMany({ where: { workspaceId: Number(first.data.workspace.id) } })
		expect((await make('{ workspace { id } }', input, key, anna)).data).toEqual(first.data)
		const other = await make('{ workspace { documents { totalCount } } }', input, key, anna)
		expect([other.code, isReplayed(other)]).toEqual(['NOT_FOUND', false])
	})

	it.each([
		['two calls', 'createWorkspace(input: $input) { workspace { id } } other: createWorkspace(input: $input) { workspace { id } }'],
		['two in fragments', '... on Mutation { createWorkspace(input: $input) { workspace { id } } } ...Other'],
		['another beside it', 'createWorkspace(input: $input) { workspace { id } } logout { ok: __typename }'],
	])('is refused for %s', async (_what, fields) => {
		const before = await app.prisma.workspace.count()
		const document = `mutation ($input: CreateWorkspaceInput!) { ${fields} }`
		const fragment = fields.includes('...Other')
			? ' fragment Other on Mutation { other: createWorkspace(input: $input) { workspace { id } } }'
			: ''
		const token = await app.services.auth.login('anna', ADMIN_PASSWORD)
		const { code } = await graphql(app, document + fragment, { input: { name: 'Never' } }, token.token, withKey(randomUUID()))
		expect(code).toBe('UNPROCESSABLE')
		expect(await app.prisma.workspace.count()).toBe(before)
	})
})

// an embedded database has one server
if (inject('services'))
	describe('an Idempotency-Key at two servers', () => {
		it.each(surfaces)('makes one thing of many calls at once over $name', async (surface) => {
			const other = await bootApp({ place: app.place })
			try {
				const [key, args] = [randomUUID(), { input: { name: randomUUID() } }]
				const askAll = () =>
					Promise.all(
						Array.from({ length: AT_ONCE }, (_, at) => surface.ask(at % 2 ? app : other, createWorkspace, args, admin, withKey(key))),
					)
				const replies = await askAll()
				expect(replies.filter((reply) => reply.code === undefined && !isReplayed(reply))).toHaveLength(1)
				expect(replies.every(({ code }) => code === undefined || code === 'CONFLICT')).toBe(true)
				expect(new Set((await askAll()).map(idIn)).size).toBe(1)
				expect(await app.prisma.workspace.count({ where: args.input })).toBe(1)
			} finally {
				await other.stop()
			}
		})
	})

describe('an Idempotency-Key when the server starts again', () => {
	const VIEWER: Viewer = { id: 1, username: 'admin', role: 'admin', sessionId: '' }

	it('is known, and so is what was made without an answer; what was not made is made', async () => {
		const first = await bootApp()
		const token = await first.tokenOf('admin')
		const [answered, unanswered, unmade] = [randomUUID(), randomUUID(), randomUUID()]
		const ask = (to: TestApp, surface: Surface | undefined, name: string, key: string) =>
			(surface as Surface).ask(to, createWorkspace, { input: { name } }, token, withKey(key))
		const [rest, overGraphql] = surfaces
		const before = await ask(first, rest, 'Answered', answered)

		/** As far as a process comes that is killed there. */
		function call(name: string, key: string, work: () => Promise<unknown>) {
			const { idempotency, workspaces } = first.services
			const once = idempotency.of(VIEWER.id, key)
			const asked = { operation: 'createWorkspace', field: 'createWorkspace', args: { input: { name } }, request: null }
			const make = async () => {
				await workspaces.create(VIEWER, { name }, once)
				return work()
			}
			return once.run(asked, make, work)
		}
		await call('Unanswered', unanswered, async () => null)
		const claim = { userId: 1, operation: 'createWorkspace', key: unmade, claim: randomUUID() }
		const soon = new Date(Date.now() + 3_600_000)
		await first.prisma.idempotencyKey.create({
			data: { ...claim, leaseUntil: first.place.environment['DATABASE_URL'] ? new Date() : soon, expiresAt: soon },
		})
		await first.prisma.idempotencyKey.create({ data: { userId: 1, operation: 'old', key: 'old', expiresAt: new Date() } })
		const count = await first.prisma.workspace.count()
		await first.stop()

		const second = await bootApp({ place: first.place })
		expect((await ask(second, rest, 'Answered', answered)).data).toEqual(before.data)
		const loaded = await ask(second, overGraphql, 'Unanswered', unanswered)
		expect([loaded.data.workspace.name, isReplayed(loaded)]).toEqual(['Unanswered', true])
		expect((await ask(second, rest, 'Other', unanswered)).code).toBe('UNPROCESSABLE')
		expect(await second.prisma.workspace.count()).toBe(count)
		const made = await ask(second, rest, 'Unmade', unmade)
		expect([made.code, isReplayed(made)]).toEqual([undefined, false])
		await expect.poll(() => second.prisma.idempotencyKey.count({ where: { key: 'old' } })).toBe(0)
		await second.end()
	})
})
