import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { ended, textFile } from '../support/documents.ts'
import { createDictatedModel } from '../support/model.ts'
import {
	createWorkspace,
	deleteDocument,
	deleteWorkspace,
	getDocument,
	login,
	sendMessage,
	updateWorkspace,
	uploadDocument,
} from '../support/operations.ts'
import { type Reply, rest, surfaces } from '../support/surfaces.ts'

/** The embedded database has one session, in which much of this cannot happen: these tests mean most on PostgreSQL. */
const ROUNDS = 5
const AT_ONCE = 8

let app: TestApp
let admin: string
let model: ReturnType<typeof createDictatedModel>
beforeAll(async () => {
	model = createDictatedModel()
	app = await bootApp({ model })
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

const codesOf = (replies: readonly Reply[]) => replies.map(({ code }) => code ?? 'ok').sort()
const one = (code: string, others: string) => [code, ...Array.from({ length: AT_ONCE - 1 }, () => others)].sort()
const crowd = <Result>(ask: (index: number) => Promise<Result>): Promise<Result[]> =>
	Promise.all(Array.from({ length: AT_ONCE }, (_, index) => ask(index)))
const rounds = Array.from({ length: ROUNDS }, (_, round) => round)

describe.each(surfaces)('at once over $name', (surface) => {
	const name = (kind: string, round: number) => `${kind}-${surface.name.toLowerCase()}-${round}`
	const make = (slug: string) => surface.ask(app, createWorkspace, { input: { name: slug, slug } }, admin)
	const upload = (slug: string, text: string, file = 'race.txt') =>
		surface.ask(app, uploadDocument, { slug, input: { file: textFile(file, text) } }, admin)

	it.each(rounds)('one of many workspaces gets the slug (%s)', async (round) => {
		const slug = name('slug', round)
		expect(codesOf(await crowd(() => make(slug)))).toEqual(one('ok', 'CONFLICT'))
		expect(await app.prisma.workspace.count({ where: { slug } })).toBe(1)
	})

	it.each(rounds)('one of many deletions of a workspace is the one (%s)', async (round) => {
		const slug = name('deleted', round)
		await make(slug)
		expect(codesOf(await crowd(() => surface.ask(app, deleteWorkspace, { slug }, admin)))).toEqual(one('ok', 'NOT_FOUND'))
	})

	it.each(rounds)('changes of different fields of a workspace all stay (%s)', async (round) => {
		const slug = name('changed', round)
		await make(slug)
		const changes = [{ name: 'New name' }, { description: 'New description' }, { mode: surface.name === 'REST' ? 'query' : 'QUERY' }]
		const replies = await Promise.all(changes.map((input) => surface.ask(app, updateWorkspace, { slug, input }, admin)))
		expect(codesOf(replies)).toEqual(['ok', 'ok', 'ok'])
		expect(await app.prisma.workspace.findUnique({ where: { slug } })).toMatchObject({
			name: 'New name',
			description: 'New description',
			mode: 'query',
		})
	})

	it.each(rounds)('a workspace is changed or gone (%s)', async (round) => {
		const slug = name('going', round)
		await make(slug)
		const change = () => surface.ask(app, updateWorkspace, { slug, input: { description: 'late' } }, admin)
		const [gone, ...changed] = await Promise.all([surface.ask(app, deleteWorkspace, { slug }, admin), ...Array.from({ length: 6 }, change)])
		expect(gone.code).toBeUndefined()
		for (const { code } of changed) expect([undefined, 'NOT_FOUND']).toContain(code)
	})

	it.each(rounds)('uploads of the same bytes become one document (%s)', async (round) => {
		const text = name('The same bytes', round)
		const replies = await crowd((index) => upload('default-workspace', text, `same-${index}.txt`))
		expect(codesOf(replies)).toEqual(one('ok', 'CONFLICT'))
	})

	it('uploads of the same bytes replace a copy that failed once', async () => {
		const text = name('The bytes that failed', 0)
		const { data } = await upload('default-workspace', text)
		const documentId = Number(data.document.id)
		await ended(app, 'default-workspace', documentId)
		await app.prisma.document.update({
			where: { id: documentId },
			data: { status: 'failed', errorCode: 'INTERNAL', errorProblem: { problem: 'internal', params: [] } },
		})
		expect(codesOf(await crowd((index) => upload('default-workspace', text, `again-${index}.txt`)))).toEqual(one('ok', 'CONFLICT'))
	})

	it.each(rounds)('one of many deletions of a document is the one, in the middle of its processing too (%s)', async (round) => {
		const { data } = await upload('default-workspace', name('To be deleted', round))
		const args = { slug: 'default-workspace', documentId: Number(data.document.id) }
		expect(codesOf(await crowd(() => surface.ask(app, deleteDocument, args, admin)))).toEqual(one('ok', 'NOT_FOUND'))
		expect((await surface.ask(app, getDocument, args, admin)).code).toBe('NOT_FOUND')
		expect(await app.prisma.chunk.count({ where: { documentId: args.documentId } })).toBe(0)
	})

	it.each(rounds)('uploads into a workspace that is deleted are in it or refused (%s)', async (round) => {
		const slug = name('left', round)
		const { data } = await make(slug)
		const workspaceId = Number(data.workspace.id)
		const uploads = Array.from({ length: 6 }, (_, index) => upload(slug, `Upload ${index}`, `upload-${index}.txt`))
		const [gone, ...uploaded] = await Promise.all([surface.ask(app, deleteWorkspace, { slug }, admin), ...uploads])
		expect(gone.code).toBeUndefined()
		for (const { code } of uploaded) expect([undefined, 'NOT_FOUND']).toContain(code)
		expect(await app.prisma.document.count({ where: { workspaceId } })).toBe(0)
	})

	it.each(rounds)('questions of one requestId are one run (%s)', async (round) => {
		const asked = model.asked
		const input = { message: name('One question', round), requestId: name('request', round) }
		const answers = crowd(() => surface.ask(app, sendMessage, { slug: 'default-workspace', input }, admin))
		model.say('One answer.')
		model.finish()
		const replies = await answers
		expect(codesOf(replies)).toEqual(one('ok', 'ok'))
		expect(new Set(replies.map(({ data }) => data.runId)).size).toBe(1)
		expect(model.asked).toBe(asked + 1)
	})

	it.each(rounds)('questions in a workspace that is deleted are answered or refused (%s)', async (round) => {
		const slug = name('silent', round)
		await make(slug)
		for (let answer = 0; answer < 4; answer++) {
			model.say('An answer.')
			model.finish()
		}
		const ask = (index: number) => surface.ask(app, sendMessage, { slug, input: { message: `Question ${index}` } }, admin)
		const [gone, ...replies] = await Promise.all([surface.ask(app, deleteWorkspace, { slug }, admin), ...[0, 1, 2, 3].map(ask)])
		expect(gone.code).toBeUndefined()
		for (const { code } of replies) expect([undefined, 'NOT_FOUND']).toContain(code)
	})

	it.each(rounds)('one of many accounts gets the name (%s)', async (round) => {
		const body = { username: name('somebody', round), password: ADMIN_PASSWORD }
		expect(codesOf(await crowd(() => rest(app, 'POST', '/users', body, admin)))).toEqual(one('ok', 'CONFLICT'))
	})

	it.each(rounds)('sign-ins of an account that is deleted are in or refused (%s)', async (round) => {
		const input = { username: name('leaving', round), password: ADMIN_PASSWORD }
		const { data } = await rest(app, 'POST', '/users', input, admin)
		const [gone, ...replies] = await Promise.all([
			rest(app, 'DELETE', `/users/${data.user.id}`, undefined, admin),
			...[0, 1, 2, 3].map(() => surface.ask(app, login, { input }, null)),
		])
		expect(gone.code).toBeUndefined()
		for (const { code } of replies) expect([undefined, 'UNAUTHENTICATED']).toContain(code)
		expect(await app.prisma.session.count({ where: { userId: Number(data.user.id) } })).toBe(0)
	})

	it.each(rounds)('one of many additions and removals of a member is the one (%s)', async (round) => {
		const username = name('member', round)
		await app.tokenOf(username)
		const { id } = await app.prisma.user.findUniqueOrThrow({ where: { username } })
		const path = '/workspaces/default-workspace/members'
		expect(codesOf(await crowd(() => rest(app, 'POST', path, { userId: id, role: 'viewer' }, admin)))).toEqual(one('ok', 'CONFLICT'))
		expect(codesOf(await crowd(() => rest(app, 'DELETE', `${path}/${id}`, undefined, admin)))).toEqual(one('ok', 'NOT_FOUND'))
	})
})
