import { stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { listWorkspaces, login } from '../support/operations.ts'
import { makePlace, type Place } from '../support/place.ts'
import { surfaces } from '../support/surfaces.ts'

const boot = ({ directory, environment, overrides }: Place) =>
	createApp(readConfig({ DATA_DIR: directory, ADMIN_USERNAME: 'root', LOG_LEVEL: 'silent', ...environment }), {
		durable: false,
		...overrides,
	})

let place: Place
let app: App
beforeAll(async () => {
	place = await makePlace({ isEmpty: true })
	app = await boot(place)
})
afterAll(async () => {
	await app.stop()
	await place.remove()
})

describe('a first start', () => {
	const input = () => ({ username: 'root', password: app.admin?.password ?? '' })

	it('makes up a password that nobody can guess', () => {
		expect(app.admin).toEqual({ username: 'root', password: expect.stringMatching(/^[\w-]{16,}$/) })
	})

	it.each(surfaces)('makes an admin and the default workspace: $name', async (surface) => {
		const { data } = await surface.ask(app, login, { input: input() })
		expect(data.user).toMatchObject({ username: 'root', role: expect.stringMatching(/^admin$/i) })
		const listed = await surface.ask(app, listWorkspaces, {}, data.token)
		expect(listed.data.workspaces).toHaveLength(1)
		expect(listed.data.workspaces[0]).toMatchObject({ name: '默认工作空间', slug: 'default-workspace', description: '默认工作空间描述' })
	})

	it('makes the key of the tokens, for its owner alone', async () => {
		if (place.environment['JWT_SECRET']) return // given: processes share it
		expect((await stat(path.join(place.directory, 'jwt.key'))).mode & 0o777).toBe(0o600)
	})

	it('happens once: after it the token still counts, and nothing is made anew', async () => {
		const { token } = await app.services.auth.login('root', input().password)
		await app.stop()
		app = await boot(place)
		expect(app.admin).toBeNull()
		expect(await app.services.auth.authenticate(token)).toMatchObject({ username: 'root' })
		expect([await app.prisma.user.count(), await app.prisma.workspace.count()]).toEqual([1, 1])
	})
})
